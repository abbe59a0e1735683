// A file of this machine that is followed as it changes. It is read at once when constructed, so that it is known even where a chroot
// hides it later: a version that cannot be read, or means nothing, leaves the one before in force.
import { readFileSync, statSync } from 'node:fs';
import { systemReason } from '../config/values/systemreason.ts';

/** The file is looked at once in this time at most, and only when somebody wants to know. */
const CHECK_INTERVAL_MS = 1000;

interface CurrentReading<T> {
  readonly encoding?: 'utf8' | 'latin1';
  /** Hears once why the file cannot be read, until it was read again or fails in another way; undefined: what it said before holds. */
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

  /** `now` is a monotonic clock in milliseconds; `parse` gives undefined for a version that means nothing, and never throws. */
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

  /** Synchronous: one system call, and one read of a small file when it has changed. */
  #check(): void {
    const text = this.#readIfNew();
    const content = typeof text === 'string' ? this.#parse(text) : text && this.#failed(text);
    if (content !== undefined) this.#content = content;
  }

  /** undefined: the file is still the one that was read. */
  #readIfNew(): string | NodeJS.ErrnoException | undefined {
    try {
      // chmod(1) can mend a file, too.
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
