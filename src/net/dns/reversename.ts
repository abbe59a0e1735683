// Names of addresses: the name to ask for, and the answer to believe.
import { Fault } from '../../base/fault.ts';
import { familyOf, ipToBytes, type Ip } from '../../base/ip.ts';
import { isHostName } from '../../protocol/address.ts';
import type { NameAnswer } from './namesource.ts';

/** `4.2.0.192.in-addr.arpa` (RFC 1035 section 3.5), or 32 digits under `ip6.arpa` (RFC 3596 section 2.5). */
export function reverseNameOf(ip: Ip): string {
  const backwards = ipToBytes(ip).reverse();
  if (familyOf(ip) === 4) return `${backwards.join('.')}.in-addr.arpa`;
  const digits = Array.from(backwards, (byte) => `${(byte & 15).toString(16)}.${(byte >> 4).toString(16)}`);
  return `${digits.join('.')}.ip6.arpa`;
}

/**
 * The first of `names` that is a valid host name. The holder of the address chooses them: control bytes, and
 * spellings of other addresses, must reach neither a client nor a log. NAME_NOT_FOUND if none is valid.
 */
export function nameAmong(names: readonly string[]): NameAnswer {
  const canonical = names.map((name) => name.toLowerCase().replace(/\.$/, ''));
  return canonical.find(isHostName) ?? new Fault('NAME_NOT_FOUND');
}
