// How many look-ups may wait at a time: in all, and for each client, so that no list of names that nobody answers for keeps others
// from being served. Where all places are taken, the newest look-up of whoever has most gives way to a newcomer.
import { Fault } from '../../base/fault.ts';
import { FairRoom, type Place } from '../../policy/room/fairroom.ts';
import type { Owner } from '../../policy/room/owner.ts';

/** One value for all: a client that floods us shall not make us build errors. */
export const BUSY = new Fault('RESOLVER_BUSY');

export class LookupPlaces {
  readonly #room: FairRoom;
  readonly #waiting: (WaitingLookup | undefined)[] = [];

  constructor(max: number, maxPerClient: number) {
    this.#room = new FairRoom({
      max,
      maxPerClient,
      gives: 'newest',
      gaveWay: (place) => {
        const lookup = this.#waiting[place];
        this.#waiting[place] = undefined;
        lookup?.giveUp();
      },
    });
  }

  /** A place for one look-up, which is free again once all that it waits for is there; undefined: there is none. */
  take(owner: Owner): WaitingLookup | undefined {
    const place = this.#room.take(owner);
    if (place === undefined) return undefined;
    const lookup = new WaitingLookup(() => this.#leave(place, lookup));
    this.#waiting[place] = lookup;
    return lookup;
  }

  #leave(place: Place, lookup: WaitingLookup): void {
    // It may have given way before, and the place be another's.
    if (this.#waiting[place] !== lookup) return;
    this.#waiting[place] = undefined;
    this.#room.release(place);
  }
}

/** What waits for one answer, or for those of both families. */
class WaitingLookup {
  readonly #leave: () => void;
  readonly #giveUps: (() => void)[] = [];
  #open = 0;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  /** What `answer`, which must not reject, turns out to be; RESOLVER_BUSY as soon as the place has to be given up. */
  wait<T>(answer: Promise<T>): Promise<T | Fault> {
    this.#open += 1;
    return new Promise((resolve) => {
      this.#giveUps.push(() => resolve(BUSY));
      void answer.then((found) => {
        resolve(found);
        this.#open -= 1;
        if (this.#open === 0) this.#leave();
      });
    });
  }

  giveUp(): void {
    for (const giveUp of this.#giveUps) giveUp();
  }
}
