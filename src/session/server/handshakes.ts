// Sessions without a whole request yet, and the choice of the one that makes room when there is too little: the oldest newcomer
// of the network with most. So a client's flood of handshakes drives out its own, and an honest newcomer stays, however slow.
import type { Ip } from '../../base/ip.ts';
import { LinkedList } from '../../base/linkedlist.ts';
import { FairRoom } from '../../policy/room/fairroom.ts';
import { ownerOf, type Owner } from '../../policy/room/owner.ts';
import type { Session } from '../session.ts';

/**
 * From this number on, sessions are sorted by network before room is short, so that eviction does not begin with a long pause.
 */
const MANY = 1024;
/** After so many arrivals for which no newcomer had to make room they are no longer sorted, unless they are still half as many. */
const QUIET = 4096;

export class Handshakes {
  /** In the order of arrival; among them some that have logged in. */
  readonly #all = new LinkedList<Session>();
  /** undefined: there is no pressure, and no connection pays for it. */
  #sorted: Sorted | undefined;
  #quietArrivals = 0;

  add(session: Session): void {
    session.newcomerPlace = this.#all.append(session);
    if (this.#sorted === undefined) {
      if (this.#all.size >= MANY) this.#sort();
      return;
    }
    this.#sorted.add(session);
    this.#quietArrivals += 1;
    if (this.#quietArrivals < QUIET || this.#all.size > MANY / 2) return;
    this.#sorted.dissolve();
    this.#sorted = undefined;
  }

  remove(session: Session): void {
    const { newcomerPlace } = session;
    if (newcomerPlace === undefined) return;
    this.#all.remove(newcomerPlace);
    this.#sorted?.remove(session);
    session.newcomerPlace = undefined;
  }

  /**
   * The newcomer that makes room for `arriving` (undefined when its address is unknown); it stays here. undefined when there is
   * none.
   */
  firstToGo(arriving: Ip | undefined): Session | undefined {
    const sorted = this.#sorted ?? this.#sort();
    this.#quietArrivals = 0;
    const owner = arriving && ownerOf(arriving);
    for (;;) {
      const session = sorted.first(owner);
      // A client that has logged in never becomes a newcomer again, so it is not considered twice.
      if (session?.identity?.kind !== 'user') return session;
      this.remove(session);
    }
  }

  /** How many of `network`, the widest of an owner, may have to make room. */
  heldBy(network: string): number {
    return (this.#sorted ?? this.#sort()).heldBy(network);
  }

  #sort(): Sorted {
    this.#quietArrivals = 0;
    const sorted = new Sorted();
    for (const session of this.#all.items()) sorted.add(session);
    this.#sorted = sorted;
    return sorted;
  }
}

/** The same by the networks that they come from. */
class Sorted {
  readonly #room = new FairRoom({ max: Infinity, gives: 'oldest', gaveWay: () => undefined });
  readonly #sessions: (Session | undefined)[] = [];

  add(session: Session): void {
    const place = this.#room.take(ownerOf(session.client.ip));
    if (place === undefined) return;
    this.#sessions[place] = session;
    session.sortedPlace = place;
  }

  remove(session: Session): void {
    const { sortedPlace } = session;
    if (sortedPlace === undefined) return;
    session.sortedPlace = undefined;
    this.#sessions[sortedPlace] = undefined;
    this.#room.release(sortedPlace);
  }

  dissolve(): void {
    for (const session of this.#sessions) if (session !== undefined) session.sortedPlace = undefined;
  }

  heldBy(network: string): number {
    return this.#room.heldBy([network]);
  }

  first(arriving: Owner | undefined): Session | undefined {
    const place = this.#room.first(arriving);
    return place === undefined ? undefined : this.#sessions[place];
  }
}
