// Lists of blocks of addresses.
import { bytesInCidr, ipToBytes, unmapIp, type Cidr, type Ip } from '../base/ip.ts';

/** Whether one of the blocks holds the address; an IPv4-mapped address counts as IPv4. */
export function isListed(blocks: readonly Cidr[], ip: Ip): boolean {
  if (blocks.length === 0) return false;
  const bytes = ipToBytes(unmapIp(ip));
  return blocks.some((block) => bytesInCidr(block, bytes));
}
