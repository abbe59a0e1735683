// The local ends of our own outgoing sockets. A client that comes from one of them is this daemon itself: its requests are those of
// another client, who must not get the rights of this host by going through it twice.
import type { Endpoint, Ip } from '../base/ip.ts';

/** Ends at one port; several sockets may have the same one, towards different destinations. */
type Ends = Ip | Ip[] | undefined;

const PAGE_BITS = 8;
const PAGE_MASK = 0xff;

/**
 * One array for each 256 ports that were used: no Map, for the reason that HandleTable gives. There are as many ends as
 * outgoing sockets; finding one takes as long as there are sockets at its port, mostly one.
 */
export class OwnEnds {
  readonly #pages: (Ends[] | undefined)[] = [];

  add({ ip, port }: Endpoint): void {
    const page = this.#pageOf(port);
    const there = page[port & PAGE_MASK];
    if (there === undefined) page[port & PAGE_MASK] = ip;
    else if (typeof there === 'string') page[port & PAGE_MASK] = [there, ip];
    else there.push(ip);
  }

  /** To be called once for each add(). */
  remove({ ip, port }: Endpoint): void {
    const page = this.#pageOf(port);
    const there = page[port & PAGE_MASK];
    if (there === ip) page[port & PAGE_MASK] = undefined;
    else if (Array.isArray(there)) {
      const at = there.indexOf(ip);
      if (at >= 0) there.splice(at, 1);
      if (there.length === 0) page[port & PAGE_MASK] = undefined;
    }
  }

  has(ip: Ip, port: number): boolean {
    const there = this.#pages[port >> PAGE_BITS]?.[port & PAGE_MASK];
    return there === ip || (Array.isArray(there) && there.includes(ip));
  }

  #pageOf(port: number): Ends[] {
    const number = port >> PAGE_BITS;
    // Without holes: an array with many of them becomes a dictionary.
    while (this.#pages.length <= number) this.#pages.push(undefined);
    const page = this.#pages[number] ?? new Array<Ends>(PAGE_MASK + 1).fill(undefined);
    this.#pages[number] = page;
    return page;
  }
}
