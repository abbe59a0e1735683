// Datagrams that wait for a name to be looked up or a socket to be opened: a few, because nobody counts on UDP
// being kept.

const MAX_DATAGRAMS = 64;
const MAX_BYTES = 131_072;

interface Waiting<Tag> {
  readonly tag: Tag;
  readonly payload: Uint8Array;
}

/** `tag` says what each datagram waits for, or where it goes then. */
export class DatagramQueue<Tag> {
  #waiting: Waiting<Tag>[] = [];
  #bytes = 0;

  /** Keeps a copy of `payload`; false when there is no room. */
  push(tag: Tag, payload: Uint8Array): boolean {
    if (this.#waiting.length >= MAX_DATAGRAMS || this.#bytes + payload.length > MAX_BYTES) return false;
    this.#waiting.push({ tag, payload: Uint8Array.from(payload) });
    this.#bytes += payload.length;
    return true;
  }

  /** Takes out those that `isTaken` says, in the order in which they came. */
  take(isTaken: (tag: Tag) => boolean): readonly Waiting<Tag>[] {
    const taken = this.#waiting.filter(({ tag }) => isTaken(tag));
    this.#waiting = this.#waiting.filter(({ tag }) => !isTaken(tag));
    this.#bytes = this.#waiting.reduce((sum, { payload }) => sum + payload.length, 0);
    return taken;
  }
}
