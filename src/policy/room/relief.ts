// Which stalled sessions give way when they hold too much together: of the client with most, those stalled for
// longest.
import { FairRoom } from './fairroom.ts';
import type { Owner } from './owner.ts';

/** A session whose receiver does not read. */
export interface Stalled {
  readonly owner: Owner;
  /** Bytes held for it, here and in the kernel. */
  readonly heldBytes: number;
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
/** One session counts for no more than this part of the allowance. */
const LARGEST_COUNTED = 1 / 4;
/** A client that holds more than this part of the allowance is heavy. */
const HEAVY = 1 / 32;
/** The least memory of a session that moves. */
const LITTLE = 64 * 1024;
/** A session stalled for less does not give way: fast ones stall for moments. */
const PATIENCE_MS = 30;

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

/** The steps after which `sessions` hold at most `allowedBytes` together, except for those that have just stalled. */
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

/** However much one session holds, that alone is no reason to end it. */
function countedBytes({ heldBytes }: Stalled, allowedBytes: number): number {
  return Math.max(1, Math.floor(Math.min(heldBytes, allowedBytes * LARGEST_COUNTED)));
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
