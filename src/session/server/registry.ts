// The live sessions of a server, and how one of them is ended.
import { Fault, type FaultCode } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import { LinkedList } from '../../base/linkedlist.ts';
import { LISTENER } from '../dialect.ts';
import type { EndReason } from '../events.ts';
import type { Session } from '../session.ts';
import { Handshakes } from './handshakes.ts';

/** The fault with which the client of a handshake is refused. */
const FAULT_OF: Readonly<Record<EndReason, FaultCode>> = {
  quota: 'LIMIT_REACHED',
  'duration-limit': 'LIMIT_REACHED',
  kicked: 'KICKED',
  'not-allowed': 'NO_LONGER_ALLOWED',
  stalled: 'RESOURCES_EXHAUSTED',
};

export class Registry {
  readonly #sessions = new LinkedList<Session>();
  /** Those whose request is not whole. */
  readonly #handshakes = new Handshakes();
  readonly #whenEmpty: (() => void)[] = [];

  get size(): number {
    return this.#sessions.size;
  }

  /** Oldest first. */
  list(): readonly Session[] {
    return this.#sessions.items();
  }

  add(session: Session): void {
    session.place = this.#sessions.append(session);
    this.#handshakes.add(session);
  }

  /** Its request is whole. */
  settle(session: Session): void {
    this.#handshakes.remove(session);
  }

  remove(session: Session): void {
    this.settle(session);
    if (session.place !== undefined) this.#sessions.remove(session.place);
    if (this.#sessions.size > 0) return;
    for (const tell of this.#whenEmpty.splice(0)) tell();
  }

  /** The newcomer, without a login or a request yet, that makes room for `arriving`; see firstToGo(). */
  newcomerInTheWayOf(arriving: Ip | undefined): Session | undefined {
    return this.#handshakes.firstToGo(arriving);
  }

  /** How many newcomers come from that network, the widest one that a client is in. */
  newcomersOf(network: string): number {
    return this.#handshakes.heldBy(network);
  }

  /** Settles when no session is left. */
  async emptied(): Promise<void> {
    if (this.#sessions.size === 0) return;
    await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
  }

  /** Ends a session now, relaying or not; its record says why. The first reason stays. */
  end(session: Session, reason: EndReason): void {
    session.endReason ??= reason;
    session.handshake?.deadline.end(new Fault(FAULT_OF[session.endReason]));
    session.activity?.cut('reset');
  }

  /** Ends those whose client has had a session, and has not asked for the next thing. */
  endIdle(): void {
    for (const { handshake } of this.#sessions.items())
      if (handshake?.isKept === true && handshake.speaker === LISTENER)
        handshake.deadline.end(new Fault('SHUTTING_DOWN'));
  }

  /** Ends every session now, relaying or not. */
  cutAll(): void {
    for (const session of this.#sessions.items()) {
      session.handshake?.deadline.end(new Fault('SHUTTING_DOWN'));
      session.activity?.cut('reset');
    }
  }
}
