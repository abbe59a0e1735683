// Metrics of sessions: their requests, and how long their parts take.
import type { Counter, Histogram, Registry } from 'prom-client';
import { monotonicMs } from '../../base/clock.ts';
import type { LoginWord, SessionEvent, SessionFacts } from '../../session/events.ts';
import type { Prom } from './promclient.ts';

/** Seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const NONE = { up: 0, down: 0 };

type PlaceFor = (name: string) => { readonly name: string; readonly registers: Registry[] };

export class SessionFamilies {
  readonly #sessions: Counter;
  readonly #datagrams: Counter;
  readonly #dropped: Counter;
  readonly #bans: Counter;
  readonly #lookups: Counter;
  readonly #handshakes: Histogram;
  readonly #dials: Histogram;
  readonly #onLogin: (method: LoginWord) => void;
  /** When the requests of commands at work were whole. */
  readonly #requestedAtMs = new WeakMap<SessionFacts, number>();
  /** Sessions that are counted, and may be refused or connected later. */
  readonly #waiting = new WeakSet<SessionFacts>();

  constructor(prom: Prom, placeFor: PlaceFor, onLogin: (method: LoginWord) => void) {
    this.#onLogin = onLogin;
    const counter = (name: string, help: string, labelNames: string[]): Counter =>
      new prom.Counter({ ...placeFor(name), help, labelNames });
    const histogram = (name: string, help: string): Histogram =>
      new prom.Histogram({ ...placeFor(name), help, buckets: BUCKETS });
    this.#sessions = counter(
      'sessions_total',
      'Sessions that were served or refused, by listener and dialect.',
      ['listener', 'version'],
    );
    this.#datagrams = counter(
      'datagrams_total',
      'Datagrams that were passed on, once their association has ended; up: from clients to targets.',
      ['direction'],
    );
    this.#dropped = counter(
      'datagrams_dropped_total',
      'Datagrams that were not passed on, by reason (docs/logging.md), once their association has ended.',
      ['reason'],
    );
    this.#bans = counter('bans_total', 'Bans of clients and of names after failed logins.', ['kind']);
    this.#lookups = counter('name_lookups_total', 'Names that were looked up, by result.', ['result']);
    this.#handshakes = histogram(
      'handshake_duration_seconds',
      'From accept to the whole request, of sessions that got so far.',
    );
    this.#dials = histogram(
      'dial_duration_seconds',
      'From the whole request of CONNECT to the connection, look-up and proxies included, where it succeeded.',
    );
  }

  /** The request of `session` is whole. */
  requested(session: SessionFacts): void {
    const now = monotonicMs();
    this.#requestedAtMs.set(session, now);
    this.#handshakes.observe((now - session.startedAtMs) / 1000);
  }

  lookedUp(result: string): void {
    this.#lookups.inc({ result });
  }

  hear(event: SessionEvent): void {
    switch (event.kind) {
      case 'listening':
        this.#waiting.add(event.session);
        this.#count(event.session);
        return;
      case 'connected':
        this.#connected(event.session);
        return;
      case 'refused':
        if (!this.#waiting.has(event.session)) this.#count(event.session);
        return;
      case 'ended':
        this.#ended(event);
        return;
      case 'banned':
        this.#bans.inc({ kind: event.ban.kind });
        return;
      case 'accepted':
      case 'turnedAway':
      case 'loginFailed':
      case 'stranger':
    }
  }

  #connected(session: SessionFacts): void {
    if (this.#waiting.has(session)) return;
    this.#count(session);
    const requestedAtMs = this.#requestedAtMs.get(session);
    if (requestedAtMs !== undefined) this.#dials.observe((monotonicMs() - requestedAtMs) / 1000);
  }

  #ended({
    session,
    datagrams = NONE,
    dropped = {},
    endedBy,
  }: Extract<SessionEvent, { kind: 'ended' }>): void {
    if (endedBy === 'answered') this.#count(session);
    for (const [direction, count] of Object.entries(datagrams)) this.#datagrams.inc({ direction }, count);
    for (const [reason, count] of Object.entries(dropped)) this.#dropped.inc({ reason }, count);
  }

  #count({ listener = 'none', dialect = 'none', identity, method = 'none' }: SessionFacts): void {
    this.#sessions.inc({ listener, version: dialect.toLowerCase() });
    if (identity?.kind === 'user') this.#onLogin(method);
  }
}
