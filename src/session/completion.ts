// Candidates for a name without its domain: the search list of resolv.conf(5), in the order of glibc. The rules are asked about
// each name that is looked up, so this comes before them.
import { monotonicMs } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import type { Resolver } from '../net/names/resolve.ts';
import { headingOf } from '../policy/itinerary/itinerary.ts';
import type { Traffic, RouteTable } from '../policy/itinerary/routes.ts';
import { admitName, type Asking, type Policy } from '../policy/rules/rules.ts';
import type { Destination } from '../protocol/address.ts';

export type NameDestination = Extract<Destination, { readonly kind: 'name' }>;

/** Parts that decide what a name stands for. */
export interface Meaning {
  readonly resolver: Pick<Resolver, 'completions'>;
  readonly table: RouteTable;
  readonly carrier: Traffic;
  /** Whether the rules let a name be looked up. */
  readonly isAllowed: (destination: NameDestination) => boolean;
}

/** The question to the rules about each name, for Meaning. */
export function mayBeLookedUp(
  policy: Policy,
  askingOf: (destination: NameDestination) => Asking,
): Meaning['isAllowed'] {
  return (destination) => admitName(policy, askingOf(destination)).verdict === 'allow';
}

/**
 * The names that `asked` may stand for, in the order in which they are to be looked up. A name that travels to a proxy is that
 * proxy's affair, and names that the rules forbid are passed over; where nothing is left it is `asked` alone.
 */
export function meantBy(asked: NameDestination, meaning: Meaning): readonly NameDestination[] {
  const { resolver, table, carrier, isAllowed } = meaning;
  const names = asked.isAbsolute === true ? [] : resolver.completions(asked.name);
  if (names.length < 2) return [asked];
  const travels = (each: NameDestination): boolean => headingOf(table, each, carrier).kind === 'remote';
  if (travels(asked)) return [asked];
  const meant = names
    .map((name) => (name === asked.name ? asked : { kind: 'name' as const, name, port: asked.port }))
    .filter((each) => isAllowed(each) && (each === asked || !travels(each)));
  return meant.length === 0 ? [asked] : meant;
}

/**
 * Tries one after the other until a name exists; only "no such name" leads to the next one, and no other one is begun after
 * `timeLimitMs`. Rejects with what the first one that fails otherwise, or the last one, rejects with.
 */
export async function tryInTurn<T>(
  meant: readonly NameDestination[],
  timeLimitMs: number,
  use: (destination: NameDestination) => Promise<T>,
): Promise<T> {
  const begunAt = monotonicMs();
  for (const each of meant.slice(0, -1)) {
    try {
      return await use(each);
    } catch (thrown) {
      const isMissing = thrown instanceof Fault && thrown.code === 'NAME_NOT_FOUND';
      if (!isMissing || monotonicMs() - begunAt >= timeLimitMs) throw thrown;
    }
  }
  const last = meant.at(-1);
  if (last === undefined) throw new TypeError('no name is meant');
  return use(last);
}
