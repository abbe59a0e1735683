// Which stalled sessions give way when they hold too much together: of the client with most, those stalled for
// longest.
import { FairRoom } from './fairroom.ts';
import type { Owner } from './owner.ts';

/** A session whose receiver does not read. */
export interface Stalled {
  readonly owner: Owner;
  /** Bytes held for it, here and in the kernel. */
  readonly heldBytes: number;
  /** Bytes that it has relayed so far, both directions together. */
  readonly movedBytes: number;
  readonly stalledMs: number;
}

/** TCP memory of the host, as far as the system tells. */
export interface HostMemory {
  readonly usedBytes: number;
  readonly pressureBytes: number;
}

/**
 * The host is short of TCP memory when this part of the limit is used at which its kernel restrains all connections.
 * Sessions then end until the other part is left, and while a request waits for memory that other part counts.
 */
const SHORT = 1 / 6;
const AMPLE = 1 / 8;
/** The part of the bound that stalled sessions may hold however short of memory the host is. */
const LEAST = 1 / 16;
/** In a fair division, one session counts for no more than this part of the allowance. */
const LARGEST_COUNTED = 1 / 4;
/** A room that had to become smaller is at most this part of the allowance smaller than necessary. */
const EXACTNESS = 1 / 32;
/** A client that holds more than this part of the allowance is heavy. */
const HEAVY = 1 / 32;
/** The least memory of a session that moves. */
const LITTLE = 64 * 1024;
/** A session stalled for less does not give way: fast ones stall for moments. */
const PATIENCE_MS = 30;
/**
 * The same for a session that has relayed FAST times what it holds: a busy host may leave its receiver without processor
 * for so long. Who abuses that has to read three times as much as it makes the host hold for a second.
 */
const FAST_PATIENCE_MS = 1000;
const FAST = 4;

/**
 * Bytes that stalled sessions may hold now: `mostBytes`, less what the host lacks, and a sixteenth at least.
 * `waiting`: requests that wait for memory.
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

/** How many further sessions the host has TCP memory for, each as large as the present `sessions`. */
export function newcomersThatFit(host: HostMemory | undefined, sessions: number): number {
  if (host === undefined) return Infinity;
  const eachBytes = Math.max(LITTLE, host.usedBytes / Math.max(1, sessions));
  return Math.max(0, Math.floor((host.pressureBytes * SHORT - host.usedBytes) / eachBytes));
}

export interface Relief<Session extends Stalled> {
  /** The sessions to end. */
  readonly givingWay: readonly Session[];
  /** Whether the client of `owner` holds so much in several sessions that its next ones get less. */
  readonly isHeavy: (owner: Owner) => boolean;
}

/**
 * The steps after which `sessions` hold at most `allowedBytes` together, except for what has just stalled, and for
 * one session that holds more than that alone.
 */
export function relieve<Session extends Stalled>(
  sessions: readonly Session[],
  allowedBytes: number,
): Relief<Session> {
  const oldestFirst = [...sessions].sort((one, other) => other.stalledMs - one.stalledMs);
  const kept = largestThatFits(oldestFirst, Math.floor(allowedBytes));
  return {
    givingWay: oldestFirst.filter((session) => isRipe(session) && !kept.has(session)),
    isHeavy: heavyOf(sessions, allowedBytes * HEAVY),
  };
}

/**
 * Those that stay. A session larger than what it counts for takes the difference from the room of all: the room is
 * the largest with which they hold `allowedBytes` at most.
 */
function largestThatFits<Session extends Stalled>(
  sessions: readonly Session[],
  allowedBytes: number,
): ReadonlySet<Session> {
  const mostCounted = Math.max(1, Math.floor(allowedBytes * LARGEST_COUNTED));
  const keep = (roomBytes: number): ReadonlySet<Session> => keptOf(sessions, roomBytes, mostCounted);
  const fits = (kept: ReadonlySet<Session>): boolean => heldBy(kept, mostCounted) <= allowedBytes;
  const all = keep(allowedBytes);
  if (fits(all)) return all;
  let [low, high] = [mostCounted, allowedBytes];
  let kept = keep(low);
  while (high - low > allowedBytes * EXACTNESS) {
    const middle = Math.floor((low + high) / 2);
    const tried = keep(middle);
    if (fits(tried)) [low, kept] = [middle, tried];
    else high = middle;
  }
  return kept;
}

/** Those of `sessions`, the oldest first, that share `roomBytes` fairly, where each counts for `mostCounted` at most. */
function keptOf<Session extends Stalled>(
  sessions: readonly Session[],
  roomBytes: number,
  mostCounted: number,
): ReadonlySet<Session> {
  const kept = new Map<number, Session>();
  const room = new FairRoom({ max: roomBytes, gives: 'oldest', gaveWay: (place) => kept.delete(place) });
  for (const session of sessions) {
    const place = room.take(session.owner, Math.max(1, Math.min(session.heldBytes, mostCounted)));
    if (place !== undefined) kept.set(place, session);
  }
  return new Set(kept.values());
}

/** What `sessions` hold; those that have just stalled count for `mostCounted` at most. */
function heldBy(sessions: Iterable<Stalled>, mostCounted: number): number {
  let bytes = 0;
  for (const session of sessions)
    bytes += isRipe(session) ? session.heldBytes : Math.min(session.heldBytes, mostCounted);
  return bytes;
}

function isRipe({ stalledMs, heldBytes, movedBytes }: Stalled): boolean {
  return stalledMs >= (movedBytes >= FAST * heldBytes ? FAST_PATIENCE_MS : PATIENCE_MS);
}

/** Clients that hold more than `bytes` in several sessions. */
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
