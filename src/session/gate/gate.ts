// The way of a client from its listener to the server: it waits for open(), tells by a header of its balancer who it is, and passes the
// layers of the listener.
import type { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { Layer, Layered } from '../../net/layer.ts';
import type { Leg } from '../../net/transport.ts';
import { isTrustedIn } from '../../policy/blocks.ts';
import type { Introduction } from '../introduction.ts';
import type { Snapshot } from '../session.ts';
import { Antechamber, ANTECHAMBER } from './antechamber.ts';
import { Headers } from './headers.ts';

interface GateParts {
  readonly snapshot: () => Snapshot;
  readonly turnedAway: (client: Endpoint, fault: Fault) => void;
  /** Whether one more may wait in an antechamber. */
  readonly hasPlace: (client: Endpoint) => boolean;
  /** Takes over a client that has passed. */
  readonly accept: (leg: Leg, introduction: Introduction | undefined, listener: string | undefined) => void;
}

export class Gate {
  readonly #parts: GateParts;
  readonly #headers: Headers;
  readonly #antechamber: Antechamber;
  /** Clients that came before open(): nothing of theirs is parsed until then. */
  #early: (() => void)[] | undefined = [];

  constructor(parts: GateParts) {
    const { turnedAway } = parts;
    this.#parts = parts;
    this.#headers = new Headers(turnedAway);
    this.#antechamber = new Antechamber({
      ...ANTECHAMBER,
      turnedAway,
    });
  }

  get antechambers(): readonly Antechamber[] {
    return [this.#headers.antechamber, this.#antechamber];
  }

  open(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const goOn of early) goOn();
  }

  stop(): void {
    for (const antechamber of this.antechambers) antechamber.stop();
  }

  /** A client of a plain listener that no balancer passes on is accepted in the same turn. `listener`: as it is bound. */
  arrive(leg: Leg, plan: Layered, listener?: string): void {
    if (this.#early !== undefined) {
      this.#early.push(() => this.arrive(leg, plan, listener));
      return;
    }
    const { proxyProtocol, policy } = this.#parts.snapshot();
    const { layers, balancers = proxyProtocol } = plan;
    if (!isTrustedIn(balancers, leg.remote.ip)) this.#prepare(leg, layers, undefined, listener);
    else if (this.#hasPlace(leg))
      this.#headers.read(leg, policy.here, (introduction) =>
        this.#prepare(leg, layers, introduction, listener),
      );
  }

  #prepare(
    leg: Leg,
    layers: readonly Layer[],
    introduction: Introduction | undefined,
    listener: string | undefined,
  ): void {
    const { accept } = this.#parts;
    if (layers.length === 0) accept(leg, introduction, listener);
    else if (this.#hasPlace(leg))
      this.#antechamber.prepare(leg, layers, (covered) => accept(covered, introduction, listener));
  }

  /** A client without a place is closed. */
  #hasPlace(leg: Leg): boolean {
    const hasPlace = this.#parts.hasPlace(leg.remote);
    if (!hasPlace) leg.close('reset');
    return hasPlace;
  }
}
