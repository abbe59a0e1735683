// Lines that wait for a slow reader: bounded in size, each kind in a room of its own. Lines without room are counted by event,
// and the counts are logged as one line in place of the gap.
import type { DroppedLine, Line, RoomName } from './line.ts';
import { LineRoom } from './lineroom.ts';

/**
 * Most UTF-16 units that wait, LINE_COST_UNITS for each line among them: 6,000 records of sessions, and for the daemon the list of
 * live sessions that SIGUSR1 writes at once.
 */
export const ROOM_UNITS = {
  daemon: 1024 * 1024,
  bans: 256 * 1024,
  logins: 512 * 1024,
  sessions: 2048 * 1024,
  rest: 256 * 1024,
} as const satisfies Record<RoomName, number>;

/**
 * Lines leave in the order in which they came. Only when a room is more than half full, its lines go first, for all but
 * `rest`: a reader that is fast enough for the sessions must lose none of their lines to refusals.
 */
export class LineQueue {
  readonly #roomOf: Readonly<Record<RoomName, LineRoom>>;
  /** All but `rest`. */
  readonly #kept: readonly LineRoom[];
  readonly #droppedLine: DroppedLine;
  /** With the reader, until remove(). */
  #out: Line[] = [];
  #lastNumber = 0;
  /** Lost lines by event, not yet reported. */
  #lost = new Map<string, number>();
  /** Tells of those before it. While it waits, there is no other. */
  #gap: { readonly line: Line; readonly number: number } | undefined;
  #waiting: (() => void)[] = [];

  constructor(droppedLine: DroppedLine) {
    const newRoom = (name: RoomName): LineRoom => new LineRoom(ROOM_UNITS[name], this.#lose);
    const [daemon, bans, logins, sessions] = [
      newRoom('daemon'),
      newRoom('bans'),
      newRoom('logins'),
      newRoom('sessions'),
    ];
    this.#droppedLine = droppedLine;
    this.#roomOf = { daemon, bans, logins, sessions, rest: newRoom('rest') };
    this.#kept = [daemon, bans, logins, sessions];
  }

  get isEmpty(): boolean {
    if (this.#out.length > 0 || this.#gap !== undefined || this.#lost.size > 0) return false;
    return this.#roomOf.rest.isEmpty && this.#kept.every((room) => room.isEmpty);
  }

  push(line: Line): void {
    // The number before is for a gap.
    this.#lastNumber += 2;
    const hasRoom = this.#roomOf[line.room].add(line, this.#lastNumber);
    if (!hasRoom || this.#lost.size === 0) return;
    this.#gap ??= { line: this.#tellLost(), number: this.#lastNumber - 1 };
  }

  /** The next lines, until they have `maxUnits` together; the same ones until remove(). */
  front(maxUnits: number): readonly Line[] {
    if (this.#out.length > 0) return this.#out;
    let units = 0;
    for (let line = this.#shift(); line !== undefined; line = this.#shift()) {
      this.#out.push(line);
      units += line.text.length;
      if (units >= maxUnits) break;
    }
    if (this.#out.length === 0 && this.#lost.size > 0) this.#out.push(this.#tellLost());
    return this.#out;
  }

  /** The lines that front() returned are delivered. */
  remove(): void {
    this.#out = [];
    if (this.#waiting.length === 0 || !this.isEmpty) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const settle of waiting) settle();
  }

  /** Settles when nothing waits any more. */
  drained(): Promise<void> {
    if (this.isEmpty) return Promise.resolve();
    return new Promise((settle) => this.#waiting.push(settle));
  }

  #shift(): Line | undefined {
    let first = this.#roomOf.rest;
    let isPressing = false;
    for (const room of this.#kept) {
      const presses = room.isHalfFull;
      const isNext = presses === isPressing ? room.firstNumber < first.firstNumber : presses;
      if (isNext) [first, isPressing] = [room, presses];
    }
    const gapNumber = this.#gap?.number ?? Infinity;
    return first.firstNumber < gapNumber ? first.shift() : this.#shiftGap();
  }

  #shiftGap(): Line | undefined {
    const gap = this.#gap;
    this.#gap = undefined;
    return gap?.line;
  }

  #tellLost(): Line {
    const lost = this.#lost;
    this.#lost = new Map();
    return this.#droppedLine(lost);
  }

  readonly #lose = ({ event }: Line): void => {
    this.#lost.set(event, (this.#lost.get(event) ?? 0) + 1);
  };
}
