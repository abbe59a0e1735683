// The look-ups that may wait at a time, in all and for each client, so that names whose servers never answer delay
// only the client that asks for them. When all places are taken, the newest look-up of the client with most gives
// way.
import { Fault } from '../../base/fault.ts';
import { FairRoom, type PlaceNumber } from '../../policy/room/fairroom.ts';
import type { Owner } from '../../policy/room/owner.ts';

/** One shared value: a flood must not make us build error objects. */
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

  /** A place for one look-up, freed when all its answers are there; undefined: there is none. */
  take(owner: Owner): WaitingLookup | undefined {
    const place = this.#room.take(owner);
    if (place === undefined) return undefined;
    const lookup = new WaitingLookup(() => this.#leave(place, lookup));
    this.#waiting[place] = lookup;
    return lookup;
  }

  #leave(place: PlaceNumber, lookup: WaitingLookup): void {
    // The look-up may have given way already, and its place may have a new owner.
    if (this.#waiting[place] !== lookup) return;
    this.#waiting[place] = undefined;
    this.#room.release(place);
  }
}

/** A wait for one answer, or for those of both families. */
class WaitingLookup {
  readonly #leave: () => void;
  readonly #giveUps: (() => void)[] = [];
  #open = 0;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  /** The result of `answer`, which must not reject; RESOLVER_BUSY as soon as the place is taken away. */
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
