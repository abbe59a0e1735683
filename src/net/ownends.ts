// The local ends of our own outgoing sockets. A client that comes from one of them is this daemon itself: its requests are those of
// another client, who must not get the rights of this host by going through it twice.
import type { Endpoint, Ip } from '../base/ip.ts';

/** Ends at one port; several sockets may have the same one, towards different destinations. */
type Ends = Ip | Ip[] | undefined;

const PAGE_BITS = 8;
const PAGE_MASK = 0xff;

/** How long a closed end is known at least; twice that at most, but for a loop that is slow to turn. */
const MOMENT_MS = 1000;
/**
 * Turns of the event loop that a closed end outlives as well. A turn accepts what waits at a listener: with the engine one client
 * in the first of them, one more in each further one, up to 64. So 128 turns empty a backlog of 4096, however long they take.
 */
const TURNS = 128;
/** Closed ends of one moment; beyond that the moment is over. */
const MAX_CLOSED = 32_768;

/**
 * A connection may wait to be accepted, or a datagram to be read, when the socket that it came from is closed already. Therefore an
 * end is forgotten a moment after it was closed.
 *
 * One array for each 256 ports that were used: no Map, for the reason that HandleTable gives. There are as many ends as
 * outgoing sockets; finding one takes as long as there are sockets at its port, mostly one. A closed end costs one
 * more write into an array; one timer runs for all of them, and none while there are none.
 */
export class OwnEnds {
  readonly #pages: (Ends[] | undefined)[] = [];
  /** Those that were closed in this moment and in the one before. */
  #closed: Endpoint[] = [];
  #closedBefore: Endpoint[] = [];
  #isMoment = false;

  add({ ip, port }: Endpoint): void {
    const page = this.#pageOf(port);
    const there = page[port & PAGE_MASK];
    if (there === undefined) page[port & PAGE_MASK] = ip;
    else if (typeof there === 'string') page[port & PAGE_MASK] = [there, ip];
    else there.push(ip);
  }

  /** To be called once for each add(), when the socket is closed. The end is known for MOMENT_MS and TURNS more. */
  remove(end: Endpoint): void {
    this.#closed.push(end);
    if (this.#closed.length >= MAX_CLOSED) this.#endMoment();
    if (!this.#isMoment) this.#startMoment();
  }

  has(ip: Ip, port: number): boolean {
    const there = this.#pages[port >> PAGE_BITS]?.[port & PAGE_MASK];
    return there === ip || (Array.isArray(there) && there.includes(ip));
  }

  #startMoment(): void {
    this.#isMoment = true;
    setTimeout(() => this.#turn(TURNS), MOMENT_MS).unref();
  }

  #turn(left: number): void {
    if (left > 0) {
      setImmediate(() => this.#turn(left - 1));
      return;
    }
    this.#endMoment();
    this.#isMoment = false;
    if (this.#closedBefore.length > 0) this.#startMoment();
  }

  #endMoment(): void {
    for (const end of this.#closedBefore) this.#forget(end);
    this.#closedBefore = this.#closed;
    this.#closed = [];
  }

  #forget({ ip, port }: Endpoint): void {
    const page = this.#pageOf(port);
    const there = page[port & PAGE_MASK];
    if (there === ip) page[port & PAGE_MASK] = undefined;
    else if (Array.isArray(there)) {
      const at = there.indexOf(ip);
      if (at >= 0) there.splice(at, 1);
      if (there.length === 0) page[port & PAGE_MASK] = undefined;
    }
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
