// One way out of an association: opened when first needed, one for all targets that are reached by it, so that each of them sees
// the same port. A lost one is opened again by the next datagram.
import { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { Destination } from '../../protocol/address.ts';
import { DatagramQueue, type RoomShare } from './datagramqueue.ts';
import type { DropReason } from './drops.ts';

/** The target of a datagram. */
export interface Target {
  readonly place: Endpoint | Destination;
  /** RFC 1928 section 7, of `place`. */
  readonly header: Uint8Array;
}

/** An open way out. */
export interface Outlet {
  /** Sends, or returns the reason why not; does not keep `payload`. */
  readonly send: (payload: Uint8Array, to: Target) => DropReason | undefined;
  /** `listener` hears once when it has ended by itself, at once where that has happened already. It still has to be closed. */
  readonly whenLost: (listener: () => void) => void;
  readonly close: () => void;
}

export interface LanePlan {
  /** Among the lanes of its association. */
  readonly number: number;
  /** Text of the route through proxies; empty: straight there. */
  readonly route: string;
  /** Rejects with a Fault, that of `deadline` when the outlet is no longer needed. */
  readonly open: (deadline: Deadline) => Promise<Outlet>;
  readonly openTimeoutMs: number;
  /** The room for datagrams that wait until it is open. */
  readonly share: RoomShare;
  /** The drop reason while it cannot be opened. */
  readonly closedReason: DropReason;
  readonly onDrop: (reason: DropReason | undefined, datagrams?: number) => void;
  /** Called with the reason when it could not be opened. */
  readonly onFault: (fault: Fault) => void;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

/** Between openings, so that a client without an outlet does not cost system calls, or proxies work, for each datagram. */
const RETRY_MS = 1000;

type LaneState =
  | { readonly kind: 'shut' }
  | { readonly kind: 'opening'; readonly deadline: Deadline }
  | { readonly kind: 'open'; readonly outlet: Outlet }
  | { readonly kind: 'ended' };

const SHUT: LaneState = { kind: 'shut' };
const ENDED: LaneState = { kind: 'ended' };

export class Lane {
  readonly #plan: LanePlan;
  readonly #waiting: DatagramQueue<Target>;
  #state: LaneState = SHUT;
  #shutUntilMs = -Infinity;

  constructor(plan: LanePlan) {
    this.#plan = plan;
    this.#waiting = new DatagramQueue(plan.share, () => plan.onDrop('busy'));
  }

  get number(): number {
    return this.#plan.number;
  }

  get route(): string {
    return this.#plan.route;
  }

  /** Sends `payload`, or keeps a copy until it is open; else says why it is dropped. */
  send(payload: Uint8Array, to: Target): DropReason | undefined {
    if (this.#state.kind === 'open') return this.#state.outlet.send(payload, to);
    if (this.#state.kind === 'shut' && this.#plan.now() < this.#shutUntilMs) return this.#plan.closedReason;
    if (!this.#waiting.push(to, payload)) return 'busy';
    if (this.#state.kind === 'shut') this.#open();
    return undefined;
  }

  /** Stops sending, and cancels an opening under way. */
  close(): void {
    const state = this.#state;
    this.#state = ENDED;
    this.#takeAll();
    if (state.kind === 'opening') state.deadline.end(new Fault('CLIENT_CLOSED'));
    if (state.kind === 'open') state.outlet.close();
  }

  #open(): void {
    const { open, openTimeoutMs } = this.#plan;
    const deadline = new Deadline(openTimeoutMs, 'CONNECT_TIMEOUT');
    this.#state = { kind: 'opening', deadline };
    void open(deadline)
      .finally(() => deadline.clear())
      .then(
        (outlet) => this.#begin(outlet),
        (failure: unknown) => this.#fail(failure),
      );
  }

  #begin(outlet: Outlet): void {
    if (this.#state.kind === 'ended') {
      outlet.close();
      return;
    }
    this.#state = { kind: 'open', outlet };
    this.#rest();
    for (const { tag, payload } of this.#takeAll()) this.#plan.onDrop(outlet.send(payload, tag));
    outlet.whenLost(() => this.#lose(outlet));
  }

  #lose(outlet: Outlet): void {
    if (this.#state.kind !== 'open') return;
    this.#state = SHUT;
    outlet.close();
  }

  #fail(failure: unknown): void {
    if (!(failure instanceof Fault)) throw failure;
    if (this.#state.kind === 'ended') return;
    this.#state = SHUT;
    this.#rest();
    this.#plan.onFault(failure);
    this.#plan.onDrop(this.#plan.closedReason, this.#takeAll().length);
  }

  #rest(): void {
    this.#shutUntilMs = this.#plan.now() + RETRY_MS;
  }

  #takeAll(): ReturnType<DatagramQueue<Target>['take']> {
    return this.#waiting.take(() => true);
  }
}
