// The intersection of two rules of a sockd.conf: clients, places and ports.
import { bytesInCidr, type Cidr } from '../base/ip.ts';
import type { PortRange } from '../config/model/config.ts';
import type { ClientBlocks, DantePlace } from './place.ts';

/** Clients and their destinations; ports undefined: every port. */
export interface Region {
  readonly clients: ClientBlocks;
  readonly place: DantePlace;
  readonly ports: readonly PortRange[] | undefined;
}

/** Clients that are in both; an empty list: none. */
export function meetClients(one: ClientBlocks, other: ClientBlocks): ClientBlocks {
  if (one === undefined) return other;
  return other === undefined ? one : meetBlocks(one, other);
}

/** Whether every client of `inner` is in `outer`, as far as single blocks tell. */
export function coversClients(outer: ClientBlocks, inner: ClientBlocks): boolean {
  return outer === undefined || (inner !== undefined && coversBlocks(outer, inner));
}

/**
 * Places in both; undefined when there are none. `other` holds no name: when `one` is a name, it is unknown whether it leads
 * there, and `unknown` says so.
 */
export function meetPlaces(
  one: DantePlace,
  other: DantePlace,
  onlyFamily: 4 | 6 | undefined,
): DantePlace | 'unknown' | undefined {
  if (coversPlace(other, one, onlyFamily)) return one;
  if (one.kind === 'name' || one.kind === 'suffix') return 'unknown';
  if (coversPlace(one, other, onlyFamily)) return other;
  if (one.kind !== 'blocks' || other.kind !== 'blocks') return meetFamily(one, other);
  const blocks = meetBlocks(one.blocks, other.blocks);
  return blocks.length === 0 ? undefined : { kind: 'blocks', blocks };
}

/** Whether every address of `inner` is in `outer`; `onlyFamily` is the one in which there are any at all. */
export function coversPlace(outer: DantePlace, inner: DantePlace, onlyFamily: 4 | 6 | undefined): boolean {
  if (outer.kind === 'everything') return true;
  if (outer.kind === 'family') {
    if (onlyFamily === outer.family) return true;
    if (inner.kind === 'family') return inner.family === outer.family;
    return inner.kind === 'blocks' && inner.blocks.every(({ family }) => family === outer.family);
  }
  return outer.kind === 'blocks' && inner.kind === 'blocks' && coversBlocks(outer.blocks, inner.blocks);
}

/** Ports in both; an empty list: none. */
export function meetPorts(one: Region['ports'], other: Region['ports']): Region['ports'] {
  if (one === undefined) return other;
  if (other === undefined) return one;
  return one.flatMap((range) =>
    other
      .map(({ low, high }) => ({ low: Math.max(low, range.low), high: Math.min(high, range.high) }))
      .filter(({ low, high }) => low <= high),
  );
}

/** Whether every port of `inner` is in one range of `outer`. */
export function coversPorts(outer: Region['ports'], inner: Region['ports']): boolean {
  if (outer === undefined) return true;
  return (inner ?? [EVERY_PORT]).every((range) =>
    outer.some(({ low, high }) => low <= range.low && range.high <= high),
  );
}

/** No client connects to port 0. */
const EVERY_PORT: PortRange = { low: 1, high: 65_535 };

/** One of them is a family, and neither holds the other. */
function meetFamily(one: DantePlace, other: DantePlace): DantePlace | undefined {
  const family = one.kind === 'family' ? one.family : other.kind === 'family' ? other.family : undefined;
  const place = one.kind === 'blocks' ? one : other;
  if (place.kind !== 'blocks') return undefined;
  const blocks = place.blocks.filter((block) => block.family === family);
  return blocks.length === 0 ? undefined : { kind: 'blocks', blocks };
}

function meetBlocks(ones: readonly Cidr[], others: readonly Cidr[]): readonly Cidr[] {
  return ones.flatMap((one) =>
    others.flatMap((other) => (blockHolds(one, other) ? [other] : blockHolds(other, one) ? [one] : [])),
  );
}

function coversBlocks(outer: readonly Cidr[], inner: readonly Cidr[]): boolean {
  return inner.every((block) => outer.some((each) => blockHolds(each, block)));
}

function blockHolds(outer: Cidr, inner: Cidr): boolean {
  return outer.bits <= inner.bits && bytesInCidr(outer, inner.base);
}
