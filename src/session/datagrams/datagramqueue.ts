// Datagrams that wait for a name to be looked up or a socket to be opened: a few, because UDP promises no delivery. All queues
// share one room, in which the newest of the client with most gives way.
import { FairRoom, type PlaceNumber } from '../../policy/room/fairroom.ts';
import type { Owner } from '../../policy/room/owner.ts';

const MAX_DATAGRAMS = 64;
const MAX_BYTES = 131_072;
/** The size of all queues, overhead of each datagram included. */
const MAX_BYTES_OF_ALL = 16 * 1_048_576;
const OVERHEAD_BYTES = 256;

export class DatagramRoom {
  readonly #room: FairRoom;
  readonly #queues = new Map<PlaceNumber, Pick<DatagramQueue<unknown>, 'lose'>>();

  constructor(maxBytes = MAX_BYTES_OF_ALL) {
    this.#room = new FairRoom({
      max: maxBytes,
      gives: 'newest',
      gaveWay: (place) => {
        this.#queues.get(place)?.lose(place);
        this.#queues.delete(place);
      },
    });
  }

  take(owner: Owner, bytes: number, queue: Pick<DatagramQueue<unknown>, 'lose'>): PlaceNumber | undefined {
    const place = this.#room.take(owner, bytes + OVERHEAD_BYTES);
    if (place !== undefined) this.#queues.set(place, queue);
    return place;
  }

  release(place: PlaceNumber): void {
    this.#room.release(place);
    this.#queues.delete(place);
  }
}

/** The part of one client in a room. */
export interface RoomShare {
  readonly room: DatagramRoom;
  readonly owner: Owner;
}

interface QueuedDatagram<Tag> {
  readonly tag: Tag;
  readonly payload: Uint8Array;
  readonly place: PlaceNumber;
}

/** `tag` says what each datagram waits for, or where it goes then. */
export class DatagramQueue<Tag> {
  readonly #share: RoomShare;
  readonly #onLost: () => void;
  #waiting: QueuedDatagram<Tag>[] = [];
  #bytes = 0;

  /** `onLost` is called for each datagram that had to make room for another. */
  constructor(share: RoomShare, onLost: () => void) {
    this.#share = share;
    this.#onLost = onLost;
  }

  /** Keeps a copy of `payload`; false when there is no room. */
  push(tag: Tag, payload: Uint8Array): boolean {
    const { room, owner } = this.#share;
    if (this.#waiting.length >= MAX_DATAGRAMS || this.#bytes + payload.length > MAX_BYTES) return false;
    const place = room.take(owner, payload.length, this);
    if (place === undefined) return false;
    this.#waiting.push({ tag, payload: Uint8Array.from(payload), place });
    this.#bytes += payload.length;
    return true;
  }

  /** Takes out those that `isTaken` says, in the order in which they came. */
  take(isTaken: (tag: Tag) => boolean): readonly QueuedDatagram<Tag>[] {
    const taken = this.#waiting.filter(({ tag }) => isTaken(tag));
    this.#keep(this.#waiting.filter(({ tag }) => !isTaken(tag)));
    for (const { place } of taken) this.#share.room.release(place);
    return taken;
  }

  /** Called by the room: the datagram at `place` had to give way. */
  lose(place: PlaceNumber): void {
    this.#keep(this.#waiting.filter((each) => each.place !== place));
    this.#onLost();
  }

  #keep(waiting: QueuedDatagram<Tag>[]): void {
    this.#waiting = waiting;
    this.#bytes = waiting.reduce((sum, { payload }) => sum + payload.length, 0);
  }
}
