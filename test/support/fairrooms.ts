// A room whose places are watched from outside.
import fc from 'fast-check';
import { FairRoom, type FairRoomPlan, type PlaceNumber } from '../../src/policy/room/fairroom.ts';
import { ownerOf, type Owner } from '../../src/policy/room/owner.ts';
import { ip } from './ip.ts';

/** Two networks with clients of their own, and one whose clients are in two parts. */
export const CLIENTS = [
  '192.0.2.1',
  '192.0.2.2',
  '192.0.2.3',
  '198.51.100.1',
  '2001:db8:0:1::1',
  '2001:db8:0:2::1',
  '2001:db8:0:ff01::1',
  '2001:db8:1::1',
].map((text) => ownerOf(ip(text)));

interface Kept {
  readonly owner: Owner;
  size: number;
}

/** The room, with what it should hold by a count of its own. */
export class Model {
  readonly kept = new Map<PlaceNumber, Kept>();
  readonly gone: Kept[] = [];
  readonly room: FairRoom;

  constructor(plan: Omit<FairRoomPlan, 'gaveWay'>) {
    this.room = new FairRoom({
      ...plan,
      gaveWay: (place) => {
        const kept = this.kept.get(place);
        if (kept === undefined) throw new Error('gave way twice');
        this.gone.push(kept);
        this.kept.delete(place);
      },
    });
  }

  take(owner: Owner, size = 1): PlaceNumber | undefined {
    const place = this.room.take(owner, size);
    if (place === undefined) return undefined;
    if (this.kept.has(place)) throw new Error('a place was given twice');
    this.kept.set(place, { owner, size });
    return place;
  }

  get sum(): number {
    return this.heldBelow([]);
  }

  heldBelow(network: Owner): number {
    let held = 0;
    for (const { owner, size } of this.kept.values())
      if (network.every((key, at) => owner[at] === key)) held += size;
    return held;
  }

  /** Clients and networks of that depth, in the network, with what they hold. */
  parts(network: Owner): Map<string, number> {
    const parts = new Map<string, number>();
    for (const { owner } of this.kept.values()) {
      const key = owner[network.length];
      if (key === undefined || !network.every((each, at) => owner[at] === each)) continue;
      parts.set(key, this.heldBelow([...network, key]));
    }
    return parts;
  }
}

export const client = fc.integer({ min: 0, max: CLIENTS.length - 1 });

export const gives = fc.constantFrom('oldest' as const, 'newest' as const);

export function ownerAt(at: number): Owner {
  const owner = CLIENTS[at];
  if (owner === undefined) throw new RangeError();
  return owner;
}
