// The addresses of sockd.conf rules, `10.0.0.0/8 port = 80`, `0/0`, `.example.org`, `eth0`, and which clients are there.
import { familyOf, formatCidr, ipToBytes, parseCidr, parseIp, type Cidr, type Ip } from '../base/ip.ts';
import type { PortRange } from '../config/model/config.ts';
import { isWholeFamily, spanOf } from '../config/rules/places.ts';
import { isName, type PortOf } from '../config/values/hostport.ts';
import { quote, value, wrong, type Parsed } from '../config/values/parsed.ts';
import type { DanteField } from './statements.ts';

/** Facts about the host on which Dante runs. */
export interface DanteHost {
  /** The addresses of each interface. */
  readonly interfaces: ReadonlyMap<string, readonly Ip[]>;
  readonly portOf: PortOf;
}

export type DantePlace =
  /** `0/0`: every address of both families. */
  | { readonly kind: 'everything' }
  /** `0.0.0.0/0` or `::/0`: every address of one. */
  | { readonly kind: 'family'; readonly family: 4 | 6 }
  | { readonly kind: 'blocks'; readonly blocks: readonly Cidr[] }
  | { readonly kind: 'name'; readonly name: string }
  /** With its leading dot: the name after it, and every name below. */
  | { readonly kind: 'suffix'; readonly suffix: string };

export interface DanteTarget {
  readonly place: DantePlace;
  /** undefined: every port. */
  readonly ports: readonly PortRange[] | undefined;
}

/** Reads the words after `from:`, `to:` or `via:`. */
export function parseDanteTarget(words: readonly string[], host: DanteHost): Parsed<DanteTarget> {
  const [address = '', keyword, ...rest] = words;
  const place = parseDantePlace(address, host);
  if (place.kind === 'wrong') return place;
  if (keyword === undefined) return value({ place: place.value, ports: undefined });
  if (keyword.toLowerCase() !== 'port') return wrong(`${quote(keyword)} does not belong behind an address`);
  const ports = parsePortWords(rest, host.portOf);
  return ports.kind === 'wrong' ? ports : value({ place: place.value, ports: ports.value });
}

function parseDantePlace(text: string, { interfaces }: DanteHost): Parsed<DantePlace> {
  if (text === '0/0') return value({ kind: 'everything' });
  const cidr = parseCidr(text.replace(DOTTED_MASK, prefixTextOf));
  if (cidr !== undefined) {
    return value(
      isWholeFamily(spanOf(cidr))
        ? { kind: 'family', family: cidr.family }
        : { kind: 'blocks', blocks: [cidr] },
    );
  }
  // Dante means the addresses of the interface by its name, and no network around them.
  const own = interfaces.get(text) ?? (/^lo0?$/.test(text) ? LOOPBACK : undefined);
  if (own !== undefined) return value({ kind: 'blocks', blocks: own.flatMap((ip) => parseCidr(ip) ?? []) });
  const name = text.toLowerCase().replace(/\.$/, '');
  if (name.startsWith('.') && isName(name.slice(1))) return value({ kind: 'suffix', suffix: name });
  if (name.includes('.') && isName(name)) return value({ kind: 'name', name });
  return wrong(`${quote(text)} is no address, no name with a dot and no interface of this host`);
}

const DOTTED_MASK = /\/(\d+\.\d+\.\d+\.\d+)$/;

/** `/255.0.0.0` as `/8`; a mask with gaps stays what it is, and is no block. */
function prefixTextOf(slashed: string, mask: string): string {
  const ip = parseIp(mask);
  const bits =
    ip === undefined ? '' : [...ipToBytes(ip)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) && bits !== '' ? `/${bits.replaceAll('0', '').length}` : slashed;
}

/** The interface that every host has, under the name of Linux and that of the BSDs. */
const LOOPBACK = ['127.0.0.1', '::1'].flatMap((text) => parseIp(text) ?? []);

const HIGHEST_PORT = 65_535;

/** Reads the words after `port`: `= 80`, `eq http`, `!= 25`, `ge 1024`, `6000-6063`. */
function parsePortWords(words: readonly string[], portOf: PortOf): Parsed<readonly PortRange[]> {
  const [, operator = '=', low = '', high] =
    /^(=|!=|[<>]=?|eq |neq? |ge |le |gt |lt )?([a-z\d]+)(?:-(\d+))?$/.exec(join(words)) ?? [];
  const first = readPortWord(low, portOf);
  const last = high === undefined ? first : readPortWord(high, portOf);
  const isMixed = high !== undefined && !/^(?:=|eq )$/.test(operator);
  if (first === undefined || last === undefined || isMixed) {
    return wrong(`${quote(words.join(' '))} is no port, no range of ports and no service of /etc/services`);
  }
  return value(RANGES[operator.trim()]?.(first, last) ?? []);
}

/** `1 - 9` as `1-9`, without a blank after a sign. */
function join(words: readonly string[]): string {
  return words
    .join(' ')
    .toLowerCase()
    .replace(/ ?- ?/g, '-')
    .replace(/^([=<>!]+) /, '$1');
}

type RangesOf = (low: number, high: number) => readonly PortRange[];

const ABOVE: RangesOf = (low) => ranges([low + 1, HIGHEST_PORT]);
const BELOW: RangesOf = (low) => ranges([0, low - 1]);
const FROM: RangesOf = (low) => ranges([low, HIGHEST_PORT]);
const UP_TO: RangesOf = (low) => ranges([0, low]);
const WITHIN: RangesOf = (low, high) => ranges([low, high]);
const OTHER: RangesOf = (low) => ranges([0, low - 1], [low + 1, HIGHEST_PORT]);

const RANGES: Readonly<Record<string, RangesOf>> = {
  '=': WITHIN,
  eq: WITHIN,
  '!=': OTHER,
  ne: OTHER,
  neq: OTHER,
  '>=': FROM,
  ge: FROM,
  '<=': UP_TO,
  le: UP_TO,
  '>': ABOVE,
  gt: ABOVE,
  '<': BELOW,
  lt: BELOW,
};

/** The ranges that hold a port. */
function ranges(...pairs: readonly (readonly [number, number])[]): readonly PortRange[] {
  return pairs.filter(([low, high]) => low <= high).map(([low, high]) => ({ low, high }));
}

function readPortWord(text: string, portOf: PortOf): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : portOf(text);
  return port !== undefined && port <= HIGHEST_PORT ? port : undefined;
}

/** In the form of our rules: an IPv6 address in brackets, so that a port may follow. */
export function formatPlaceBlock(block: Cidr): string {
  return formatCidr(block).replace(/^(.*:.*)\/(\d+)$/, '[$1]/$2');
}

/** Every address of a family as two blocks: written as one it would stand for both families. */
export function halvesOf(family: 4 | 6): readonly Cidr[] {
  const texts = family === 4 ? ['0.0.0.0/1', '128.0.0.0/1'] : ['::/1', '8000::/1'];
  return texts.flatMap((text) => parseCidr(text) ?? []);
}

/** The families in which something can be at these hosts; both where a host is a name. */
export function familiesOfHosts(hosts: readonly string[], { interfaces }: DanteHost): ReadonlySet<4 | 6> {
  return new Set(
    hosts.flatMap((text) => {
      const ip = parseIp(text);
      if (ip !== undefined) return [familyOf(ip)];
      return interfaces.get(text)?.map(familyOf) ?? [4 as const, 6 as const];
    }),
  );
}

/** undefined: every client; empty: no client. */
export type ClientBlocks = readonly Cidr[] | undefined;

interface ClientFacts {
  readonly host: DanteHost;
  readonly clientFamily: 4 | 6 | undefined;
}

/** Reads the `from` of a rule. */
export function clientsOf(from: DanteField | undefined, facts: ClientFacts): Parsed<ClientBlocks> {
  if (from === undefined) return value(undefined);
  const target = parseDanteTarget(from.values, facts.host);
  if (target.kind === 'wrong') return target;
  return saysNothingOfPorts(target.value)
    ? clientsAt(target.value, facts)
    : wrong('nobody asks for the port of a client here');
}

/** Whether it says nothing about ports. */
export function saysNothingOfPorts({ ports }: DanteTarget): boolean {
  return ports === undefined || ports.some(({ low, high }) => low <= 1 && high === 65_535);
}

/** The clients at a place, whatever their ports. */
export function clientsAt(
  { place }: DanteTarget,
  { clientFamily }: Pick<ClientFacts, 'clientFamily'>,
): Parsed<ClientBlocks> {
  switch (place.kind) {
    case 'everything':
      return value(undefined);
    case 'family':
      if (clientFamily === undefined) return value(halvesOf(place.family));
      return value(clientFamily === place.family ? undefined : []);
    case 'blocks':
      return value(place.blocks);
    case 'name':
    case 'suffix':
      return wrong('rules do not look clients up; write addresses, or use tcp-wrappers');
  }
}
