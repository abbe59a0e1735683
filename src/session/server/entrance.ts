// Admission to a handshake: clients that are neither banned nor denied by hosts.allow and hosts.deny.
import { Fault } from '../../base/fault.ts';
import { unmapIp, type Ip } from '../../base/ip.ts';
import { isUnixClient } from '../../base/unixclient.ts';
import type { Resolver } from '../../net/names/resolve.ts';
import type { Naming } from '../../policy/access/hostsaccess.ts';
import { admitHidden } from '../../policy/rules/rules.ts';
import { denialOf } from '../asking.ts';
import { answerProbe } from '../dialects/probe.ts';
import type { Logins } from '../logins.ts';
import { mustAllow } from '../refuse.ts';
import type { Handshake, Snapshot, Surroundings } from '../session.ts';

/** Why a client is turned away at accept; undefined when it is not, though admitByName() may still refuse it. */
export function whyTurnedAway(
  { logins: { bans }, hostsAccess }: Snapshot,
  logins: Logins,
  client: Ip,
): Fault | undefined {
  if (logins.bans.holds(bans, client)) return new Fault('CLIENT_BANNED');
  const answer = hostsAccess?.decide(client, { kind: 'unasked' });
  return answer === undefined || answer === 'ask-name' ? undefined : denialOf(answer);
}

/**
 * Admits a client whose balancer does not say who it is, where the rules admit the balancer's own address. Health checks must see that
 * this daemon answers, whatever is held against the balancer: who may not come in gets its greeting answered.
 */
export async function admitUntold(handshake: Handshake, { logins, resolver }: Surroundings): Promise<void> {
  const { session, snapshot } = handshake;
  const objection =
    denialOf(admitHidden(snapshot.policy, session.client.ip)) ??
    whyTurnedAway(snapshot, logins, session.client.ip);
  if (objection !== undefined) await answerProbe(handshake, logins, objection);
  await admitByName(handshake, resolver);
}

/** Waits for the name of the client where hosts.allow and hosts.deny decide by it; rejects with what they say. */
export async function admitByName(handshake: Handshake, resolver: Resolver): Promise<void> {
  const { session, snapshot, deadline } = handshake;
  const { hostsAccess } = snapshot;
  const client = unmapIp(session.client.ip);
  if (hostsAccess?.decide(client, { kind: 'unasked' }) !== 'ask-name') return;
  const answer = hostsAccess.decide(client, await deadline.within(nameOfClient(client, resolver)));
  if (answer !== 'ask-name') mustAllow(answer);
}

/**
 * Only a name that leads back to the address counts: who owns an address chooses its name. A client of a Unix socket has none.
 * Never rejects.
 */
export async function nameOfClient(
  client: Ip,
  resolver: Resolver,
): Promise<Exclude<Naming, { kind: 'unasked' }>> {
  if (isUnixClient(client)) return { kind: 'unnamed' };
  const answer = await resolver.reverse(client, client);
  if (answer instanceof Fault) return { kind: 'unnamed' };
  const { ipv4, ipv6 } = resolver.lookup(answer, client);
  for (const ips of [await ipv4, await ipv6]) {
    if (!(ips instanceof Fault) && ips.includes(client)) return { kind: 'named', name: answer };
  }
  return { kind: 'unnamed' };
}
