// A server: listeners that hand their legs to sessions, under one limit and one snapshot at a time.
import { Deadline } from '../base/deadline.ts';
import { Fault } from '../base/fault.ts';
import { formatEndpoint, type Endpoint } from '../base/ip.ts';
import type { Leg, Listener, RelayEnd } from '../net/transport.ts';
import { Registry } from './registry.ts';
import { serve } from './serve.ts';
import type { Handshake, Session, Snapshot, Surroundings } from './session.ts';
import { TurnedAway } from './turnedaway.ts';

export class Server {
  readonly registry = new Registry();
  readonly #surroundings: Surroundings;
  readonly #turnedAway: TurnedAway;
  readonly #listeners = new Map<string, Listener>();
  /** Sessions for which the process has descriptors. */
  readonly #sessionCapacity: number;
  #snapshot: Snapshot;
  #lastId = 0;
  /** Legs that came before open(): nothing of theirs is parsed until then. */
  #early: Leg[] | undefined = [];

  constructor(surroundings: Surroundings, snapshot: Snapshot, sessionCapacity = Infinity) {
    this.#surroundings = surroundings;
    this.#snapshot = snapshot;
    this.#sessionCapacity = sessionCapacity;
    this.#turnedAway = new TurnedAway(surroundings.report);
  }

  /** New sessions get `snapshot`; live ones keep theirs. */
  replace(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
  }

  /** Endpoints as they were asked for, for comparing with a new configuration. */
  get listening(): readonly string[] {
    return [...this.#listeners.keys()];
  }

  /** The same as they are bound, with real ports. */
  get bound(): readonly Endpoint[] {
    return [...this.#listeners.values()].map(({ local }) => local);
  }

  /** Starts to listen; rejects with the system's error. Gives the bound endpoint. */
  async listen(address: Endpoint): Promise<Endpoint> {
    const listener = await this.#surroundings.transport.listen(address, (leg) => this.#accept(leg), {
      onStarved: (fault) => this.#turnedAway.note(undefined, fault),
    });
    this.#listeners.set(formatEndpoint(address), listener);
    return listener.local;
  }

  /** Starts to serve: call it once privileges are dropped. Clients that connected before wait until then. */
  open(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const leg of early) this.#accept(leg);
  }

  /** Stops one listener of `listening`. */
  unlisten(address: string): void {
    this.#listeners.get(address)?.close();
    this.#listeners.delete(address);
  }

  /** Stops accepting, waits up to `drainMs` for the sessions, then cuts what is left. */
  async stop(drainMs: number): Promise<void> {
    for (const address of this.listening) this.unlisten(address);
    const timer = setTimeout(() => this.registry.cutAll(), drainMs);
    await this.registry.emptied();
    clearTimeout(timer);
    this.#turnedAway.stop();
  }

  #accept(leg: Leg): void {
    if (this.#early !== undefined) {
      this.#early.push(leg);
      return;
    }
    const limit = this.#snapshot.maxSessions === 0 ? Infinity : this.#snapshot.maxSessions;
    if (this.registry.size >= Math.min(limit, this.#sessionCapacity)) {
      const code = this.registry.size >= limit ? 'SESSIONS_FULL' : 'RESOURCES_EXHAUSTED';
      // Without a word and without waiting for its FIN: whoever is too much must not hold a descriptor.
      leg.close('reset');
      this.#turnedAway.note(leg.remote, new Fault(code));
      return;
    }
    void this.#run(leg);
  }

  async #run(leg: Leg): Promise<void> {
    const handshake = this.#newHandshake(leg);
    const { session } = handshake;
    this.registry.add(session);
    this.#surroundings.report({ kind: 'accepted', session });
    const relay = await serve(handshake, this.#surroundings);
    session.handshake = undefined;
    session.relay = relay;
    if (relay === undefined) this.registry.remove(session);
    else relay.whenEnded((end) => this.#finish(session, end));
  }

  #finish(session: Session, end: RelayEnd): void {
    const seconds = (performance.now() - session.startedAtMs) / 1000;
    this.#surroundings.report({ kind: 'ended', session, seconds, ...end });
    this.registry.remove(session);
  }

  #newHandshake(leg: Leg): Handshake {
    const snapshot = this.#snapshot;
    const deadline = new Deadline(snapshot.handshakeTimeoutMs, 'HANDSHAKE_TIMEOUT');
    deadline.whenEnded((fault) => leg.abort(fault));
    const session = this.#newSession(leg.remote);
    session.handshake = { session, snapshot, leg, version: 5, owed: 'nothing', deadline };
    return session.handshake;
  }

  #newSession(client: Endpoint): Session {
    this.#lastId += 1;
    return {
      id: this.#lastId,
      client,
      startedAtMs: performance.now(),
      identity: undefined,
      command: undefined,
      destination: undefined,
      dialled: undefined,
      handshake: undefined,
      relay: undefined,
    };
  }
}
