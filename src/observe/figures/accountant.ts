// The records of sessions for accounts: one when a session has got what it asked for, one each interval and at midnight, one at its end.
import { formatEndpoint } from '../../base/ip.ts';
import { monotonicMs } from '../../base/clock.ts';
import { formatDestination } from '../../protocol/address.ts';
import type { Report, SessionEvent, SessionFacts } from '../../session/events.ts';
import type { Session } from '../../session/session.ts';
import type { AccountRecord, RecordKind } from './accountrecord.ts';

/** Sessions whose interim records are made in one turn of the loop. */
const PIECE_SESSIONS = 200;

interface Moved {
  readonly bytesUp: number;
  readonly bytesDown: number;
}

const NOTHING: Moved = { bytesUp: 0, bytesDown: 0 };

/** How long before midnight the last records of a day are made: what moves in between counts on the next day. */
const BEFORE_MIDNIGHT_MS = 5;
/** Over a longer time the clock of the day and the timer drift apart. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** The sessions of a server. */
export interface AccountedSessions {
  readonly list: () => readonly Session[];
  /** Counts for quotas what a session has moved, at the moment at which a record tells it: so both count it on the same day. */
  readonly book: (session: Session, moved: Moved) => void;
}

const NOBODY: AccountedSessions = { list: () => [], book: () => undefined };

export interface AccountClock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Returns the way to call it off. */
  readonly after: (milliseconds: number, then: () => void) => () => void;
}

const CLOCK: AccountClock = {
  now: Date.now,
  after(milliseconds, then) {
    const timer = setTimeout(then, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

export class Accountant {
  readonly #write: (record: AccountRecord) => void;
  /** The counts in the last record of each open session. */
  readonly #told = new Map<SessionFacts, Moved>();
  /** Part of the name of each session, because numbers begin anew with each process. */
  readonly #process = `${Date.now().toString(36)}.${process.pid}`;
  readonly #clock: AccountClock;
  #sessions = NOBODY;
  #callOff = (): void => undefined;
  #intervalMs = 0;

  constructor(write: (record: AccountRecord) => void, clock = CLOCK) {
    this.#write = write;
    this.#clock = clock;
  }

  /** Writes the records of each event, then passes it on to `next`. */
  hearing(next: Report): Report {
    return (event) => {
      this.#hear(event);
      next(event);
    };
  }

  /** From now on there are interim records, each `intervalMs` (0: at midnight alone). */
  follow(intervalMs: number, sessions = this.#sessions): void {
    this.#sessions = sessions;
    this.#intervalMs = intervalMs;
    this.#callOff();
    this.#callOff = this.#await();
  }

  stop(): void {
    this.#callOff();
  }

  #await(): () => void {
    const { now, after } = this.#clock;
    const nowMs = now();
    const dayEndsMs = endOfDay(nowMs);
    const untilThen = dayEndsMs - BEFORE_MIDNIGHT_MS - nowMs;
    if (this.#intervalMs > 0 && this.#intervalMs < untilThen)
      return after(this.#intervalMs, () => this.#interim());
    return untilThen > LONGEST_WAIT_MS
      ? after(LONGEST_WAIT_MS, () => this.follow(this.#intervalMs))
      : after(untilThen, () => this.#interim(dayEndsMs - 1));
  }

  #hear(event: SessionEvent): void {
    if (event.kind === 'connected' || event.kind === 'listening') this.#start(event.session);
    else if (event.kind === 'ended') this.#stop(event);
    else if (event.kind === 'refused') this.#told.delete(event.session);
  }

  /** BIND begins twice. */
  #start(session: SessionFacts): void {
    if (this.#told.has(session)) return;
    this.#tell('start', session, NOTHING);
  }

  /** A session that ended with its reply has no `start`, and nothing to account for. */
  #stop({ session, seconds, endedBy, ...moved }: Extract<SessionEvent, { kind: 'ended' }>): void {
    if (!this.#told.has(session)) return;
    this.#tell('stop', session, moved, { seconds: Math.round(seconds * 1000) / 1000, why: endedBy });
    this.#told.delete(session);
  }

  /**
   * In pieces, so that nothing waits for the records of ten thousand sessions. Records for the end of a day bear no later time than
   * `latestMs`.
   */
  #interim(latestMs = Infinity): void {
    const sessions = this.#sessions.list();
    const piece = (from: number): void => {
      for (const session of sessions.slice(from, from + PIECE_SESSIONS)) {
        if (session.activity === undefined || !this.#told.has(session)) continue;
        const seconds = Math.round(monotonicMs() - session.startedAtMs) / 1000;
        const moved = session.activity.progress();
        this.#sessions.book(session, moved);
        const atMs = Math.min(this.#clock.now(), latestMs);
        this.#tell('interim', session, moved, { seconds, atMs });
      }
      if (from + PIECE_SESSIONS < sessions.length) setImmediate(() => piece(from + PIECE_SESSIONS)).unref();
    };
    piece(0);
    this.follow(this.#intervalMs);
  }

  #tell(
    record: RecordKind,
    session: SessionFacts,
    { bytesUp, bytesDown }: Moved,
    { atMs = this.#clock.now(), ...more }: Pick<AccountRecord, 'seconds' | 'why'> & { atMs?: number } = {},
  ): void {
    const told = this.#told.get(session) ?? NOTHING;
    this.#told.set(session, { bytesUp, bytesDown });
    this.#write({
      time: new Date(atMs).toISOString(),
      record,
      session: `${this.#process}-${session.id}`,
      ...factsOf(session),
      ...more,
      up: bytesUp,
      down: bytesDown,
      moreUp: bytesUp - told.bytesUp,
      moreDown: bytesDown - told.bytesDown,
    });
  }
}

function factsOf({
  client,
  identity,
  listener,
  command,
  destination,
  dialled,
  via,
}: SessionFacts): Partial<AccountRecord> {
  const user = identity?.kind === 'user' ? identity : undefined;
  return {
    client: formatEndpoint(client),
    user: user?.name,
    group: user?.group,
    userid: identity?.kind === 'anonymous' ? identity.userId : undefined,
    listener,
    command,
    dest: destination && formatDestination(destination),
    dialled: dialled && formatEndpoint(dialled),
    via,
  };
}

/**
 * The end of the day of local time, in milliseconds since 1970: it ends with a record of each session, so that sums over days are right.
 * In its last moments that of the next one, for the records of this one are made.
 */
function endOfDay(nowMs: number): number {
  const day = new Date(nowMs + BEFORE_MIDNIGHT_MS);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime();
}
