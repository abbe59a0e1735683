// Items in the order in which they came, each of which leaves from its own place. A Set can do that too; why the items of a busy
// server are in none is said in net/engine/handletable.ts.

/** The place of an item; a list knows its own. */
export interface Link<T> {
  readonly item: T;
  isIn: boolean;
  next: Link<T> | undefined;
  previous: Link<T> | undefined;
}

export class LinkedList<T> {
  #size = 0;
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;

  get size(): number {
    return this.#size;
  }

  /** The one that came first of those who are here. */
  get first(): Link<T> | undefined {
    return this.#first;
  }

  append(item: T): Link<T> {
    const link: Link<T> = { item, isIn: true, next: undefined, previous: this.#last };
    if (this.#last === undefined) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
    this.#size += 1;
    return link;
  }

  /** Does nothing the second time. The link is let go of both ways, so that one that is old keeps no younger one. */
  remove(link: Link<T>): void {
    if (!link.isIn) return;
    const { next, previous } = link;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    link.next = undefined;
    link.previous = undefined;
    link.isIn = false;
    this.#size -= 1;
  }

  /** As it is now, whoever comes and goes while it is read. */
  items(): readonly T[] {
    const items: T[] = [];
    for (let link = this.#first; link !== undefined; link = link.next) items.push(link.item);
    return items;
  }
}
