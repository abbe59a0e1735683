// The hosts file of this machine, followed as it changes.
import type { Ip } from '../../base/ip.ts';
import { FollowedFile } from '../followedfile.ts';
import { parseHostNames, parseHosts, type HostsEntry } from './hosts.ts';

interface Tables {
  readonly entries: ReadonlyMap<string, HostsEntry>;
  readonly names: ReadonlyMap<Ip, string>;
}

export class HostsFile {
  readonly #file: FollowedFile<Tables>;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(path: string, now: () => number) {
    this.#file = new FollowedFile(path, now, parseTables, parseTables(''));
  }

  /** The addresses of a name (lower case, no trailing dot); undefined: the file does not name it. */
  find(name: string): HostsEntry | undefined {
    return this.#file.content.entries.get(name);
  }

  /** The name of an address; undefined: the file does not list it. */
  findName(ip: Ip): string | undefined {
    return this.#file.content.names.get(ip);
  }
}

function parseTables(text: string): Tables {
  return { entries: parseHosts(text), names: parseHostNames(text) };
}
