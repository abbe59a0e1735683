// Objects of JavaScript by the engine's handles. It is no Map: a Map whose entries come and go gets a new table every
// few dozen of them, to which the old one points; once one has moved to V8's old generation, its garbage keeps each
// later table alive, and all sessions in it, until a full collection (docs/decisions/021-speed.md, "Garbage that
// keeps garbage").

/** The low part of a handle is an index, the rest counts how often that index was used (native/leg/leg.h). */
const INDEX_MASK = 0xf_ffff;

export class HandleTable<T extends { readonly handle: number }> {
  readonly #slots: (T | undefined)[] = [];

  /** undefined: the handle is stale, or stands for an object of another kind. */
  get(handle: number): T | undefined {
    const found = this.#slots[handle & INDEX_MASK];
    return found?.handle === handle ? found : undefined;
  }

  add(item: T): void {
    const index = item.handle & INDEX_MASK;
    // No holes: an array with many of them becomes a dictionary.
    while (this.#slots.length < index) this.#slots.push(undefined);
    this.#slots[index] = item;
  }

  /** The handle of the item at that index, or none. */
  remove(handle: number): void {
    if (this.get(handle) !== undefined) this.#slots[handle & INDEX_MASK] = undefined;
  }

  list(): readonly T[] {
    return this.#slots.filter((item) => item !== undefined);
  }
}
