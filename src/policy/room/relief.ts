// Which stalled sessions give way when they hold too much together: of whoever holds most, those that have been stalled longest.
import { FairRoom } from './fairroom.ts';
import type { Owner } from './owner.ts';

/** A session whose receiver does not read. */
export interface Stalled {
  readonly owner: Owner;
  /** Bytes that are held for it, here and in the kernel. */
  readonly heldBytes: number;
  readonly stalledMs: number;
}

/** TCP memory of the host, as far as it is told. */
export interface HostMemory {
  readonly usedBytes: number;
  readonly pressureBytes: number;
}

/**
 * The host is short of TCP memory when this part is used of what makes its kernel restrain all connections; so much is freed
 * then that the other part is left, and while somebody waits for memory that one counts.
 */
const SHORT = 1 / 6;
const AMPLE = 1 / 8;
/** Part of the bound that stalled sessions may hold however short of memory the host is. */
const LEAST = 1 / 16;
/** Of what is allowed one session counts for no more than this part. */
const LARGEST_COUNTED = 1 / 4;
/** A client that holds more than this part of what is allowed is heavy. */
const HEAVY = 1 / 32;
/** What a session that moves takes at least. */
const LITTLE = 64 * 1024;
/** Who has been stalled for less does not give way: fast sessions are stalled for moments. */
const PATIENCE_MS = 30;

/**
 * Bytes that stalled sessions may hold now: `mostBytes`, or as much less as the host is short of memory, which leaves them a
 * sixteenth at least. `waiting`: requests that wait for memory.
 */
export function allowanceOf(
  heldBytes: number,
  mostBytes: number,
  host: HostMemory | undefined,
  waiting: number,
): number {
  if (host === undefined || host.usedBytes <= host.pressureBytes * (waiting > 0 ? AMPLE : SHORT))
    return mostBytes;
  const left = (heldBytes * host.pressureBytes * AMPLE) / host.usedBytes;
  return Math.max(mostBytes * LEAST, Math.min(mostBytes, left));
}

/** How many more sessions like the `sessions` there are the host has TCP memory for. */
export function newcomersThatFit(host: HostMemory | undefined, sessions: number): number {
  if (host === undefined) return Infinity;
  const eachBytes = Math.max(LITTLE, host.usedBytes / Math.max(1, sessions));
  return Math.max(0, Math.floor((host.pressureBytes * SHORT - host.usedBytes) / eachBytes));
}

export interface Relief<Session extends Stalled> {
  /** Those that have to end. */
  readonly givingWay: readonly Session[];
  /** Whether the client of `owner` holds so much in several sessions that its next ones get less. */
  readonly isHeavy: (owner: Owner) => boolean;
}

/** What is to be done so that `sessions` hold at most `allowedBytes` together, but for those that stalled just now. */
export function relieve<Session extends Stalled>(
  sessions: readonly Session[],
  allowedBytes: number,
): Relief<Session> {
  const givingWay: Session[] = [];
  const byPlace = new Map<number, Session>();
  const room = new FairRoom({
    max: Math.floor(allowedBytes),
    gives: 'oldest',
    gaveWay: (place) => give(byPlace.get(place)),
  });
  const give = (session: Session | undefined): void => {
    if (session !== undefined && session.stalledMs >= PATIENCE_MS) givingWay.push(session);
  };
  for (const session of [...sessions].sort((one, other) => other.stalledMs - one.stalledMs)) {
    const place = room.take(session.owner, countedBytes(session, allowedBytes));
    if (place === undefined) give(session);
    else byPlace.set(place, session);
  }
  return { givingWay, isHeavy: heavyOf(sessions, allowedBytes * HEAVY) };
}

/** However much one session holds, it alone is no reason to end it. */
function countedBytes({ heldBytes }: Stalled, allowedBytes: number): number {
  return Math.max(1, Math.floor(Math.min(heldBytes, allowedBytes * LARGEST_COUNTED)));
}

/** Clients that hold more than `bytes` in more than one session. */
function heavyOf(sessions: readonly Stalled[], bytes: number): (owner: Owner) => boolean {
  const held = new Map<string | undefined, { bytes: number; sessions: number }>();
  for (const { owner, heldBytes } of sessions) {
    const before = held.get(owner.at(-1)) ?? { bytes: 0, sessions: 0 };
    held.set(owner.at(-1), { bytes: before.bytes + heldBytes, sessions: before.sessions + 1 });
  }
  return (owner) => {
    const own = held.get(owner.at(-1));
    return own !== undefined && own.sessions > 1 && own.bytes > bytes;
  };
}
