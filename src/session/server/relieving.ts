// Bounds the memory that stalled sessions hold together, here and in the kernel. Checks begin when two are stalled, four times
// a second, and faster when they become many or memory is short.
import type { Ip } from '../../base/ip.ts';
import type { ReadTcpMemory } from '../../net/native/tcpmemory.ts';
import type { Stall, StallWatch } from '../../net/transport.ts';
import { ownerOf, type Owner } from '../../policy/room/owner.ts';
import { allowanceOf, newcomersThatFit, relieve, type Stalled } from '../../policy/room/relief.ts';
import type { Session } from '../session.ts';
import type { Registry } from './registry.ts';

/** One alone does not give way. */
const FEW = 2;
const CALM_MS = 250;
/** Memory grows by tens of megabytes in this time, on loopback. */
const URGENT_MS = 10;
/** Urgent from this fraction of the allowance on. */
const URGENT_PART = 1 / 2;
const LONGEST_WAIT_MS = 1000;

interface RelievingParts {
  readonly registry: Registry;
  readonly stalls: StallWatch;
  readonly readTcpMemory: ReadTcpMemory;
}

type StalledSession = Stalled & { readonly session: Session };

/** The result of the last check. */
interface View {
  readonly isShort: boolean;
  readonly isHeavy: (owner: Owner) => boolean;
}

export class Relieving {
  readonly #parts: RelievingParts;
  /** Requests that wait for memory, the first one first. */
  readonly #waiters = new Set<() => void>();
  #mostBytes: number;
  #view: View | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** `mostBytes`: 0 sets no limit. */
  constructor(parts: RelievingParts, mostBytes: number) {
    this.#parts = parts;
    this.#mostBytes = mostBytes;
    this.#look();
  }

  follow(mostBytes: number): void {
    this.#mostBytes = mostBytes;
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#rest(0);
  }

  /** Whether a new relay of this client gets small buffers, because it holds much in others that stand still. */
  isHeavy(client: Ip): boolean {
    return this.#view?.isHeavy(ownerOf(client)) ?? false;
  }

  /** While memory is short, a client that holds much of it waits, LONGEST_WAIT_MS at most; undefined when it need not. */
  turnOf(client: Ip): Promise<void> | undefined {
    if (this.#view?.isShort !== true || !this.isHeavy(client)) return undefined;
    return new Promise((resolve) => {
      const goOn = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(goOn);
        resolve();
      };
      const timer = setTimeout(goOn, LONGEST_WAIT_MS);
      this.#waiters.add(goOn);
    });
  }

  readonly #look = (): void => {
    const { stalls, registry } = this.#parts;
    if (this.#stopped) return;
    const { count } = stalls;
    if (this.#mostBytes === 0 || count < FEW) {
      this.#rest(this.#mostBytes === 0 ? 0 : FEW);
      return;
    }
    clearTimeout(this.#timer);
    const found = stalls.survey(2 * count, this.#look);
    const isPressing = this.#relieve(registry.list().flatMap((session) => stalledOf(session, found)));
    // Threads that have not answered yet are asked again soon.
    const urgent = isPressing || found.size < count / 2;
    this.#timer = setTimeout(this.#look, urgent ? URGENT_MS : CALM_MS).unref();
  };

  /** No checks until `tellAt` are stalled. */
  #rest(tellAt: number): void {
    clearTimeout(this.#timer);
    this.#view = undefined;
    this.#parts.stalls.survey(tellAt, this.#look);
    this.#admit(Infinity);
  }

  /** Ends those that have to give way; whether it is urgent to look again. */
  #relieve(sessions: readonly StalledSession[]): boolean {
    const { registry, readTcpMemory } = this.#parts;
    const heldBytes = sessions.reduce((sum, session) => sum + session.heldBytes, 0);
    const host = readTcpMemory();
    const allowedBytes = allowanceOf(heldBytes, this.#mostBytes, host, this.#waiters.size);
    const { givingWay, isHeavy } = relieve(sessions, allowedBytes);
    for (const { session } of givingWay) registry.end(session, 'stalled');
    const isShort = allowedBytes < this.#mostBytes || heldBytes > allowedBytes;
    this.#view = { isShort, isHeavy };
    const waiting = this.#waiters.size;
    if (heldBytes <= allowedBytes || host !== undefined)
      this.#admit(newcomersThatFit(host, registry.size - waiting));
    return isShort || heldBytes > allowedBytes * URGENT_PART || this.#waiters.size > 0;
  }

  #admit(most: number): void {
    let count = 0;
    for (const goOn of this.#waiters) {
      if (count >= most) return;
      count += 1;
      goOn();
    }
  }
}

function stalledOf(session: Session, found: ReadonlyMap<unknown, Stall>): readonly StalledSession[] {
  const { activity, endReason, client } = session;
  const stall = activity && endReason === undefined ? found.get(activity) : undefined;
  if (activity === undefined || stall === undefined) return [];
  const { bytesUp, bytesDown } = activity.progress();
  return [{ ...stall, movedBytes: bytesUp + bytesDown, owner: ownerOf(client.ip), session }];
}
