// The file of accounts: lines are appended, one write in flight, and no session waits for them. While the disk is full they
// queue up to a bound, and are counted beyond it; nothing is written twice, and no line is torn.
import { closeSync, fstatSync, openSync, write } from 'node:fs';

/** UTF-16 units that wait for the disk; beyond them records are lost, and counted. */
const MAX_WAITING_UNITS = 8 * 1024 * 1024;
/** Of one write. */
const MAX_BATCH_UNITS = 256 * 1024;
/** Until the next attempt after a failure. */
const RETRY_MS = 1000;

interface FilePlan {
  readonly path: string;
  /** The first line of an empty file. */
  readonly titles: string | undefined;
  /** The line that says that so many records are missing at its place. */
  readonly lost: (count: number) => string;
  /** Hears one sentence when it begins to fail, and when it works again. */
  readonly tell: (level: 'err' | 'notice', sentence: string) => void;
}

export class RecordFile {
  readonly #plan: FilePlan;
  #descriptor: number;
  /** Rotated files that still get the rest of a write. */
  readonly #olds: number[] = [];
  #waiting: string[] = [];
  #units = 0;
  #lost = 0;
  /** The rest of a write that was cut short. */
  #rest: Uint8Array = new Uint8Array(0);
  /** Its first part has been written. */
  #isTorn = false;
  #state: 'idle' | 'writing' = 'idle';
  #isFailing = false;
  readonly #whenIdle: (() => void)[] = [];

  /** Throws the error of the system. */
  constructor(plan: FilePlan) {
    this.#plan = plan;
    this.#descriptor = openToAppend(plan.path);
    this.#begin();
  }

  write(line: string): void {
    if (this.#units + line.length > MAX_WAITING_UNITS) {
      this.#lost += 1;
      return;
    }
    this.#push(line);
    this.#pump();
  }

  /**
   * For rotation: lines from now on go to a new file of that name. Throws where there can be none, and then goes on with
   * the old one.
   */
  reopen(): void {
    const next = openToAppend(this.#plan.path);
    const before = this.#descriptor;
    this.#descriptor = next;
    // A write in flight, and the rest of a line that it has torn, belong to the old file; a failed write may go to the new one.
    if (this.#state === 'writing' || this.#isTorn) this.#olds.push(before);
    else closeSync(before);
    this.#begin();
  }

  /** Settles when nothing waits. */
  drained(): Promise<void> {
    if (this.#state === 'idle' && this.#units === 0 && this.#rest.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #begin(): void {
    const { titles } = this.#plan;
    if (titles !== undefined && fstatSync(this.#descriptor).size === 0) this.#waiting.unshift(`${titles}\n`);
    this.#pump();
  }

  #push(line: string): void {
    this.#waiting.push(`${line}\n`);
    this.#units += line.length + 1;
  }

  #pump(): void {
    if (this.#state !== 'idle') return;
    if (this.#rest.length === 0) this.#rest = Buffer.from(this.#takeBatch());
    if (this.#rest.length === 0) {
      for (const tell of this.#whenIdle.splice(0)) tell();
      return;
    }
    this.#state = 'writing';
    write(this.#olds[0] ?? this.#descriptor, this.#rest, (error, written) => {
      this.#state = 'idle';
      if (error !== null) {
        this.#failed(error);
        return;
      }
      this.#rest = this.#rest.subarray(written);
      this.#isTorn = this.#rest.length > 0;
      if (this.#rest.length === 0) this.#wrote();
      this.#pump();
    });
  }

  #takeBatch(): string {
    let batch = '';
    let count = 0;
    for (const line of this.#waiting) {
      if (batch.length > 0 && batch.length + line.length > MAX_BATCH_UNITS) break;
      batch += line;
      count += 1;
    }
    this.#waiting = this.#waiting.slice(count);
    this.#units = Math.max(0, this.#units - batch.length);
    return batch;
  }

  #wrote(): void {
    this.#forgetOld();
    if (!this.#isFailing) return;
    this.#isFailing = false;
    const lost = this.#lost;
    this.#lost = 0;
    if (lost > 0) this.#push(this.#plan.lost(lost));
    this.#plan.tell(
      'notice',
      `${this.#plan.path} can be written to again; ${lost} records were lost meanwhile`,
    );
  }

  #forgetOld(): void {
    for (const old of this.#olds.splice(0)) closeSync(old);
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (!this.#isTorn) this.#forgetOld();
    if (!this.#isFailing) {
      this.#isFailing = true;
      const { path } = this.#plan;
      this.#plan.tell(
        'err',
        `cannot write to ${path}: ${error.message}; records wait, up to 8 MiB, and are lost beyond`,
      );
    }
    setTimeout(() => this.#pump(), RETRY_MS).unref();
  }
}

function openToAppend(path: string): number {
  return openSync(path, 'a', 0o640);
}
