// How many look-ups may wait at a time: in all, and for each client, so that one client with a list of names
// that nobody answers for cannot keep the others from being served.
import { familyOf, ipToBytes, type Ip } from '../base/ip.ts';

export class LookupSlots {
  readonly #maxTotal: number;
  readonly #maxPerClient: number;
  readonly #takenBy = new Map<string, number>();
  #taken = 0;

  constructor(maxTotal: number, maxPerClient: number) {
    this.#maxTotal = maxTotal;
    this.#maxPerClient = maxPerClient;
  }

  /** Takes a slot and returns the way to give it back, once; undefined when there is none left. */
  take(client: Ip): (() => void) | undefined {
    const holder = holderOf(client);
    const held = this.#takenBy.get(holder) ?? 0;
    if (this.#taken >= this.#maxTotal || held >= this.#maxPerClient) return undefined;
    this.#taken += 1;
    this.#takenBy.set(holder, held + 1);
    return () => this.#giveBack(holder);
  }

  #giveBack(holder: string): void {
    this.#taken -= 1;
    const held = this.#takenBy.get(holder) ?? 0;
    if (held > 1) this.#takenBy.set(holder, held - 1);
    else this.#takenBy.delete(holder);
  }
}

/** Who shares a limit: an IPv4 address, or an IPv6 /64, every address of which one host may use (RFC 4291). */
function holderOf(client: Ip): string {
  return familyOf(client) === 4 ? client : ipToBytes(client).subarray(0, 8).join('.');
}
