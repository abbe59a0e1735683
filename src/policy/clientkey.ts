// Whom a limit or a ban counts as one client: an IPv4 address, or an IPv6 /64, which is what one customer or host has
// and can take any address of (RFC 6177, RFC 4941).
import { familyOf, ipFromBytes, ipToBytes, unmapIp, type Ip } from '../base/ip.ts';

declare const keyBrand: unique symbol;

/** An IPv4 address, or an IPv6 prefix as `2001:db8:1:2::/64`. Equal clients are equal strings. */
export type ClientKey = string & { readonly [keyBrand]: true };

/** Bytes of an IPv6 address that tell clients apart. */
const PREFIX_BYTES = 8;

export function clientKeyOf(ip: Ip): ClientKey {
  const plain = unmapIp(ip);
  if (familyOf(plain) === 4) return plain as string as ClientKey;
  const prefix = new Uint8Array(16);
  prefix.set(ipToBytes(plain).subarray(0, PREFIX_BYTES));
  return `${ipFromBytes(prefix)}/64` as ClientKey;
}
