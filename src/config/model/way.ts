// The ways of a route, and the proxies on them.

/** The protocol of a proxy; `socks`: SOCKS5, and SOCKS4 when that is refused. */
export type HopProtocol = 'socks5' | 'socks4' | 'socks' | 'http';

/** A proxy on the way to a destination. */
export interface Hop {
  readonly protocol: HopProtocol;
  /** The layer below that protocol. */
  readonly cover: 'plain' | 'tls';
  /** An address, or a name: that of the first proxy this host looks up, that of a further one the proxy before it. */
  readonly host: string;
  readonly port: number;
}

/** Proxies in the order in which they are contacted, the reverse of how a route is written; none: straight there. */
export interface Way {
  readonly hops: readonly Hop[];
}

/** The way to try first: the first that works, each in turn, or the one with the fewest sessions. */
export type RoutePick = 'failover' | 'round-robin' | 'least-sessions';

/** Whether any of its ways leads anywhere but straight there. */
export function hasProxies({ ways }: { readonly ways: readonly Way[] }): boolean {
  return ways.some(({ hops }) => hops.length > 0);
}

/** Whether ways lead datagrams nowhere: there are proxies, and on none of the ways do all of them take any. */
export function losesDatagrams(ways: readonly Way[]): boolean {
  return hasProxies({ ways }) && !ways.some(takesDatagrams);
}

/**
 * Whether datagrams can pass through the proxies of a way: each has to know UDP ASSOCIATE, which is SOCKS5. Not over TLS: that
 * covers the connection to the proxy, and beside it the datagrams would be in the clear.
 */
export function takesDatagrams({ hops }: Way): boolean {
  return (
    hops.length > 0 && hops.every(({ protocol, cover }) => SOCKS5.includes(protocol) && cover === 'plain')
  );
}

const SOCKS5: readonly HopProtocol[] = ['socks5', 'socks'];
