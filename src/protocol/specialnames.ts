// Names of special use (RFC 6761): they mean this host, or nothing, everywhere, so they are neither looked up nor sent to a
// proxy. `.local` is not treated as one: many sites serve it by DNS.

/**
 * `loopback`: this host (RFC 6761 section 6.3). `nothing`: there is no such name (RFC 6761 section 6.4). `tor`: only Tor resolves
 * it (RFC 7686), so it may go to a proxy, but no name server is asked. undefined: an ordinary name.
 */
export type SpecialUse = 'loopback' | 'nothing' | 'tor' | undefined;

/** `name`: in lower case without a trailing dot. */
export function specialUseOf(name: string): SpecialUse {
  return USES.get(name.slice(name.lastIndexOf('.') + 1));
}

/** Whether the name is never sent to proxies. */
export function staysHere(name: string): boolean {
  const use = specialUseOf(name);
  return use === 'loopback' || use === 'nothing';
}

/** By the last label; names below it have the same use. */
const USES: ReadonlyMap<string, SpecialUse> = new Map([
  ['localhost', 'loopback'],
  ['invalid', 'nothing'],
  ['onion', 'tor'],
]);
