// The hosts file of this machine, followed as it changes. Read at once when constructed, so that it is known
// even where a chroot hides it later: a file that cannot be read leaves the old content in force.
import { readFileSync, statSync } from 'node:fs';
import type { Ip } from '../base/ip.ts';
import { parseHostNames, parseHosts, type HostsEntry } from './hosts.ts';

/** The file is looked at once in this time at most, and only when a name is asked for. */
const CHECK_INTERVAL_MS = 1000;

export class HostsFile {
  readonly #path: string;
  readonly #now: () => number;
  #table: ReadonlyMap<string, HostsEntry> = new Map();
  #names: ReadonlyMap<Ip, string> = new Map();
  #version = '';
  #checkedAt: number;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
    this.#checkedAt = now();
    this.#check();
  }

  /** What the file says of a name in lower case without a trailing dot; undefined: nothing. */
  find(name: string): HostsEntry | undefined {
    this.#follow();
    return this.#table.get(name);
  }

  /** The name of an address; undefined: the file does not have one. */
  findName(ip: Ip): string | undefined {
    this.#follow();
    return this.#names.get(ip);
  }

  #follow(): void {
    const now = this.#now();
    if (now - this.#checkedAt < CHECK_INTERVAL_MS) return;
    this.#checkedAt = now;
    this.#check();
  }

  /** Synchronous: two system calls a second at most, and one read of a small file when it has changed. */
  #check(): void {
    try {
      const { ino, size, mtimeMs } = statSync(this.#path);
      const version = `${ino} ${size} ${mtimeMs}`;
      if (version === this.#version) return;
      const text = readFileSync(this.#path, 'utf8');
      this.#table = parseHosts(text);
      this.#names = parseHostNames(text);
      this.#version = version;
    } catch {
      // Gone or unreadable: what was read before stays in force, and the next check tries again.
    }
  }
}
