// One word of a list of clients in hosts_access(5) files.
import { formatCidr, ipToBytes, parseCidr, parseIp, type Cidr } from '../../base/ip.ts';
import { parseZonedCidr } from '../../base/zoned.ts';
import { spanOf } from '../rules/places.ts';
import { isName } from '../values/hostport.ts';
import { quote, value, wrong, type Parsed } from '../values/parsed.ts';

/** The clients that a word of a list matches. */
export type ClientPattern =
  | { readonly kind: 'all' }
  /** Names without a dot. */
  | { readonly kind: 'local' }
  | { readonly kind: 'block'; readonly block: Cidr }
  /** Lower case, no trailing dot. */
  | { readonly kind: 'name'; readonly name: string }
  /** `.example.org`: every name below it, and not that name. */
  | { readonly kind: 'suffix'; readonly suffix: string };

/** Reads a word; one that tcp_wrappers supports and this daemon does not is an error too. */
export function parseHostsPattern(word: string): Parsed<ClientPattern> {
  const upper = word.toUpperCase();
  if (upper === 'ALL') return value({ kind: 'all' });
  if (upper === 'LOCAL') return value({ kind: 'local' });
  const why = whyUnsupported(upper);
  if (why !== undefined) return wrong(`${quote(word)} is not supported: ${why}`);
  const name = word.toLowerCase();
  if (name.startsWith('.') && isName(name.slice(1))) return value({ kind: 'suffix', suffix: name });
  if (isName(name) && !name.endsWith('.')) return value({ kind: 'name', name });
  return parseClientBlock(word);
}

function whyUnsupported(upper: string): string | undefined {
  if (upper === 'KNOWN' || upper === 'UNKNOWN' || upper === 'PARANOID')
    return 'it depends on whether a name server answers; name addresses';
  if (upper.startsWith('@')) return 'netgroups are not asked';
  if (upper.includes('@')) return 'nobody asks clients for user names';
  if (upper.startsWith('/')) return 'lists in other files are not read';
  return /[*?]/.test(upper) ? 'write a net, or .SUFFIX' : undefined;
}

function parseClientBlock(word: string): Parsed<ClientPattern> {
  const block = readHostsBlock(word);
  if (block === undefined) {
    return wrong(
      `${quote(word)} is not ALL, LOCAL, an address (IPv6 in brackets), a net (192.0.2.0/24, 192.0.2., [2001:db8::]/32), a name or .SUFFIX`,
    );
  }
  // In tcp_wrappers 0 bits do not mean every client.
  if (block.bits === 0) return wrong(`${quote(word)} is every address of a family; write ALL`);
  const first = { ...block, base: spanOf(block).low };
  // In tcp_wrappers such a net matches no client, which the operator cannot have meant.
  return formatCidr(first) === formatCidr(block)
    ? value({ kind: 'block', block })
    : wrong(`${quote(word)} does not begin its net, and so would match nobody; write ${formatCidr(first)}`);
}

function readHostsBlock(word: string): Cidr | undefined {
  const [, bracketed, bits = ''] = /^\[([^[\]]*:[^[\]]*)\](\/\d+)?$/.exec(word) ?? [];
  if (bracketed !== undefined) return parseZonedCidr(bracketed + bits);
  if (word.includes(':')) return undefined;
  if (/^(\d+\.){1,3}$/.test(word)) return prefixOf(word);
  const [address = '', mask] = word.split('/');
  return mask?.includes('.') ? maskedBlock(address, mask) : parseCidr(word);
}

/** `192.0.2.`. */
function prefixOf(word: string): Cidr | undefined {
  const octets = word.slice(0, -1).split('.');
  return parseCidr(`${[...octets, '0', '0', '0'].slice(0, 4).join('.')}/${octets.length * 8}`);
}

/** `192.0.2.0/255.255.255.0`; undefined also where the mask has holes. */
function maskedBlock(address: string, mask: string): Cidr | undefined {
  const ip = parseIp(mask);
  if (ip === undefined) return undefined;
  const digits = Array.from(ipToBytes(ip), (byte) => byte.toString(2).padStart(8, '0')).join('');
  const bits = /^(1*)0*$/.exec(digits)?.[1]?.length;
  return bits === undefined ? undefined : parseCidr(`${address}/${bits}`);
}
