// What this member tells: what has changed, as soon as the store takes it, and a sign of life each second. Never more than one command is
// under way.
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../../base/clock.ts';
import { VERSION } from '../../control/version.ts';
import type { Said, Sender } from './fleetmessage.ts';
import type { Teller } from './hearing.ts';
import type { Books } from './joining.ts';
import type { Outbox } from './outbox.ts';
import type { Shelf } from './shelf.ts';
import type { StoreClock } from './storeclock.ts';
import { StoreFailure, type StoreLink } from './storelink.ts';

export const BEAT_MS = 1000;
const MINUTE_MS = 60_000;

export interface TellingParts {
  readonly shelf: Shelf;
  readonly clock: StoreClock;
  readonly outbox: Outbox;
  readonly books: Books;
  readonly teller: Teller;
  readonly sender: () => Sender;
  /** `config-version`. */
  readonly version: () => string | undefined;
  /** Whether this member is the one that keeps the store tidy. */
  readonly isFirst: () => boolean;
  /** The store takes nothing, or does again. */
  readonly onRoom: (failure: StoreFailure | undefined) => void;
}

export class Telling {
  sent = 0;
  readonly #parts: TellingParts;
  #seq = 0;
  #greets = false;
  #greetedAtMs = -Infinity;
  #cursor = '0';
  #isEnding = false;
  #isHeldUp = false;

  constructor(parts: TellingParts) {
    this.#parts = parts;
  }

  /** Somebody has to tell all rows: others do when they hear it. */
  greet(): void {
    if (this.#greets || monotonicMs() - this.#greetedAtMs < BEAT_MS) return;
    this.#greets = true;
    this.#parts.outbox.nudge();
  }

  /** Tells what is left, and that this member ends. */
  end(): void {
    this.#isEnding = true;
    this.#parts.outbox.nudge();
  }

  /** Whether the store has lost what this member had put there, or never had it. */
  putMember(link: StoreLink): Promise<boolean> {
    const { shelf, sender, clock, version } = this.#parts;
    const { member, epoch } = sender();
    return shelf.putMember(link, member, { epoch, beat: clock.now(), release: VERSION, version: version() });
  }

  /** Puts into the store what it lacks of others; what is our own is told, and kept with that. */
  async refill(link: StoreLink): Promise<void> {
    const { shelf, books, outbox } = this.#parts;
    for (const counts of books.othersBytes()) await shelf.restoreBytes(link, counts);
    shelf.forgetEnds();
    outbox.forgetHeard();
  }

  tellEverything(): void {
    const { teller, books, outbox } = this.#parts;
    teller.tellAll();
    for (const entries of books.entries()) outbox.send({ seq: 0, isFull: false, entries: [entries] });
  }

  /** Settles when end() was called and all is told; rejects where the store is away. */
  async run(link: StoreLink): Promise<void> {
    const { outbox } = this.#parts;
    this.#begin();
    const times = { beatAtMs: -Infinity, minuteAtMs: -Infinity };
    for (;;) {
      const beatInMs = times.beatAtMs + BEAT_MS - monotonicMs();
      // Only the next sign of life shows whether there is room again.
      if (this.#isHeldUp) {
        await delay(Math.max(0, beatInMs), undefined, { ref: false });
        times.beatAtMs = -Infinity;
      } else if (!this.#isEnding) {
        await outbox.some(Math.max(0, beatInMs));
      }
      try {
        await this.#look(link, times);
        if (this.#isHeldUp) this.#goOn();
        if (this.#greets) await this.#greetAll(link);
        const word = outbox.takeWord();
        if (word !== undefined) await this.#say(link, word);
        await this.#tellFirst(link);
        if (!this.#isEnding || outbox.first !== undefined) continue;
        await this.#say(link, { kind: 'bye' });
        await this.#parts.shelf.removeMember(link, this.#parts.sender().member);
        return;
      } catch (error) {
        if (!(error instanceof StoreFailure) || error.trouble === 'away' || this.#isEnding) throw error;
        this.#holdUp(error);
      }
    }
  }

  #begin(): void {
    this.#isHeldUp = false;
    this.#greets = true;
    this.#parts.outbox.open();
    this.tellEverything();
  }

  /** A sign of life, and what goes with it, once in a second. */
  async #look(link: StoreLink, times: { beatAtMs: number; minuteAtMs: number }): Promise<void> {
    const { shelf, isFirst } = this.#parts;
    const nowMs = monotonicMs();
    if (nowMs - times.beatAtMs < BEAT_MS) return;
    times.beatAtMs = nowMs;
    if (await this.putMember(link)) {
      await this.refill(link);
      this.tellEverything();
    }
    if (isFirst()) this.#cursor = await shelf.sweep(link, this.#cursor);
    if (nowMs - times.minuteAtMs < MINUTE_MS) return;
    times.minuteAtMs = nowMs;
    await shelf.keepLog(link);
    await shelf.readClock(link);
  }

  async #tellFirst(link: StoreLink): Promise<void> {
    const { outbox, shelf, sender } = this.#parts;
    const piece = outbox.first;
    if (piece === undefined) return;
    await this.#say(link, { kind: 'facts', facts: { ...piece, seq: this.#seq++ } });
    await shelf.keep(link, sender().member, piece);
    outbox.told();
  }

  async #greetAll(link: StoreLink): Promise<void> {
    this.#greets = false;
    this.#greetedAtMs = monotonicMs();
    await this.#say(link, { kind: 'hello' });
  }

  async #say(link: StoreLink, said: Said): Promise<void> {
    await this.#parts.shelf.say(link, this.#parts.sender(), said);
    this.sent += 1;
  }

  /** What was under way is lost: everything has to be told when there is room again, which each beat tries. */
  #holdUp(failure: StoreFailure): void {
    this.#parts.outbox.close();
    this.#isHeldUp = true;
    this.#parts.onRoom(failure);
  }

  #goOn(): void {
    this.#isHeldUp = false;
    this.#parts.outbox.open();
    this.tellEverything();
    this.#parts.onRoom(undefined);
  }
}
