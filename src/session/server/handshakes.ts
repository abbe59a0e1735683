// Sessions whose request is not whole, and which of them makes room when there is too little: the oldest stranger of the network
// that has most. So a client's flood of handshakes drives out its own, and an honest newcomer stays, however slow.
import type { Ip } from '../../base/ip.ts';
import { LinkedList } from '../../base/linkedlist.ts';
import { FairRoom } from '../../policy/room/fairroom.ts';
import { ownerOf, type Owner } from '../../policy/room/owner.ts';
import type { Session } from '../session.ts';

/** So many are sorted by network before anybody has to make room: that shall not begin with a long pause. */
const MANY = 1024;
/** After so many arrivals for which nobody had to make room they are no longer sorted, unless they are still half as many. */
const QUIET = 4096;

export class Handshakes {
  /** In the order of arrival; among them some that have logged in. */
  readonly #all = new LinkedList<Session>();
  /** undefined: there is no pressure, and no connection pays for it. */
  #sorted: Sorted | undefined;
  #quietArrivals = 0;

  add(session: Session): void {
    session.strangerPlace = this.#all.append(session);
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
    const { strangerPlace } = session;
    if (strangerPlace === undefined) return;
    this.#all.remove(strangerPlace);
    this.#sorted?.remove(session);
    session.strangerPlace = undefined;
  }

  /** The stranger that makes room for `newcomer` (undefined: nobody knows who it is), which stays here; undefined: there is none. */
  firstToGo(newcomer: Ip | undefined): Session | undefined {
    const sorted = this.#sorted ?? this.#sort();
    this.#quietArrivals = 0;
    const owner = newcomer && ownerOf(newcomer);
    for (;;) {
      const session = sorted.first(owner);
      // Who has logged in will not be a stranger again: nobody looks at it twice.
      if (session?.identity?.kind !== 'user') return session;
      this.remove(session);
    }
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

  first(newcomer: Owner | undefined): Session | undefined {
    const place = this.#room.first(newcomer);
    return place === undefined ? undefined : this.#sessions[place];
  }
}
