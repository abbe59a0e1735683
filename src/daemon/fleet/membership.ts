// A member of the fleet: it joins, tells what has changed and hears the others, over two connections, and begins anew whenever the store
// was away. Nobody waits for it: what it hears lies in the tables before anybody asks.
import { Hearing, type HearingParts } from './hearing.ts';
import { joinBooks, NameTaken, waitForName } from './joining.ts';
import { StoreFailure, type StoreLink } from './storelink.ts';
import { BEAT_MS, Telling, type TellingParts } from './telling.ts';

const TAKEN_RETRY_MS = 5000;
/** A clock that differs by more is told of. */
const CLOCK_DIFFERS_MS = 5000;

export interface MembershipParts extends HearingParts, Pick<TellingParts, 'shelf' | 'books' | 'version'> {
  readonly open: () => Promise<StoreLink>;
}

export class Membership {
  readonly hearing: Hearing;
  readonly telling: Telling;
  readonly #parts: MembershipParts;
  #epoch = 0;
  #wasThere = false;
  #isEnding = false;
  #wake: () => void = () => undefined;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
    this.hearing = new Hearing(parts, () => this.telling.greet());
    this.telling = new Telling({
      ...parts,
      sender: () => ({ member: parts.member, epoch: this.#epoch }),
      isFirst: () => this.hearing.living[0] === parts.member,
      onRoom: (failure) => {
        if (failure === undefined) parts.standing.joined(this.hearing.living.length);
        else parts.standing.failed(failure);
      },
    });
  }

  /** Settles when end() was called, and what was left has been told as far as the store took it. */
  async run(): Promise<void> {
    while (!this.#isEnding) {
      const waitMs = await this.#attend().catch((error: unknown) => this.#fail(error));
      if (waitMs !== undefined) await this.#pause(waitMs);
    }
  }

  end(): void {
    this.#isEnding = true;
    this.hearing.stop();
    this.telling.end();
    this.#wake();
  }

  async #attend(): Promise<undefined> {
    const { open, outbox, roster, standing } = this.#parts;
    const writer = await open();
    let reader: StoreLink | undefined;
    let loops: readonly Promise<void>[] = [];
    try {
      const from = await this.#join(writer);
      reader = await open();
      roster.missAll();
      standing.joined(this.hearing.living.length);
      const telling = this.telling.run(writer);
      loops = [telling, this.#listen(reader, from, telling)];
      await Promise.race(loops);
    } finally {
      writer.close();
      reader?.close();
      outbox.close();
      await Promise.allSettled(loops);
    }
  }

  /** Gives the id of the last message before what is read here. */
  async #join(link: StoreLink): Promise<string> {
    const { shelf, clock, member, standing, books, outbox } = this.#parts;
    await shelf.readClock(link);
    if (Math.abs(clock.aheadMs) > CLOCK_DIFFERS_MS) standing.clockDiffers(Math.round(-clock.aheadMs / 1000));
    if (this.#epoch === 0) this.#epoch = clock.now();
    await waitForName(link, { shelf, clock, member }, this.#epoch);
    const from = await shelf.tip(link);
    shelf.forgetEnds();
    await joinBooks(link, { shelf, books, member, heard: (entries) => outbox.heard(entries) });
    // Who was there before knows what a store that has lost everything has to have.
    if ((await this.telling.putMember(link)) && this.#wasThere) await this.telling.refill(link);
    this.#wasThere = true;
    return from;
  }

  async #listen(link: StoreLink, from: string, telling: Promise<void>): Promise<void> {
    let last = from;
    while (!this.#isEnding) {
      for (const logged of await this.#parts.shelf.news(link, last)) {
        last = logged.id;
        this.hearing.take(logged, this.#epoch);
      }
    }
    // What is left is still told.
    await telling;
  }

  /** Gives the time until the next attempt. */
  #fail(error: unknown): number {
    const { standing } = this.#parts;
    if (error instanceof NameTaken) {
      standing.nameTaken();
      return TAKEN_RETRY_MS;
    }
    if (!(error instanceof StoreFailure)) throw error;
    standing.failed(error);
    return BEAT_MS;
  }

  async #pause(waitMs: number): Promise<void> {
    if (this.#isEnding) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
