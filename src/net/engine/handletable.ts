// What the engine's handles stand for. No Map: one whose entries come and go is given a new table every few dozen of them, to which
// the old one points; from the day on which one has moved to V8's old generation, what is garbage there keeps each next one
// alive, and all sessions in it, until a full collection (docs/decisions/021-speed.md, "Garbage that keeps garbage").

/** A handle is an index below this, and above it how often the index was used (native/relay/leg.h). */
const INDEX_MASK = 0xf_ffff;

export class HandleTable<T extends { readonly handle: number }> {
  readonly #slots: (T | undefined)[] = [];

  /** undefined: the handle is stale, or stands for something else. */
  get(handle: number): T | undefined {
    const found = this.#slots[handle & INDEX_MASK];
    return found?.handle === handle ? found : undefined;
  }

  add(item: T): void {
    const index = item.handle & INDEX_MASK;
    // Without holes: an array with many of them becomes a dictionary.
    while (this.#slots.length < index) this.#slots.push(undefined);
    this.#slots[index] = item;
  }

  /** Of the item that is there now, or nothing. */
  remove(handle: number): void {
    if (this.get(handle) !== undefined) this.#slots[handle & INDEX_MASK] = undefined;
  }

  list(): readonly T[] {
    return this.#slots.filter((item) => item !== undefined);
  }
}
