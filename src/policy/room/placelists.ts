// The places of a fair room, each in the list of its client from the oldest to the newest. A place takes twenty
// bytes, in arrays that grow by doubling: there may be hundreds of thousands.
import { grown } from './grown.ts';
import { NONE, type Holder } from './holder.ts';

/** A small number for one thing taken, reused after it is released. */
export type PlaceNumber = number;

export class PlaceLists {
  #older = new Int32Array(16);
  #newer = new Int32Array(16);
  #size = new Uint32Array(16);
  readonly #leaf: (Holder | undefined)[] = [];
  readonly #free: PlaceNumber[] = [];

  add(leaf: Holder, size: number): PlaceNumber {
    const place = this.#free.pop() ?? this.#leaf.length;
    if (place >= this.#older.length) this.#double();
    this.#leaf[place] = leaf;
    this.#size[place] = size;
    leaf.places += 1;
    this.#append(place, leaf);
    return place;
  }

  remove(place: PlaceNumber): void {
    const leaf = this.leafOf(place);
    this.#unlink(place, leaf);
    leaf.places -= 1;
    this.#leaf[place] = undefined;
    this.#free.push(place);
  }

  touch(place: PlaceNumber): void {
    const leaf = this.leafOf(place);
    if (leaf.newest === place) return;
    this.#unlink(place, leaf);
    this.#append(place, leaf);
  }

  leafOf(place: PlaceNumber): Holder {
    const leaf = this.#leaf[place];
    if (leaf === undefined) throw new RangeError(`no place ${place} is taken`);
    return leaf;
  }

  sizeOf(place: PlaceNumber): number {
    return this.#size[place] ?? 0;
  }

  setSize(place: PlaceNumber, size: number): void {
    this.#size[place] = size;
  }

  #append(place: PlaceNumber, leaf: Holder): void {
    this.#older[place] = leaf.newest;
    this.#newer[place] = NONE;
    if (leaf.newest === NONE) leaf.oldest = place;
    else this.#newer[leaf.newest] = place;
    leaf.newest = place;
  }

  #unlink(place: PlaceNumber, leaf: Holder): void {
    const older = this.#older[place] ?? NONE;
    const newer = this.#newer[place] ?? NONE;
    if (older === NONE) leaf.oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) leaf.newest = older;
    else this.#older[newer] = older;
  }

  #double(): void {
    const length = 2 * this.#older.length;
    this.#older = grown(this.#older, new Int32Array(length));
    this.#newer = grown(this.#newer, new Int32Array(length));
    this.#size = grown(this.#size, new Uint32Array(length));
  }
}
