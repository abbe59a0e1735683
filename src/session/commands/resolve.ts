// RESOLVE and RESOLVE_PTR (Tor's socks-extensions.txt section 2): look-ups for a client that then connects elsewhere.
// An address is told only to clients that the rules and the guard would let connect to it.
import { monotonicMs } from '../../base/clock.ts';
import { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { familyOf, type Endpoint, type Ip } from '../../base/ip.ts';
import { moreTelling } from '../../net/dial/faultrank.ts';
import { whyUnanswered, type Answer } from '../../net/dns/namesource.ts';
import type { Resolver } from '../../net/names/resolve.ts';
import { admitName, admitRequest, type Asking } from '../../policy/rules/rules.ts';
import type { Destination } from '../../protocol/address.ts';
import { askingOf, denialOf } from '../asking.ts';
import type { Outcome } from '../outcome.ts';
import { mustAllow } from '../refuse.ts';
import type { Handshake, Snapshot, Surroundings } from '../session.ts';

/**
 * RESOLVE: tells one address of a name as BND with port 0, IPv4 where it has one, as Tor does. An address in place of
 * the name is its own answer. Rejects with the fault that the client is told instead.
 */
export async function resolveName(
  handshake: Handshake,
  destination: Destination,
  { resolver }: Surroundings,
): Promise<Outcome> {
  mustBeServed(handshake.snapshot);
  const ip = await withinLimit(handshake, findAddress(handshake, destination, resolver));
  return { kind: 'answer', told: { ip, port: 0 } };
}

/** RESOLVE_PTR: tells the name of an address as BND. Rejects with the fault that the client is told instead. */
export async function resolveAddress(
  handshake: Handshake,
  destination: Destination,
  { resolver }: Surroundings,
): Promise<Outcome> {
  mustBeServed(handshake.snapshot);
  if (destination.kind === 'name') throw new Fault('ADDRESS_TYPE_UNSUPPORTED');
  const name = await withinLimit(handshake, findName(handshake, destination, resolver));
  return { kind: 'answer', told: { name } };
}

function mustBeServed({ resolveCommands }: Snapshot): void {
  if (!resolveCommands) throw new Fault('COMMAND_UNSUPPORTED', 'resolve-commands = no');
}

/** `work`, unless the connect timeout passes or the client resets first. */
async function withinLimit<T>(handshake: Handshake, work: Promise<T>): Promise<T> {
  const deadline = new Deadline(handshake.snapshot.connectTimeoutMs, 'CONNECT_TIMEOUT');
  const askedAt = monotonicMs();
  handshake.deadline = deadline;
  handshake.leg.whenReset((fault) => deadline.end(fault));
  try {
    return await deadline.within(work);
  } catch (thrown) {
    throw thrown instanceof Fault && thrown === deadline.ended ? whyUnanswered(thrown, askedAt) : thrown;
  } finally {
    deadline.clear();
  }
}

/** The first address that may be told; rejects with the most informative fault if there is none. */
async function findAddress(handshake: Handshake, destination: Destination, resolver: Resolver): Promise<Ip> {
  const asking = askingOf(handshake, 'resolve', destination);
  mustAllow(admitName(handshake.snapshot.policy, asking));
  let failure: Fault | undefined;
  for (const pending of answersFor(asking, resolver)) {
    const answer = await pending;
    const found =
      answer instanceof Fault ? answer : chooseAnswer(answer, (ip) => objection(handshake, asking, ip));
    if (typeof found === 'string') return found;
    if (found !== undefined) failure = moreTelling(failure, found);
  }
  throw failure ?? new Fault('NAME_NOT_FOUND');
}

function answersFor({ destination, client }: Asking, resolver: Resolver): (Answer | Promise<Answer>)[] {
  if (destination.kind === 'ip') return [[destination.ip]];
  const { ipv4, ipv6 } = resolver.lookup(destination.name, client);
  return [ipv4, ipv6];
}

/** The first address without an objection, else the most informative objection; undefined when there is no address. */
function chooseAnswer(
  ips: readonly Ip[],
  objectionTo: (ip: Ip) => Fault | undefined,
): Ip | Fault | undefined {
  let failure: Fault | undefined;
  for (const ip of ips) {
    const fault = objectionTo(ip);
    if (fault === undefined) return ip;
    failure = moreTelling(failure, fault);
  }
  return failure;
}

function objection({ snapshot, dialect }: Handshake, asking: Asking, ip: Ip): Fault | undefined {
  const denial = denialOf(admitRequest(snapshot.policy, asking, ip));
  if (denial !== undefined || dialect.families.includes(familyOf(ip))) return denial;
  return new Fault('FAMILY_UNSUPPORTED', `a ${dialect.name} reply has room for IPv4 only`);
}

/** Asks the rules about the address before, and about the name after the look-up. */
async function findName(handshake: Handshake, destination: Endpoint, resolver: Resolver): Promise<string> {
  const { policy } = handshake.snapshot;
  const asking = askingOf(handshake, 'resolve', { kind: 'ip', ...destination });
  mustAllow(admitRequest(policy, asking, destination.ip));
  const name = await resolver.reverse(destination.ip, asking.client);
  if (name instanceof Fault) throw name;
  mustAllow(admitName(policy, { ...asking, destination: { kind: 'name', name, port: destination.port } }));
  return name;
}
