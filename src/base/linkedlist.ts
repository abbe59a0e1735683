// A linked list in order of arrival, with removal from any position. net/engine/handletable.ts says why a busy server keeps no
// Set.

/** The position of an item in one list. */
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

  /** The oldest item. */
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

  /** Does nothing the second time. The link is cut in both directions, so that a removed one keeps no later one alive. */
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

  /** A copy: later changes of the list do not show in it. */
  items(): readonly T[] {
    const items: T[] = [];
    for (let link = this.#first; link !== undefined; link = link.next) items.push(link.item);
    return items;
  }
}
