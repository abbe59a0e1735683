// Lists of blocks of addresses.
import { bytesInCidr, ipToBytes, unmapIp, type Cidr, type Ip } from '../base/ip.ts';

/** Whether one of the blocks holds the address; an IPv4-mapped address counts as IPv4. */
export function isListed(blocks: readonly Cidr[], ip: Ip): boolean {
  if (blocks.length === 0) return false;
  const bytes = ipToBytes(unmapIp(ip));
  return blocks.some((block) => bytesInCidr(block, bytes));
}

/** The same block, as equal ones are written: `192.0.2.77/24` is 192.0.2.0/24. */
export function canonical({ family, base, bits }: Cidr): Cidr {
  const masked = base.map((byte, at) => byte & (0xff00 >> Math.max(0, Math.min(8, bits - at * 8))) & 0xff);
  return { family, base: masked, bits };
}

/** Whether every address of `inner` is in `outer`. */
export function holdsBlock(outer: Cidr, inner: Cidr): boolean {
  return outer.bits <= inner.bits && bytesInCidr(outer, inner.base);
}

export function overlap(one: Cidr, other: Cidr): boolean {
  return holdsBlock(one, other) || holdsBlock(other, one);
}
