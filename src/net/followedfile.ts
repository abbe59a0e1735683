// A file of this machine that is followed as it changes. It is read when constructed, so that its contents are known
// even if a chroot hides it later. A version that cannot be read, or is invalid, leaves the previous one in force.
import { readFileSync, statSync } from 'node:fs';
import { systemReason } from '../config/values/systemreason.ts';

/** The file is checked at most once in this time, and only on use. */
const CHECK_INTERVAL_MS = 1000;

interface CurrentReading<T> {
  readonly encoding?: 'utf8' | 'latin1';
  /**
   * Called once with the reason why the file cannot be read, until it was read again or fails in another way;
   * undefined: the previous version holds.
   */
  readonly whenUnreadable?: (cause: NodeJS.ErrnoException) => T | undefined;
}

export class FollowedFile<T> {
  readonly #path: string;
  readonly #now: () => number;
  readonly #parse: (text: string) => T | undefined;
  readonly #reading: CurrentReading<T>;
  #content: T;
  /** undefined: it could not be read, and the next check tries again. */
  #version: string | undefined;
  #failure: string | undefined;
  #checkedAt: number;

  /** `now` is a monotonic clock in milliseconds; `parse` returns undefined for an invalid version, and never throws. */
  constructor(
    path: string,
    now: () => number,
    parse: (text: string) => T | undefined,
    otherwise: T,
    reading: CurrentReading<T> = {},
  ) {
    this.#path = path;
    this.#now = now;
    this.#parse = parse;
    this.#reading = reading;
    this.#content = otherwise;
    this.#checkedAt = now();
    this.#check();
  }

  get content(): T {
    const now = this.#now();
    if (now - this.#checkedAt >= CHECK_INTERVAL_MS) {
      this.#checkedAt = now;
      this.#check();
    }
    return this.#content;
  }

  /** Synchronous: one system call, and one read of a small file if it has changed. */
  #check(): void {
    const text = this.#readIfNew();
    const content = typeof text === 'string' ? this.#parse(text) : text && this.#failed(text);
    if (content !== undefined) this.#content = content;
  }

  /** undefined: the file has not changed. */
  #readIfNew(): string | NodeJS.ErrnoException | undefined {
    try {
      // chmod(1) can repair a file, too.
      const { ino, size, mtimeMs, mode } = statSync(this.#path);
      const version = `${ino} ${size} ${mtimeMs} ${mode}`;
      if (version === this.#version) return undefined;
      const text = readFileSync(this.#path, this.#reading.encoding ?? 'utf8');
      this.#version = version;
      this.#failure = undefined;
      return text;
    } catch (cause) {
      this.#version = undefined;
      return cause as NodeJS.ErrnoException;
    }
  }

  #failed(cause: NodeJS.ErrnoException): T | undefined {
    const why = systemReason(cause);
    if (why === this.#failure) return undefined;
    this.#failure = why;
    return this.#reading.whenUnreadable?.(cause);
  }
}
