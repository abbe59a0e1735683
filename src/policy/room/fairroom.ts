// A bounded room that many clients share: for what waits, what is remembered, what is held for them. Until it is
// full, every client may take from it. Then the client with most gives way, so a client who fills it evicts its own
// places and a newcomer is served.
import { Holder, NONE, type IsBusy } from './holder.ts';
import type { Owner } from './owner.ts';
import { PlaceLists, type PlaceNumber } from './placelists.ts';

export type { IsBusy } from './holder.ts';
export type { PlaceNumber } from './placelists.ts';

export interface FairRoomPlan {
  /** Units of all holders together. */
  readonly max: number;
  /** Units of one client; default: all of them. */
  readonly maxPerClient?: number;
  /** Which place of the largest holder gives way: `oldest` suits remembered facts, `newest` suits a queue. */
  readonly gives: 'oldest' | 'newest';
  /** The place gave way. It is released already; the caller's data for it is still there. */
  readonly gaveWay: (place: PlaceNumber) => void;
}

/**
 * Invariants, in any order of calls: the sum is never above `max`. A client that holds nothing is never refused one
 * unit while a client or network holds two, nor at all if the `oldest` gives way. Only a place of the largest holder
 * gives way: of the network that holds most, in it the part that holds most, and so on; of equals, of the one that
 * has held that much for longest. Each step takes O(log n) of the holders at each level of an owner.
 */
export class FairRoom {
  readonly #plan: FairRoomPlan;
  readonly #maxPerClient: number;
  readonly #root = new Holder();
  readonly #places = new PlaceLists();

  constructor(plan: FairRoomPlan) {
    this.#plan = plan;
    this.#maxPerClient = Math.min(plan.max, plan.maxPerClient ?? plan.max);
  }

  /** Units taken. */
  get held(): number {
    return this.#root.held;
  }

  /** Units of the client of `owner`, or of a network: `owner` may be the front part of one. */
  heldBy(owner: Owner): number {
    return this.#find(owner)?.held ?? 0;
  }

  /** Takes `size` units for `owner`, for which other places may give way; undefined: the owner itself holds most. */
  take(owner: Owner, size = 1): PlaceNumber | undefined {
    if (!this.#makeRoom(owner, size, NONE)) return undefined;
    let leaf = this.#root;
    for (const key of owner) leaf = leaf.join(key);
    const place = this.#places.add(leaf, size);
    leaf.count(size);
    return place;
  }

  /** Resizes `place` to `size` units; false: there is no room for that, and the place stays as it is. */
  resize(place: PlaceNumber, size: number): boolean {
    const leaf = this.#places.leafOf(place);
    const more = size - this.#places.sizeOf(place);
    if (more > 0 && !this.#makeRoom(ownerOfLeaf(leaf), more, place)) return false;
    this.#places.setSize(place, size);
    leaf.count(more);
    return true;
  }

  /** Makes `place` the newest of its owner. */
  touch(place: PlaceNumber): void {
    this.#places.touch(place);
  }

  release(place: PlaceNumber): void {
    const leaf = this.#places.leafOf(place);
    leaf.count(-this.#places.sizeOf(place));
    this.#places.remove(place);
    if (leaf.places === 0) leaf.leave();
  }

  /**
   * The oldest place of the client whose turn it is: networks in turn, in them their parts, skipping busy ones. It
   * stays until released.
   */
  next(isBusy: IsBusy = () => false): PlaceNumber | undefined {
    return this.#root.takeTurn(isBusy)?.oldest;
  }

  /**
   * The place that would give way to one unit of `newcomer` (absent: an unknown one) if the room were full. It stays
   * until released. undefined: there is none, or the newcomer holds most.
   */
  first(newcomer?: Owner): PlaceNumber | undefined {
    const leaf = newcomer === undefined ? leafOf(this.#root) : this.#largestBeside(newcomer, 1);
    const place = this.#plan.gives === 'oldest' ? leaf?.oldest : leaf?.newest;
    return place === NONE ? undefined : place;
  }

  #find(owner: Owner): Holder | undefined {
    let holder: Holder | undefined = this.#root;
    for (const key of owner) holder = holder?.part(key);
    return holder;
  }

  /** `keep` is the place that grows, and so cannot give way to itself. */
  #makeRoom(owner: Owner, size: number, keep: PlaceNumber): boolean {
    const { max, gives } = this.#plan;
    if (size > max) return false;
    for (let own = this.#find(owner); (own?.held ?? 0) + size > this.#maxPerClient; own = this.#find(owner)) {
      if (own === undefined || gives === 'newest' || !this.#giveWay(own, keep)) return false;
    }
    while (this.#root.held + size > max) {
      const leaf = this.#largestBeside(owner, size);
      if (leaf === undefined || !this.#giveWay(leaf, keep)) return false;
    }
    return true;
  }

  /** Evicts one place of `leaf`, unless it is the one that is asked for. */
  #giveWay(leaf: Holder, keep: PlaceNumber): boolean {
    const { gives, gaveWay } = this.#plan;
    const place = gives === 'oldest' ? leaf.oldest : leaf.newest;
    if (place === NONE || place === keep) return false;
    this.release(place);
    gaveWay(place);
    return true;
  }

  /**
   * The client that has to give way to `size` units of `owner`: from the widest networks down, until a part is found
   * that holds more than the owner's own part would. undefined: the owner's own part is the largest everywhere, and
   * the newest place would be the one asked for.
   */
  #largestBeside(owner: Owner, size: number): Holder | undefined {
    const isNew = this.#find(owner) === undefined;
    let holder = this.#root;
    for (const key of owner) {
      const { largest } = holder;
      const own = holder.part(key);
      const held = own?.held ?? 0;
      // An owner without any place needs no more than one that holds more than the owner's whole network.
      const enough = isNew ? Math.max(held, size) : held + size;
      if (largest !== undefined && largest !== own && largest.held > enough) return leafOf(largest);
      if (own === undefined) return leafOfMoreThan(size, holder) ?? this.#equalTo(size, holder);
      holder = own;
    }
    return this.#plan.gives === 'oldest' ? holder : undefined;
  }

  /** Within `network`, whose other parts hold no more: an old place is worth less than a new one. */
  #equalTo(size: number, { largest }: Holder): Holder | undefined {
    return this.#plan.gives === 'newest' || largest === undefined || largest.held < size
      ? undefined
      : leafOf(largest);
  }
}

/**
 * Within `network`, no part of which holds more than `size`, or else in a network around it: these are as large as
 * any beside them.
 */
function leafOfMoreThan(size: number, network: Holder): Holder | undefined {
  let holder = network;
  while (holder.parent !== undefined && holder.held <= size) holder = holder.parent;
  return holder.parent === undefined ? undefined : leafOf(holder);
}

/** Down along the largest parts. */
function leafOf(holder: Holder): Holder {
  let leaf = holder;
  for (let part = leaf.largest; part !== undefined; part = leaf.largest) leaf = part;
  return leaf;
}

function ownerOfLeaf(leaf: Holder): Owner {
  const keys: string[] = [];
  for (let each = leaf; each.parent !== undefined; each = each.parent) keys.unshift(each.key);
  return keys;
}
