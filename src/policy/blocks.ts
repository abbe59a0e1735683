// Lists of blocks of addresses.
import { bytesInCidr, ipToBytes, unmapIp, type Cidr, type Ip } from '../base/ip.ts';
import { isUnixClient, isUnixZone, zoneHolds } from '../base/unixclient.ts';
import { cidrHolds } from '../base/zoned.ts';

/** Whether one of the blocks holds the address; an IPv4-mapped address counts as IPv4. */
export function isListed(blocks: readonly Cidr[], ip: Ip): boolean {
  if (blocks.length === 0) return false;
  const bytes = ipToBytes(unmapIp(ip));
  return blocks.some((block) => cidrHolds(block, ip, bytes));
}

/** isListed() for those who are trusted: a client of a Unix socket is in no block but `unix` and that of its account. */
export function isTrustedIn(blocks: readonly Cidr[], ip: Ip): boolean {
  if (!isListed(blocks, ip)) return false;
  return (
    !isUnixClient(ip) ||
    blocks.some(({ zone }) => zone !== undefined && isUnixZone(zone) && zoneHolds(zone, ip))
  );
}

/** The canonical form of a block: `192.0.2.77/24` is 192.0.2.0/24. */
export function canonical({ family, base, bits, zone }: Cidr): Cidr {
  const masked = base.map((byte, at) => byte & (0xff00 >> Math.max(0, Math.min(8, bits - at * 8))) & 0xff);
  return { family, base: masked, bits, ...(zone === undefined ? {} : { zone }) };
}

/** Whether every address of `inner` is in `outer`. */
export function holdsBlock(outer: Cidr, inner: Cidr): boolean {
  return (outer.zone === undefined || zoneHolds(outer.zone, inner.zone)) && isWider(outer, inner);
}

export function overlap(one: Cidr, other: Cidr): boolean {
  const [zone, otherZone] = [one.zone, other.zone];
  if (
    zone !== undefined &&
    otherZone !== undefined &&
    !zoneHolds(zone, otherZone) &&
    !zoneHolds(otherZone, zone)
  )
    return false;
  return isWider(one, other) || isWider(other, one);
}

function isWider(outer: Cidr, inner: Cidr): boolean {
  return outer.bits <= inner.bits && bytesInCidr(outer, inner.base);
}
