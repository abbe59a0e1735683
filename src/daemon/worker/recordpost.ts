// The accounts of a worker: its parent has the file, and gets the lines. They wait while it does not read, as far as there is room.
import type { AccountBook, FormatRecord } from '../../observe/figures/accounting.ts';
import type { AccountRecord } from '../../observe/figures/accountrecord.ts';

/** UTF-16 units that wait for the parent; beyond them records are lost, and counted. */
const MAX_WAITING_UNITS = 8 * 1024 * 1024;
/** Of one message: facts have to pass between them. */
const MAX_BATCH_UNITS = 64 * 1024;

interface RecordWay {
  readonly format: FormatRecord;
  readonly send: (lines: readonly string[]) => void;
  /** As in LineChannel. */
  readonly channel: { readonly isFree: boolean; whenFree(listener: () => void): void };
  /** Hears one sentence when it begins to lose records, and when it does not any more. */
  readonly tell: (level: 'err' | 'notice', sentence: string) => void;
}

export class RecordPost implements AccountBook {
  readonly #way: RecordWay;
  readonly #whenEmpty: (() => void)[] = [];
  #waiting: string[] = [];
  #units = 0;
  #lost = 0;
  #isScheduled = false;

  constructor(way: RecordWay) {
    this.#way = way;
  }

  write(record: AccountRecord): void {
    this.add(this.#way.format(record));
  }

  add(line: string): void {
    if (this.#units + line.length > MAX_WAITING_UNITS) this.#lose();
    else this.#push(line);
  }

  /** The parent does. */
  reopen(): void {
    return;
  }

  drained(): Promise<void> {
    if (this.#waiting.length === 0 && this.#way.channel.isFree) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenEmpty.push(resolve);
      this.#schedule();
    });
  }

  #push(line: string): void {
    this.#waiting.push(line);
    this.#units += line.length;
    this.#schedule();
  }

  #lose(): void {
    this.#lost += 1;
    if (this.#lost > 1) return;
    const why =
      'the parent of this worker does not take records; 8 MiB of them wait, and those beyond are lost';
    this.#way.tell('err', why);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#pump());
  }

  #pump(): void {
    const { channel, send } = this.#way;
    while (channel.isFree && this.#waiting.length > 0) send(this.#takeBatch());
    if (!channel.isFree) {
      channel.whenFree(() => this.#pump());
      return;
    }
    this.#isScheduled = false;
    for (const tell of this.#whenEmpty.splice(0)) tell();
    if (this.#lost > 0) this.#recover();
  }

  #takeBatch(): readonly string[] {
    let [count, units] = [0, 0];
    for (const { length } of this.#waiting) {
      if (count > 0 && units + length > MAX_BATCH_UNITS) break;
      count += 1;
      units += length;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#units -= units;
    return batch;
  }

  /** Says how many are missing, where they are missing. */
  #recover(): void {
    const count = this.#lost;
    this.#lost = 0;
    this.write({ time: new Date().toISOString(), record: 'lost', count });
    this.#way.tell('notice', `the parent of this worker takes records again; ${count} were lost meanwhile`);
  }
}
