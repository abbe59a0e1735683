// Names of special use: those that mean this host, or nothing, wherever they are asked for, and so are neither looked up nor
// told to a proxy. `.local` is none of them here: many sites serve it by DNS.

/**
 * `loopback`: this host (RFC 6761 section 6.3). `nothing`: there is no such name (RFC 6761 section 6.4). `tor`: only Tor knows
 * it (RFC 7686), so it may travel to a proxy, but no name server is asked. undefined: a name like any other.
 */
export type SpecialUse = 'loopback' | 'nothing' | 'tor' | undefined;

/** `name`: in lower case without a trailing dot. */
export function specialUseOf(name: string): SpecialUse {
  return USES.get(name.slice(name.lastIndexOf('.') + 1));
}

/** Whether proxies are never told the name. */
export function staysHere(name: string): boolean {
  const use = specialUseOf(name);
  return use === 'loopback' || use === 'nothing';
}

/** By the last label, which stands for all names below it. */
const USES: ReadonlyMap<string, SpecialUse> = new Map([
  ['localhost', 'loopback'],
  ['invalid', 'nothing'],
  ['onion', 'tor'],
]);
