// Where clients of a rule come from, as our rules can ask it.
import type { Cidr } from '../../base/ip.ts';
import { wrong, value, type Parsed } from '../parsed.ts';
import { halvesOf, parseDanteTarget, type DanteTarget, type Host } from './place.ts';
import type { Field } from './statements.ts';

/** undefined: every client; none: no client can be there. */
export type ClientBlocks = readonly Cidr[] | undefined;

interface ClientFacts {
  readonly host: Host;
  readonly clientFamily: 4 | 6 | undefined;
}

/** Reads the `from` of a rule. */
export function clientsOf(from: Field | undefined, facts: ClientFacts): Parsed<ClientBlocks> {
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
