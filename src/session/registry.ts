// The live sessions of a server.
import { Fault } from '../base/fault.ts';
import type { Session } from './session.ts';

export class Registry {
  readonly #sessions = new Map<number, Session>();
  readonly #whenEmpty: (() => void)[] = [];

  get size(): number {
    return this.#sessions.size;
  }

  /** Oldest first. */
  list(): IterableIterator<Session> {
    return this.#sessions.values();
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session);
  }

  remove(session: Session): void {
    this.#sessions.delete(session.id);
    if (this.#sessions.size > 0) return;
    for (const tell of this.#whenEmpty.splice(0)) tell();
  }

  /** Settles when no session is left. */
  async emptied(): Promise<void> {
    if (this.#sessions.size === 0) return;
    await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
  }

  /** Ends every session now, relaying or not. */
  cutAll(): void {
    for (const session of this.#sessions.values()) {
      session.handshake?.deadline.end(new Fault('SHUTTING_DOWN'));
      session.relay?.cut('reset');
    }
  }
}
