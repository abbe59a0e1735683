// CONNECT (RFC 1928 section 4): dial within one deadline, answer with the true BND, relay.
import { Deadline } from '../base/deadline.ts';
import { Fault } from '../base/fault.ts';
import type { Ip } from '../base/ip.ts';
import { dial } from '../net/dial.ts';
import type { Relay } from '../net/transport.ts';
import { admitName, admitRequest } from '../policy/rules.ts';
import type { Destination } from '../protocol/address.ts';
import { REP } from '../protocol/codes.ts';
import { askingOf, denialOf } from './asking.ts';
import { mustAllow } from './refuse.ts';
import { reply } from './reply.ts';
import type { Handshake, Surroundings } from './session.ts';

/** Connects and hands both sides to the relay. Rejects with the fault that the client is told as REP. */
export async function connect(
  handshake: Handshake,
  destination: Destination,
  { transport, resolver, report }: Surroundings,
): Promise<Relay> {
  if (destination.port === 0) throw new Fault('PORT_INVALID');
  const { session, leg, snapshot } = handshake;
  const deadline = new Deadline(snapshot.connectTimeoutMs, 'CONNECT_TIMEOUT');
  handshake.deadline = deadline;
  leg.whenReset((fault) => deadline.end(fault));
  const asking = askingOf(handshake, 'connect', destination);
  mustAllow(admitName(snapshot.policy, asking));
  const admit = (ip: Ip): Fault | undefined => denialOf(admitRequest(snapshot.policy, asking, ip));
  const plan = { destination, client: session.client.ip, source: snapshot.source, admit };
  const target = await dial(transport, resolver, plan, deadline);
  deadline.clear();
  session.dialled = target.endpoint;
  const bound = target.leg.local;
  reply(handshake, REP.SUCCEEDED, bound);
  report({ kind: 'connected', session, bound });
  return transport.relay(leg, target.leg, handshake.relayLimits);
}
