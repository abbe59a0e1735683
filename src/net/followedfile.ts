// A file of this machine that is followed as it changes. Read at once when constructed, so that it is known even where a chroot
// hides it later: a version that cannot be read, or means nothing, leaves the one before in force.
import { readFileSync } from 'node:fs';
import { fileVersion } from './fileversion.ts';

/** The file is looked at once in this time at most, and only when somebody wants to know. */
const CHECK_INTERVAL_MS = 1000;

export class FollowedFile<T> {
  readonly #path: string;
  readonly #now: () => number;
  readonly #parse: (text: string) => T | undefined;
  #content: T;
  #version = '';
  #checkedAt: number;

  /** `now` is a monotonic clock in milliseconds; `parse` gives undefined for a version that means nothing. */
  constructor(path: string, now: () => number, parse: (text: string) => T | undefined, otherwise: T) {
    this.#path = path;
    this.#now = now;
    this.#parse = parse;
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

  /** Synchronous: two system calls a second at most, and one read of a small file when it has changed. */
  #check(): void {
    const version = fileVersion(this.#path);
    if (version === this.#version) return;
    try {
      this.#content = this.#parse(readFileSync(this.#path, 'utf8')) ?? this.#content;
      this.#version = version;
    } catch {
      // Gone or unreadable: the next check tries again.
    }
  }
}
