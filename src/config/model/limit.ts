// A `limit` line, read and written by limitrules.ts.
import type { Origin } from './origin.ts';

/** The parties of a limit: all clients together, each client, each user, each group. */
export type LimitScope = 'total' | 'client' | 'user' | 'group';

/**
 * The quantity limited: sessions at once, new sessions per second, handshakes at once, bytes per second to the target and from
 * it, bytes of a calendar day and month in both directions, milliseconds of a session.
 */
export type LimitKey = 'sessions' | 'rate' | 'handshakes' | 'up' | 'down' | 'day' | 'month' | 'duration';

/** One `limit` line: `SCOPE[:NAME] WHAT=VALUE ...`. */
export interface LimitRule {
  readonly scope: LimitScope;
  /** The only user or group it applies to; undefined: each of the scope. */
  readonly name: string | undefined;
  /** 0: no limit. Absent keys are left to other lines. */
  readonly values: Readonly<Partial<Record<LimitKey, number>>>;
  readonly origin: Origin;
}
