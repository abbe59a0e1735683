// A bounded room that many share: what waits, what is remembered, what is held for clients. While there is room all may take it.
// When it is full, whoever holds most gives way, so that a client who fills it drives out his own and a newcomer is served.
import { Holder, NONE, type IsBusy } from './holder.ts';
import type { Owner } from './owner.ts';
import { PlaceLists, type Place } from './placelists.ts';

export type { IsBusy } from './holder.ts';
export type { Place } from './placelists.ts';

export interface FairRoomPlan {
  /** Units that all hold together. */
  readonly max: number;
  /** Units of one client; the default is all of them. */
  readonly maxPerClient?: number;
  /** Which place of the largest holder gives way: `oldest` suits what is remembered, `newest` what waits in a queue. */
  readonly gives: 'oldest' | 'newest';
  /** This place gave way. It is released already, and what the caller keeps for it is still there. */
  readonly gaveWay: (place: Place) => void;
}

/**
 * What holds, whatever is taken in whatever order: the sum is never above `max`. A client that holds nothing is never refused
 * one unit while a client or network holds two, nor at all where the `oldest` gives way. Only of the holder of most does a
 * place give way: of the network that holds most, in it the part that holds most, and so on; of equals, of the one that has
 * held so much for longest. Each step takes O(log n) of the holders at each of the levels of an owner.
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

  /** Units that are held. */
  get held(): number {
    return this.#root.held;
  }

  /** Units that the client of `owner` holds, or a network: `owner` may be the front part of one. */
  heldBy(owner: Owner): number {
    return this.#find(owner)?.held ?? 0;
  }

  /** Takes `size` units for `owner`, for which other places may have to give way; undefined: it holds most itself. */
  take(owner: Owner, size = 1): Place | undefined {
    if (!this.#makeRoom(owner, size, NONE)) return undefined;
    let leaf = this.#root;
    for (const key of owner) leaf = leaf.join(key);
    const place = this.#places.add(leaf, size);
    leaf.count(size);
    return place;
  }

  /** From now on `place` has `size` units; false: there is no room for that, and it stays as it is. */
  resize(place: Place, size: number): boolean {
    const leaf = this.#places.leafOf(place);
    const more = size - this.#places.sizeOf(place);
    if (more > 0 && !this.#makeRoom(ownerOfLeaf(leaf), more, place)) return false;
    this.#places.setSize(place, size);
    leaf.count(more);
    return true;
  }

  /** `place` is its owner's newest from now on. */
  touch(place: Place): void {
    this.#places.touch(place);
  }

  release(place: Place): void {
    const leaf = this.#places.leafOf(place);
    leaf.count(-this.#places.sizeOf(place));
    this.#places.remove(place);
    if (leaf.places === 0) leaf.leave();
  }

  /**
   * The oldest place of the client whose turn it is: networks in turn, in them their parts, without those that are busy. It stays
   * until it is released.
   */
  next(isBusy: IsBusy = () => false): Place | undefined {
    return this.#root.takeTurn(isBusy)?.oldest;
  }

  /**
   * The place that would give way to one unit of `newcomer` if the room were full, or to somebody of whom nothing is known. It stays
   * until it is released. undefined: there is none, or the newcomer holds most.
   */
  first(newcomer?: Owner): Place | undefined {
    const leaf = newcomer === undefined ? leafOf(this.#root) : this.#largestBeside(newcomer, 1);
    const place = this.#plan.gives === 'oldest' ? leaf?.oldest : leaf?.newest;
    return place === NONE ? undefined : place;
  }

  #find(owner: Owner): Holder | undefined {
    let holder: Holder | undefined = this.#root;
    for (const key of owner) holder = holder?.part(key);
    return holder;
  }

  /** `keep` is the place that shall grow, which cannot give way to itself. */
  #makeRoom(owner: Owner, size: number, keep: Place): boolean {
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

  /** One place of `leaf` goes, unless it would be the one that is asked for. */
  #giveWay(leaf: Holder, keep: Place): boolean {
    const { gives, gaveWay } = this.#plan;
    const place = gives === 'oldest' ? leaf.oldest : leaf.newest;
    if (place === NONE || place === keep) return false;
    this.release(place);
    gaveWay(place);
    return true;
  }

  /**
   * The client that has to give way to `size` units of `owner`: down from the widest networks, until a part is found that holds
   * more than the owner's own part would. undefined: the owner's own is the largest everywhere, and its newest is what it asks for.
   */
  #largestBeside(owner: Owner, size: number): Holder | undefined {
    const isNew = this.#find(owner) === undefined;
    let holder = this.#root;
    for (const key of owner) {
      const { largest } = holder;
      const own = holder.part(key);
      const held = own?.held ?? 0;
      // Whoever has nothing yet needs no more than one that has more than his whole network.
      const enough = isNew ? Math.max(held, size) : held + size;
      if (largest !== undefined && largest !== own && largest.held > enough) return leafOf(largest);
      if (own === undefined) return leafOfMoreThan(size, holder) ?? this.#equalTo(size, holder);
      holder = own;
    }
    return this.#plan.gives === 'oldest' ? holder : undefined;
  }

  /** In `network`, where nobody holds more: a place that is old is worth less than a new one. */
  #equalTo(size: number, { largest }: Holder): Holder | undefined {
    return this.#plan.gives === 'newest' || largest === undefined || largest.held < size
      ? undefined
      : leafOf(largest);
  }
}

/** In `network`, no part of which holds more than `size`, or else in one around it: these are as large as any beside them. */
function leafOfMoreThan(size: number, network: Holder): Holder | undefined {
  let holder = network;
  while (holder.parent !== undefined && holder.held <= size) holder = holder.parent;
  return holder.parent === undefined ? undefined : leafOf(holder);
}

/** Down along those that hold most. */
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
