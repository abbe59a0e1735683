// The local ends of our own outgoing sockets. A client that comes from one of them is this daemon itself: its requests are those of
// another client, who must not get the rights of this host by going through it twice.
import { isUnspecified, unmapIp, type Endpoint, type Ip } from '../base/ip.ts';

/** The local end of a socket, and where the socket leads; undefined: anywhere, as a UDP socket. */
export interface OwnEnd extends Endpoint {
  readonly to: Endpoint | undefined;
}

/** Ends at one port; several sockets may have the same one, towards different destinations. */
type Ends = OwnEnd | OwnEnd[] | undefined;

const PAGE_BITS = 8;
const PAGE_MASK = 0xff;

/**
 * One array for each 256 ports that were used: no Map, for the reason that HandleTable gives. There are as many ends as
 * outgoing sockets; finding one takes as long as there are sockets at its port, mostly one.
 */
export class OwnEnds {
  readonly #pages: (Ends[] | undefined)[] = [];

  add(end: OwnEnd): void {
    const page = this.#pageOf(end.port);
    const there = page[end.port & PAGE_MASK];
    if (there === undefined) page[end.port & PAGE_MASK] = end;
    else if (Array.isArray(there)) there.push(end);
    else page[end.port & PAGE_MASK] = [there, end];
  }

  /** Takes out what was added. */
  remove(end: OwnEnd): void {
    const page = this.#pageOf(end.port);
    const there = page[end.port & PAGE_MASK];
    if (there === end) page[end.port & PAGE_MASK] = undefined;
    else if (Array.isArray(there)) {
      const at = there.indexOf(end);
      if (at >= 0) there.splice(at, 1);
      if (there.length === 0) page[end.port & PAGE_MASK] = undefined;
    }
  }

  /**
   * Whether what came from `peer` to `local` came from one of them. The system gives one port to sockets towards several places, so
   * a program on this host may have the port of an outgoing socket: only one that leads to `local` is the same connection.
   */
  has(peer: Endpoint, local: Endpoint): boolean {
    const there = this.#pages[peer.port >> PAGE_BITS]?.[peer.port & PAGE_MASK];
    if (there === undefined) return false;
    const ends = Array.isArray(there) ? there : [there];
    return ends.some(({ ip, to }) => ip === peer.ip && (to === undefined || leadsTo(to, local)));
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

/** 0.0.0.0 and `::` lead to this host. */
function leadsTo(to: Endpoint, local: Endpoint): boolean {
  return to.port === local.port && (isUnspecified(to.ip) || sameIp(to.ip, local.ip));
}

function sameIp(one: Ip, other: Ip): boolean {
  return unmapIp(one) === unmapIp(other);
}
