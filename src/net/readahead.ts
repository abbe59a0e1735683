// Bytes that clients sent ahead, over all legs of this process: each leg keeps little, but thousands of legs keep
// much. When the room is full, the newest leg of the client with most gives way.
import { Fault } from '../base/fault.ts';
import type { Ip } from '../base/ip.ts';
import { FairRoom, type PlaceNumber } from '../policy/room/fairroom.ts';
import { ownerOf } from '../policy/room/owner.ts';

/** Bytes of one leg that are not counted: a client that sends its request with its greeting costs nothing. */
export const UNCOUNTED_BYTES = 1024;

/** Bytes of all legs together. */
export const READ_AHEAD_TOTAL = 64 * 1024 * 1024;

/** Called when the leg has to give up its bytes. Its place is free already. */
export type GiveUp = (fault: Fault) => void;

export class ReadAhead {
  /** By place. */
  readonly #holders: (GiveUp | undefined)[] = [];
  readonly #room: FairRoom;

  constructor(maxBytes: number) {
    this.#room = new FairRoom({ max: maxBytes, gives: 'newest', gaveWay: (place) => this.#giveWay(place) });
  }

  /** Counted bytes. */
  get held(): number {
    return this.#room.held;
  }

  /** A place for `bytes` of a leg to `peer`; undefined: that peer or its network holds most, and the leg has to give up. */
  take(peer: Ip, bytes: number, giveUp: GiveUp): PlaceNumber | undefined {
    const place = this.#room.take(ownerOf(peer), bytes);
    if (place !== undefined) this.#holders[place] = giveUp;
    return place;
  }

  /** The leg of that place now keeps `bytes`; false: it has to give them up. */
  resize(place: PlaceNumber, bytes: number): boolean {
    return this.#room.resize(place, bytes);
  }

  release(place: PlaceNumber): void {
    this.#holders[place] = undefined;
    this.#room.release(place);
  }

  #giveWay(place: PlaceNumber): void {
    const giveUp = this.#holders[place];
    this.#holders[place] = undefined;
    giveUp?.(new Fault('RESOURCES_EXHAUSTED', CROWDED));
  }
}

export const CROWDED = 'bytes that came before they were asked for: this client or its network has sent most';

/** One for the process, whose memory it counts. */
export const READ_AHEAD = new ReadAhead(READ_AHEAD_TOTAL);
