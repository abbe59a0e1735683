// How fast sessions move, from two looks at their counters.
import type { SessionReport } from '../control/controlanswer.ts';
import type { TransferRate } from './sessiontable.ts';

export interface RateLook {
  /** Monotonic. */
  readonly atMs: number;
  /** Bytes so far, of all sessions since the start. */
  readonly up: number;
  readonly down: number;
  readonly sessions: readonly SessionReport[];
}

/** The sum of all sessions; zero at the first look. */
export function totalRate(before: RateLook | undefined, now: RateLook): TransferRate {
  return before === undefined ? { up: 0, down: 0 } : rateBetween(before, now, now.atMs - before.atMs);
}

/** By id, of sessions seen in both looks. */
export function sessionRates(before: RateLook | undefined, now: RateLook): ReadonlyMap<number, TransferRate> {
  if (before === undefined) return new Map();
  const known = new Map(before.sessions.map((session) => [session.id, session]));
  return new Map(
    now.sessions.flatMap((session) => {
      const earlier = known.get(session.id);
      return earlier === undefined
        ? []
        : [[session.id, rateBetween(earlier, session, now.atMs - before.atMs)] as const];
    }),
  );
}

interface Bytes {
  readonly up: number;
  readonly down: number;
}

/** Never below zero: another daemon may have taken the place of the first. */
function rateBetween(before: Bytes, now: Bytes, milliseconds: number): TransferRate {
  const perSecond = 1000 / Math.max(1, milliseconds);
  return {
    up: Math.max(0, now.up - before.up) * perSecond,
    down: Math.max(0, now.down - before.down) * perSecond,
  };
}
