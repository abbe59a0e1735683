// The local ends of our own outgoing sockets. A client that comes from one of them is this daemon itself: its requests are those of
// another client, who must not get the rights of this host by going through it twice.
import { isUnspecified, unmapIp, type Endpoint, type Ip } from '../base/ip.ts';
import { isSameIp } from '../base/zoned.ts';

/** The local end of a socket, and where the socket leads; undefined: anywhere, as a UDP socket. */
export interface OwnEnd extends Endpoint {
  readonly to: Endpoint | undefined;
  /** `met`: what it leads to has come in; `closed`: it was closed before that. */
  stage?: 'met' | 'closed';
}

/** Ends at one port; several sockets may have the same one, towards different destinations. */
type Ends = OwnEnd | OwnEnd[] | undefined;

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
const MAX_CLOSED = 16_384;

/**
 * A socket may be closed before the connection that it made to a listener of ours is accepted: a client need only reset at once. So
 * the end of one that leads to a port where we listen, and from which nobody has come yet, is known for a moment more.
 *
 * One array for each 256 ports that were used: no Map, for the reason that HandleTable gives. There are as many ends as
 * outgoing sockets; finding one takes as long as there are sockets at its port, mostly one. One timer runs for all that are
 * closed, and none while there are none.
 */
export class OwnEnds {
  readonly #pages: (Ends[] | undefined)[] = [];
  /** Listeners at each port where there are any. */
  readonly #listeners = new Map<number, number>();
  /** Those that were closed in this moment and in the one before. */
  #closed: OwnEnd[] = [];
  #closedBefore: OwnEnd[] = [];
  #isMoment = false;

  add(end: OwnEnd): void {
    const page = this.#pageOf(end.port);
    const there = page[end.port & PAGE_MASK];
    if (there === undefined) page[end.port & PAGE_MASK] = end;
    else if (Array.isArray(there)) there.push(end);
    else page[end.port & PAGE_MASK] = [there, end];
  }

  /** The socket is closed. To be called once for what was added. */
  remove(end: OwnEnd): void {
    if (end.stage === 'met' || end.to === undefined || !this.#listeners.has(end.to.port)) {
      this.#forget(end);
      return;
    }
    end.stage = 'closed';
    this.#closed.push(end);
    if (this.#closed.length >= MAX_CLOSED) this.#endMoment();
    if (!this.#isMoment) this.#startMoment();
  }

  /** There is one more listener of ours at `port`; calling what this gives says that it is gone, the first time. */
  listen(port: number): () => void {
    let count = 1;
    this.#listeners.set(port, (this.#listeners.get(port) ?? 0) + 1);
    return () => {
      const left = (this.#listeners.get(port) ?? 0) - count;
      count = 0;
      if (left > 0) this.#listeners.set(port, left);
      else this.#listeners.delete(port);
    };
  }

  #forget(end: OwnEnd): void {
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
    return this.#find(peer, local) !== undefined;
  }

  /** As has(), of a connection that was accepted: no other one comes from that socket. */
  meet(peer: Endpoint, local: Endpoint): boolean {
    const end = this.#find(peer, local);
    if (end === undefined) return false;
    if (end.stage === 'closed') this.#forget(end);
    else end.stage = 'met';
    return true;
  }

  #find(peer: Endpoint, local: Endpoint): OwnEnd | undefined {
    const there = this.#pages[peer.port >> PAGE_BITS]?.[peer.port & PAGE_MASK];
    if (there === undefined) return undefined;
    if (Array.isArray(there)) return there.find((end) => isConnection(end, peer, local));
    return isConnection(there, peer, local) ? there : undefined;
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

  #pageOf(port: number): Ends[] {
    const number = port >> PAGE_BITS;
    const known = this.#pages[number];
    if (known !== undefined) return known;
    // Without holes: an array with many of them becomes a dictionary.
    while (this.#pages.length <= number) this.#pages.push(undefined);
    const page = new Array<Ends>(PAGE_MASK + 1).fill(undefined);
    this.#pages[number] = page;
    return page;
  }
}

function isConnection({ ip, to }: OwnEnd, peer: Endpoint, local: Endpoint): boolean {
  return ip === peer.ip && (to === undefined || leadsHere(to, local));
}

/** 0.0.0.0 and `::` lead to this host. */
function leadsHere(to: Endpoint, local: Endpoint): boolean {
  return to.port === local.port && (isUnspecified(to.ip) || sameIp(to.ip, local.ip));
}

function sameIp(one: Ip, other: Ip): boolean {
  return isSameIp(unmapIp(one), unmapIp(other));
}
