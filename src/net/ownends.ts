// The local ends of our own outgoing sockets. A client that comes from one of them is this daemon itself: it carries
// the requests of another client, which must not gain the rights of this host by going through the proxy twice.
import { isUnspecified, unmapIp, type Endpoint, type Ip } from '../base/ip.ts';
import { isSameIp } from '../base/zoned.ts';

/** The local end of a socket, and the endpoint it leads to; undefined: any, as for a UDP socket. */
export interface OwnEnd extends Endpoint {
  readonly to: Endpoint | undefined;
  /** `met`: its connection was accepted by a listener of ours; `closed`: it was closed before that. */
  stage?: 'met' | 'closed';
}

/** Ends at one port; several sockets towards different destinations may share it. */
type Ends = OwnEnd | OwnEnd[] | undefined;

const PAGE_BITS = 8;
const PAGE_MASK = 0xff;

/** The least time that a closed end is kept; at most twice that, if the event loop is not slow. */
const MOMENT_MS = 1000;
/**
 * Turns of the event loop that a closed end outlives as well. A turn accepts waiting clients: with the engine one in
 * the first turn, one more in each further one, up to 64. So 128 turns empty a backlog of 4096, however long they
 * take.
 */
const TURNS = 128;
/** Closed ends of one period; with more of them the period is over. */
const MAX_CLOSED = 16_384;

/**
 * A socket may be closed before its connection to a listener of ours is accepted: its client need only reset at once.
 * So the end of a socket that leads to a port of ours, and whose connection was not accepted yet, is kept for a
 * while.
 *
 * One array for each 256 used ports: no Map, for the reason given in HandleTable. There are as many ends as outgoing
 * sockets; finding one takes as long as there are sockets at its port, usually one. One timer runs for all closed
 * ends, and none without any.
 */
export class OwnEnds {
  readonly #pages: (Ends[] | undefined)[] = [];
  /** The number of listeners at each port. */
  readonly #listeners = new Map<number, number>();
  /** Ends closed in this period and in the one before. */
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

  /** The socket is closed. Call it once for each added end. */
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

  /** Counts one more listener at `port`; the returned function uncounts it, once. */
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
   * Whether a connection from `peer` to `local` came from one of these sockets. The system gives one port to sockets
   * towards several places, so a program on this host may share the port of an outgoing socket: only a socket that
   * leads to `local` is the same connection.
   */
  has(peer: Endpoint, local: Endpoint): boolean {
    return this.#find(peer, local) !== undefined;
  }

  /** has() for an accepted connection, which is then done with: no other connection can come from that socket. */
  recognise(peer: Endpoint, local: Endpoint): boolean {
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
    // No holes: an array with many of them becomes a dictionary.
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
