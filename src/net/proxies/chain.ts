// Commands through a chain of proxies. `open` connects to the first one; every leg is closed where it fails, and the Fault names
// the proxy and what it said (HopFailure). Why the deadline ended is a fault of its own.
import type { Deadline } from '../../base/deadline.ts';
import { isUnspecified, type Endpoint } from '../../base/ip.ts';
import { destinationOf, type Destination } from '../../protocol/address.ts';
import type { Leg } from '../transport.ts';
import { hearSocks4Reply } from './socks4.ts';
import { hearSocks5Reply } from './socks5.ts';
import { faultOf, type Talk } from './talk.ts';
import { walk, type Arrived, type ChainPlan, type OpenChain } from './walk.ts';

/** What leads to the destination from now on. */
export interface Connected {
  readonly leg: Leg;
  /** The end of the last proxy, if it told an address. */
  readonly bound: Endpoint | undefined;
}

/** A port of the last proxy at which somebody is waited for. */
export interface Meeting {
  readonly leg: Leg;
  readonly bound: Endpoint;
  /** Who came, if the proxy tells an address; the leg then leads there. Where it rejects, the leg is closed. */
  readonly peer: (deadline: Deadline) => Promise<Endpoint | undefined>;
}

/** UDP of the last proxy, for as long as `leg` is open. */
export interface Associated {
  readonly leg: Leg;
  /** Where it takes datagrams; of a further proxy perhaps under its name. */
  readonly bound: Destination;
}

/** CONNECT to the destination of the plan. */
export async function connectChain(open: OpenChain, plan: ChainPlan, deadline: Deadline): Promise<Connected> {
  const { talk, bound } = await walk(open, plan, 'connect', deadline);
  return { leg: talk.leg, bound: endpointOf(bound) };
}

/** BIND at the last proxy for the host in the plan. Rejects with COMMAND_UNSUPPORTED where it speaks HTTP. */
export async function bindChain(open: OpenChain, plan: ChainPlan, deadline: Deadline): Promise<Meeting> {
  const { talk, bound } = placed(await walk(open, plan, 'bind', deadline), plan);
  const { leg } = talk;
  const meetingPoint = endpointOf(bound);
  if (meetingPoint === undefined) {
    leg.close('reset');
    throw faultOf(talk, 'PROXY_MALFORMED', 'does not tell the address at which it listens');
  }
  return { leg, bound: meetingPoint, peer: (limit) => hearPeer({ ...talk, deadline: limit }) };
}

/**
 * UDP ASSOCIATE at the last proxy for what comes from the destination of the plan. Rejects with COMMAND_UNSUPPORTED where
 * it speaks anything but SOCKS5.
 */
export async function associateChain(
  open: OpenChain,
  plan: ChainPlan,
  deadline: Deadline,
): Promise<Associated> {
  const { talk, bound } = placed(await walk(open, plan, 'assoc', deadline), plan);
  const { leg } = talk;
  if (bound !== undefined) return { leg, bound };
  leg.close('reset');
  throw faultOf(talk, 'PROXY_MALFORMED', 'does not tell where it takes datagrams');
}

async function hearPeer(talk: Talk): Promise<Endpoint | undefined> {
  try {
    return endpointOf(await (talk.speech === 'socks4' ? hearSocks4Reply(talk) : hearSocks5Reply(talk)));
  } catch (failure) {
    talk.leg.close('reset');
    throw failure;
  }
}

/** An unspecified address means the proxy's own (SOCKS4, section BIND), of which only the proxy before it may know more than a name. */
function placed({ talk, bound }: Arrived, { hops }: ChainPlan): Arrived {
  if (bound?.kind !== 'ip' || !isUnspecified(bound.ip)) return { talk, bound };
  const { leg, hop } = talk;
  const own = hops.length === 1 ? { ...bound, ip: leg.remote.ip } : destinationOf(hop.host, bound.port);
  return { talk, bound: own };
}

function endpointOf(bound: Destination | undefined): Endpoint | undefined {
  return bound?.kind === 'ip' ? { ip: bound.ip, port: bound.port } : undefined;
}
