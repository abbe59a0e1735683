// Host names of clients for the log. No record waits for a name: one that is unknown when a record is written is left out.
import type { Ip } from '../base/ip.ts';
import type { Resolver } from '../net/names/resolve.ts';
import { FairTable } from '../policy/room/fairtable.ts';
import { networksOf } from '../policy/room/owner.ts';
import { nameOfClient } from '../session/server/entrance.ts';

/** Clients whose names are kept; beyond it the oldest of the network with most is forgotten. */
const MAX_NAMES = 4096;
/** Queries at a time; one for each client, and so many for each network. */
const MAX_ASKED = 64;
const MAX_ASKED_OF_NETWORK = 8;

export class ClientNames {
  readonly #resolver: Resolver;
  readonly #names = new FairTable<string>(MAX_NAMES);
  readonly #asked = new Set<Ip>();
  readonly #askedOfNetwork = new Map<string, number>();

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  /** Looks up the name of a new client, unless too many queries are pending. */
  ask(client: Ip): void {
    if (this.#asked.size >= MAX_ASKED || this.#asked.has(client)) return;
    const networks = networksOf(client);
    const [network = ''] = networks;
    const ofNetwork = this.#askedOfNetwork.get(network) ?? 0;
    if (ofNetwork >= MAX_ASKED_OF_NETWORK) return;
    this.#askedOfNetwork.set(network, ofNetwork + 1);
    this.#asked.add(client);
    void nameOfClient(client, this.#resolver).then((answer) => {
      this.#asked.delete(client);
      this.#askedLess(network);
      if (answer.kind === 'named') this.#names.put(networks, client, answer.name);
      else this.#names.delete(client);
    });
  }

  #askedLess(network: string): void {
    const left = (this.#askedOfNetwork.get(network) ?? 1) - 1;
    if (left > 0) this.#askedOfNetwork.set(network, left);
    else this.#askedOfNetwork.delete(network);
  }

  /** A name that resolves back to the address; undefined when there is none, or the answer is still out. */
  find(client: Ip): string | undefined {
    return this.#names.get(client);
  }
}
