// Names of clients for the log. Nobody waits for one: what is not known when a record is written is not in it.
import type { Ip } from '../base/ip.ts';
import { putLatest } from '../base/latest.ts';
import type { Resolver } from '../net/resolve.ts';
import { nameOfClient } from '../session/entrance.ts';

/** Clients whose names are kept, and those who are asked about at a time; of one client there is one question. */
const MAX_NAMES = 4096;
const MAX_ASKED = 64;

export class ClientNames {
  readonly #resolver: Resolver;
  readonly #names = new Map<Ip, string>();
  readonly #asked = new Set<Ip>();

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  /** Asks for the name of somebody who has come, unless too many questions are out. */
  ask(client: Ip): void {
    if (this.#asked.size >= MAX_ASKED || this.#asked.has(client)) return;
    this.#asked.add(client);
    void nameOfClient(client, this.#resolver).then((answer) => {
      this.#asked.delete(client);
      if (answer.kind === 'named') putLatest(this.#names, client, answer.name, MAX_NAMES);
      else this.#names.delete(client);
    });
  }

  /** A name that leads back to the address; undefined: there is none, or it is not known yet. */
  find(client: Ip): string | undefined {
    return this.#names.get(client);
  }
}
