// Spans of addresses, for comparing quickly: IPv4 addresses as numbers, IPv6 addresses as bytes. An IPv4-mapped address
// is its IPv4 address everywhere in the rules.
import { addressOf, familyOf, ipToBytes, unmapIp, type Ip } from '../../base/ip.ts';
import { isInZone } from '../../base/zoned.ts';
import type { AddressSpan } from '../../config/model/config.ts';

/**
 * An address to be looked for: of IPv6 its 16 bytes; of IPv4 its 32 bits with the first one turned over, which keeps their
 * order in a signed number, and those are the ones that V8 keeps without a box.
 */
export type Address = number | Uint8Array;

export type Span =
  | {
      readonly kind: 'ipv4';
      readonly low: number;
      readonly high: number;
      readonly zone: string | undefined;
    }
  | {
      readonly kind: 'ipv6';
      readonly low: Uint8Array;
      readonly high: Uint8Array;
      readonly zone: string | undefined;
    };

export function compileSpan({ low, high, zone }: AddressSpan): Span {
  return low.length === 4
    ? { kind: 'ipv4', low: numberOf(low), high: numberOf(high), zone }
    : { kind: 'ipv6', low, high, zone };
}

export function addressOfIp(ip: Ip): Address {
  const unmapped = unmapIp(ip);
  return familyOf(unmapped) === 4 ? quadNumber(addressOf(unmapped)) : ipToBytes(unmapped);
}

/** spanHolds() of a client, which may have a zone. */
export function spanHoldsClient(span: Span, address: Address, client: Ip): boolean {
  return spanHolds(span, address) && isInZone(span.zone, client);
}

/** Whether the span holds the address; a span never holds addresses of the other family. */
export function spanHolds(span: Span, address: Address): boolean {
  if (typeof address === 'number') {
    return span.kind === 'ipv4' && span.low <= address && address <= span.high;
  }
  return span.kind === 'ipv6' && compare(span.low, address) <= 0 && compare(address, span.high) <= 0;
}

function numberOf(bytes: Uint8Array): number {
  return bytes.reduce((number, byte) => (number << 8) | byte, 0) ^ FIRST_BIT;
}

/** Straight from the canonical text, without an array: this stands in the path of every connection. */
function quadNumber(ip: Ip): number {
  let number = 0;
  let part = 0;
  for (let at = 0; at < ip.length; at++) {
    const code = ip.charCodeAt(at);
    if (code === DOT) {
      number = (number << 8) | part;
      part = 0;
    } else part = part * 10 + code - DIGIT_ZERO;
  }
  return ((number << 8) | part) ^ FIRST_BIT;
}

const FIRST_BIT = 1 << 31;
const DOT = 46;
const DIGIT_ZERO = 48;

function compare(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < one.length; at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
