// Destinations and ports of routes, in the spelling of srelay.conf, which differs from that of `request` rules.
import { familyOf, ipToBytes, isUnspecified, parseCidr, parseIp, unmapIp, type Ip } from '../../base/ip.ts';
import type { Place, Route } from '../model/config.ts';
import { spanOf } from '../rules/places.ts';
import { isName } from '../values/hostport.ts';
import { quote, value, wrong, type Parsed } from '../values/parsed.ts';

/** `[2001:db8::/32]`, as in the sample file of srelay: brackets around address and length. */
const WHOLE_BLOCK = /^\[([^[\]]*:[^[\]]*\/\d{1,3})\]$/;

/**
 * Reads an address with or without a mask, a name or `*`. A name stands for all names below it as well. A mask that is
 * missing or 0 means the one address, but all of the family with 0.0.0.0 and `[::]`.
 */
export function parseRoutePlace(text: string): Parsed<Place> {
  if (text === '*') return value({ kind: 'any' });
  const [host = '', mask, ...more] = text.replace(WHOLE_BLOCK, '$1').split('/');
  const ip = parseIp(host.replace(/^\[(.*:.*)\]$/, '$1'));
  if (more.length === 0 && ip !== undefined) return parseRouteBlock(text, unmapIp(ip), mask);
  const name = host.toLowerCase().replace(/^\./, '').replace(/\.$/, '');
  if (mask === undefined && isName(name)) return value({ kind: 'suffix', suffix: `.${name}` });
  return wrong(`${quote(text)} is no destination; write ADDRESS, ADDRESS/MASK, [IPV6]/BITS, a name or *`);
}

/** Reads `N`, `LOW-HIGH`, `-HIGH`, `LOW-`, `-` or `any`, and `/T` or `/U` after it. */
export function parseRoutePorts(text: string): Parsed<Pick<Route, 'ports' | 'carrier'>> {
  const [, range = '', letter = ''] = /^([^/]*)(?:\/([TU]))?$/i.exec(text) ?? [];
  const carrier = CARRIERS[letter.toUpperCase()] ?? 'any';
  if (range === '-' || range.toLowerCase() === 'any') return value({ ports: undefined, carrier });
  const [, low, dash, high] = /^(\d{0,5})(-?)(\d{0,5})$/.exec(range) ?? [];
  if (range === '' || low === undefined) return wrong(whyNoPorts(text));
  const first = Number(low);
  const last = dash === '' ? first : high === '' ? HIGHEST_PORT : Number(high);
  return first <= last && last <= HIGHEST_PORT
    ? value({ ports: { low: first, high: last }, carrier })
    : wrong(whyNoPorts(text));
}

const HIGHEST_PORT = 65_535;
const CARRIERS: Readonly<Record<string, Route['carrier']>> = { T: 'tcp', U: 'udp' };

function whyNoPorts(text: string): string {
  return `${quote(text)} is no range of ports; write N, LOW-HIGH, -HIGH, LOW- or any, with /T for TCP only, /U for UDP only`;
}

function parseRouteBlock(text: string, ip: Ip, mask: string | undefined): Parsed<Place> {
  const width = ipToBytes(ip).length * 8;
  const written = mask === undefined ? 0 : prefixLengthOf(mask, familyOf(ip));
  if (written === undefined || written > width) {
    const forms = width === 32 ? '0 to 32, or a mask such as 255.255.255.0' : '0 to 128';
    return wrong(`${quote(text)} has no mask that can be; write a length of ${forms}`);
  }
  const bits = written === 0 && !isUnspecified(ip) ? width : written;
  const cidr = parseCidr(`${ip}/${bits}`);
  return cidr === undefined
    ? wrong(`${quote(text)} is no block of addresses`)
    : value({ kind: 'addresses', span: spanOf(cidr) });
}

/** The length that a mask means; undefined where it is none. */
function prefixLengthOf(mask: string, family: 4 | 6): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  const ip = family === 4 ? parseIp(mask) : undefined;
  if (ip === undefined || familyOf(ip) === 6) return undefined;
  const digits = [...ipToBytes(ip)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(digits) ? digits.lastIndexOf('1') + 1 : undefined;
}
