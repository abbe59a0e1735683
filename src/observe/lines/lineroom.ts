// The lines of one room that wait for a slow reader. When they are too many, the client with most of them loses its newest, so
// that one that causes thousands does not push out those of another.
import { LinkedList, type Link } from '../../base/linkedlist.ts';
import { FairRoom, type PlaceNumber } from '../../policy/room/fairroom.ts';
import { ownerOf, type Owner } from '../../policy/room/owner.ts';
import type { Line } from './line.ts';

/** The cost of a line beside its text, in UTF-16 units. */
export const LINE_COST_UNITS = 128;

/** The owner of lines about no client in particular. */
const NOBODY: Owner = ['nobody'];

interface WaitingLine {
  readonly line: Line;
  /** Smaller ones came first, over all rooms. */
  readonly number: number;
  /** Once the room is shared. */
  place: PlaceNumber | undefined;
}

/** First in, first out. */
export class LineRoom {
  readonly #maxUnits: number;
  readonly #lost: (line: Line) => void;
  readonly #lines = new LinkedList<WaitingLine>();
  #units = 0;
  /** Kept from when the room is half full until it is empty; before that, owners do not matter. */
  #shares: FairRoom | undefined;
  #linkOf: Link<WaitingLine>[] = [];

  /** `lost` hears of each line that has to go, the one that add() is called with among them. */
  constructor(maxUnits: number, lost: (line: Line) => void) {
    this.#maxUnits = maxUnits;
    this.#lost = lost;
  }

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  get isHalfFull(): boolean {
    return 2 * this.#units > this.#maxUnits;
  }

  /** The number of the first line; Infinity where none waits. */
  get firstNumber(): number {
    return this.#lines.first?.item.number ?? Infinity;
  }

  /** Puts a line in, whose `number` is higher than those before; false: it had to go itself. */
  add(line: Line, number: number): boolean {
    if (this.#shares === undefined && 2 * (this.#units + lineSize(line)) > this.#maxUnits) this.#share();
    const place = this.#shares?.take(ownerOfLine(line), lineSize(line));
    if (this.#shares !== undefined && place === undefined) {
      this.#lost(line);
      return false;
    }
    const link = this.#lines.append({ line, number, place });
    if (place !== undefined) this.#linkOf[place] = link;
    this.#units += lineSize(line);
    return true;
  }

  /** Takes the first line out. */
  shift(): Line | undefined {
    const link = this.#lines.first;
    if (link === undefined) return undefined;
    const { line, place } = link.item;
    if (place !== undefined) this.#shares?.release(place);
    this.#leave(link);
    if (this.isEmpty) {
      this.#shares = undefined;
      this.#linkOf = [];
    }
    return line;
  }

  #share(): void {
    const gaveWay = (place: PlaceNumber): void => this.#giveWay(place);
    this.#shares = new FairRoom({ max: this.#maxUnits, gives: 'newest', gaveWay });
    for (let link = this.#lines.first; link !== undefined; link = link.next) {
      const { line } = link.item;
      const place = this.#shares.take(ownerOfLine(line), lineSize(line));
      if (place === undefined) continue;
      link.item.place = place;
      this.#linkOf[place] = link;
    }
  }

  #giveWay(place: PlaceNumber): void {
    const link = this.#linkOf[place];
    if (link === undefined) return;
    this.#leave(link);
    this.#lost(link.item.line);
  }

  #leave(link: Link<WaitingLine>): void {
    this.#lines.remove(link);
    this.#units -= lineSize(link.item.line);
  }
}

function lineSize(line: Line): number {
  return line.text.length + LINE_COST_UNITS;
}

function ownerOfLine({ client }: Line): Owner {
  return client === undefined ? NOBODY : ownerOf(client);
}
