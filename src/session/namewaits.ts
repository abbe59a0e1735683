// Datagrams for names that are being looked up: a name is asked for once, and what comes for it meanwhile waits.
import type { Endpoint, Ip } from '../base/ip.ts';
import type { NameLookup } from '../net/resolve.ts';
import type { Destination } from '../protocol/address.ts';
import type { DatagramKey } from '../protocol/datagram.ts';
import { DatagramQueue } from './datagramqueue.ts';
import type { DropReason } from './drops.ts';
import { chooseAddress } from './nameanswer.ts';

type NameDestination = Extract<Destination, { kind: 'name' }>;

/** Whom it asks about names and addresses. */
export interface NameSettings {
  readonly lookup: (name: string) => NameLookup;
  readonly hostAddresses: () => ReadonlySet<Ip>;
  /** Why datagrams for `destination` must not be sent to `ip`, an address of it; undefined: they may. */
  readonly refusal: (destination: Destination, ip: Ip) => DropReason | undefined;
  /** The same about a name that is not looked up yet. */
  readonly nameRefusal: (destination: NameDestination) => DropReason | undefined;
}

/** What became of a name: where its datagrams go, or why they do not. */
interface NameOutcome {
  readonly found: (key: DatagramKey, endpoint: Endpoint, payloads: readonly Uint8Array[]) => void;
  readonly dropped: (reason: DropReason, datagrams: number) => void;
}

export class NameWaits {
  readonly #settings: NameSettings;
  readonly #outcome: NameOutcome;
  /** By the header that has the name. */
  readonly #waiting = new DatagramQueue<DatagramKey>();
  readonly #asked = new Set<DatagramKey>();

  constructor(settings: NameSettings, outcome: NameOutcome) {
    this.#settings = settings;
    this.#outcome = outcome;
  }

  /** Keeps `payload` until `destination`, whose header is `key`, is known; else says why it is dropped. */
  add(destination: NameDestination, key: DatagramKey, payload: Uint8Array): DropReason | undefined {
    const refused = this.#settings.nameRefusal(destination);
    if (refused !== undefined) return refused;
    if (!this.#waiting.push(key, payload)) return 'busy';
    if (!this.#asked.has(key)) void this.#ask(destination, key);
    return undefined;
  }

  async #ask(destination: NameDestination, key: DatagramKey): Promise<void> {
    this.#asked.add(key);
    const { lookup, hostAddresses, refusal } = this.#settings;
    const chosen = await chooseAddress(lookup(destination.name), hostAddresses(), (ip) =>
      refusal(destination, ip),
    );
    this.#asked.delete(key);
    const payloads = this.#waiting.take((each) => each === key).map(({ payload }) => payload);
    if (typeof chosen !== 'string') this.#outcome.dropped(chosen.refused, payloads.length);
    else this.#outcome.found(key, { ip: chosen, port: destination.port }, payloads);
  }
}
