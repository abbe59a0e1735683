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

export class Accountant {
  readonly #write: (record: AccountRecord) => void;
  /** The counts in the last record of each open session. */
  readonly #told = new Map<SessionFacts, Moved>();
  /** Part of the name of each session, because numbers begin anew with each process. */
  readonly #process = `${Date.now().toString(36)}.${process.pid}`;
  #sessions: () => readonly Session[] = () => [];
  #timer: NodeJS.Timeout | undefined;
  #intervalMs = 0;

  constructor(write: (record: AccountRecord) => void) {
    this.#write = write;
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
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#interim(), untilNext(intervalMs, new Date())).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
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

  /** In pieces, so that nothing waits for the records of ten thousand sessions. */
  #interim(): void {
    const sessions = this.#sessions();
    const piece = (from: number): void => {
      for (const session of sessions.slice(from, from + PIECE_SESSIONS)) {
        if (session.activity === undefined || !this.#told.has(session)) continue;
        const seconds = Math.round(monotonicMs() - session.startedAtMs) / 1000;
        this.#tell('interim', session, session.activity.progress(), { seconds });
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
    more: Pick<AccountRecord, 'seconds' | 'why'> = {},
  ): void {
    const told = this.#told.get(session) ?? NOTHING;
    this.#told.set(session, { bytesUp, bytesDown });
    this.#write({
      time: new Date().toISOString(),
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

/** A day of local time ends with a record of each session, so that sums over days are right. */
function untilNext(intervalMs: number, now: Date): number {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime() - now.getTime();
  return Math.max(1, intervalMs === 0 ? midnight : Math.min(intervalMs, midnight));
}
