// Bounds the BINDs that wait at a time: each holds a port of this host, or one at a proxy, for as long as bind-timeout. When all
// places are taken, the newest of the client with most gives way.
import { Fault } from '../base/fault.ts';
import type { Ip } from '../base/ip.ts';
import { FairRoom, type PlaceNumber } from '../policy/room/fairroom.ts';
import { ownerOf } from '../policy/room/owner.ts';

/** Active FTP waits for a moment for each file, so this many transfers may begin at once. */
const MAX_WAITING = 256;
const MAX_WAITING_PER_CLIENT = 32;

export class BindPlaces {
  /** By place. */
  readonly #giveUps: (((fault: Fault) => void) | undefined)[] = [];
  readonly #room = new FairRoom({
    max: MAX_WAITING,
    maxPerClient: MAX_WAITING_PER_CLIENT,
    gives: 'newest',
    gaveWay: (place) => {
      const giveUp = this.#giveUps[place];
      this.#giveUps[place] = undefined;
      giveUp?.(new Fault('PORT_UNAVAILABLE', CROWDED));
    },
  });

  /**
   * Takes a place until `wait` settles, which `giveUp` must make happen. Rejects with PORT_UNAVAILABLE where this client has as many
   * as one may, or more than any other.
   */
  async during<T>(client: Ip, giveUp: (fault: Fault) => void, wait: () => Promise<T>): Promise<T> {
    const place = this.#room.take(ownerOf(client));
    if (place === undefined) throw new Fault('PORT_UNAVAILABLE', CROWDED);
    this.#giveUps[place] = giveUp;
    try {
      return await wait();
    } finally {
      // One that gave way has no place any more, which may be another's by now.
      if (this.#giveUps[place] === giveUp) this.#leave(place);
    }
  }

  #leave(place: PlaceNumber): void {
    this.#giveUps[place] = undefined;
    this.#room.release(place);
  }
}

const CROWDED = `this client or its network has most of the ${MAX_WAITING} that wait with BIND`;
