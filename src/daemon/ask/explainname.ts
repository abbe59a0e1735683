// --explain: the names that a name of the question may stand for, and which of them exists.
import { Fault, FAULTS } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import type { Resolver } from '../../net/names/resolve.ts';
import { carrierOf, itineraryOf } from '../../policy/itinerary/itinerary.ts';
import type { RouteTable } from '../../policy/itinerary/routes.ts';
import type { Asking, Policy } from '../../policy/rules/rules.ts';
import { mayBeLookedUp, meantBy, tryInTurn, type NameDestination } from '../../session/completion.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';

export type NameResolver = Pick<Resolver, 'completions' | 'lookup' | 'close'>;

/** A question about a name. */
export type NameAsking = Asking & { readonly destination: NameDestination };

interface NameMeaning {
  readonly policy: Policy;
  readonly table: RouteTable;
  readonly resolver: NameResolver;
}

/** The questions that a session would ask one after the other; none about an address. */
export function namesMeant(asked: Asking, { policy, table, resolver }: NameMeaning): readonly NameAsking[] {
  const { destination, command } = asked;
  if (destination.kind !== 'name') return [];
  const of = (each: NameDestination): NameAsking => ({ ...asked, destination: each });
  // RESOLVE follows no route, and completes as CONNECT does.
  const carrier = carrierOf(command) ?? 'tcp';
  return meantBy(destination, { resolver, table, carrier, isAllowed: mayBeLookedUp(policy, of) }).map(of);
}

interface FoundName {
  readonly asking: NameAsking;
  readonly addresses: readonly Ip[];
}

/**
 * The first of `names` that exists; undefined where there is none to look up, where the rules deny it, or where a proxy looks it up.
 * Rejects with a StartFailure when none of them has addresses.
 */
export async function lookUpInTurn(
  names: readonly NameAsking[],
  { policy, table, resolver }: NameMeaning,
  timeLimitMs: number,
): Promise<FoundName | undefined> {
  const [first] = names;
  if (first === undefined || itineraryOf(policy, table, first).kind !== 'look-up') return undefined;
  const destinations = names.map(({ destination }) => destination);
  let sought = first.destination.name;
  try {
    return await tryInTurn(destinations, timeLimitMs, async (destination) => {
      sought = destination.name;
      return { asking: { ...first, destination }, addresses: await addressesOf(first, sought, resolver) };
    });
  } catch (failure) {
    if (!(failure instanceof Fault)) throw failure;
    throw new StartFailure(EXIT.OS_ERROR, `--explain: ${sought}: ${FAULTS[failure.code]}`);
  }
}

async function addressesOf(
  { client }: NameAsking,
  name: string,
  resolver: NameResolver,
): Promise<readonly Ip[]> {
  const { ipv6, ipv4 } = resolver.lookup(name, client);
  const answers = await Promise.all([ipv6, ipv4]);
  const addresses = answers.flatMap((answer) => (answer instanceof Fault ? [] : answer));
  if (addresses.length > 0) return addresses;
  throw answers.find((answer) => answer instanceof Fault) ?? new Fault('NAME_NOT_FOUND');
}

/** A line with what the name stands for; none where that is the name itself. */
export function describeSearch(asked: Asking, names: readonly NameAsking[]): readonly string[] {
  const meant = names.map(({ destination }) => destination.name);
  const isItself =
    asked.destination.kind !== 'name' || (meant.length === 1 && meant[0] === asked.destination.name);
  return isItself || meant.length === 0
    ? []
    : [`  search: ${meant.join(', then ')}: resolv.conf completes the name`];
}
