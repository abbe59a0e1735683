// Commands through a chain of proxies. `open` connects to the first one; a leg is closed on failure, and the Fault
// names the proxy and its answer (HopFailure). The end of the deadline is a fault of its own.
import type { Deadline } from '../../base/deadline.ts';
import { isUnspecified, type Endpoint } from '../../base/ip.ts';
import { destinationOf, type Destination } from '../../protocol/address.ts';
import type { Leg } from '../transport.ts';
import { hearSocks4Reply } from './socks4.ts';
import { hearSocks5Reply } from './socks5.ts';
import { proxyFault, type Talk } from './talk.ts';
import { walk, type Arrived, type ChainPlan, type OpenChain } from './walk.ts';

/** The leg that leads to the destination. */
export interface Connected {
  readonly leg: Leg;
  /** The bound address of the last proxy, if it told one. */
  readonly bound: Endpoint | undefined;
}

/** A port of the last proxy that waits for a peer. */
export interface ProxyPort {
  readonly leg: Leg;
  readonly bound: Endpoint;
  /** The peer, if the proxy tells an address; the leg then leads to it. The leg is closed on rejection. */
  readonly peer: (deadline: Deadline) => Promise<Endpoint | undefined>;
}

/** UDP at the last proxy, as long as `leg` is open. */
export interface Associated {
  readonly leg: Leg;
  /** The address for datagrams; a later proxy may be told by its name. */
  readonly bound: Destination;
}

/** CONNECT to the destination of the plan. */
export async function connectChain(open: OpenChain, plan: ChainPlan, deadline: Deadline): Promise<Connected> {
  const { talk, bound } = await walk(open, plan, 'connect', deadline);
  return { leg: talk.leg, bound: endpointOf(bound) };
}

/** BIND at the last proxy for the host in the plan. Rejects with COMMAND_UNSUPPORTED if that proxy speaks HTTP. */
export async function bindChain(open: OpenChain, plan: ChainPlan, deadline: Deadline): Promise<ProxyPort> {
  const { talk, bound } = placed(await walk(open, plan, 'bind', deadline), plan);
  const { leg } = talk;
  const told = endpointOf(bound);
  if (told === undefined) {
    leg.close('reset');
    throw proxyFault(talk, 'PROXY_MALFORMED', 'does not tell the address at which it listens');
  }
  return { leg, bound: told, peer: (limit) => hearPeer({ ...talk, deadline: limit }) };
}

/**
 * UDP ASSOCIATE at the last proxy for datagrams from the destination of the plan. Rejects with COMMAND_UNSUPPORTED if
 * that proxy speaks anything but SOCKS5.
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
  throw proxyFault(talk, 'PROXY_MALFORMED', 'does not tell where it takes datagrams');
}

async function hearPeer(talk: Talk): Promise<Endpoint | undefined> {
  try {
    return endpointOf(await (talk.speech === 'socks4' ? hearSocks4Reply(talk) : hearSocks5Reply(talk)));
  } catch (failure) {
    talk.leg.close('reset');
    throw failure;
  }
}

/**
 * An unspecified address means the proxy's own (SOCKS4, section BIND); of a later proxy possibly only the name is
 * known here.
 */
function placed({ talk, bound }: Arrived, { hops }: ChainPlan): Arrived {
  if (bound?.kind !== 'ip' || !isUnspecified(bound.ip)) return { talk, bound };
  const { leg, hop } = talk;
  const own = hops.length === 1 ? { ...bound, ip: leg.remote.ip } : destinationOf(hop.host, bound.port);
  return { talk, bound: own };
}

function endpointOf(bound: Destination | undefined): Endpoint | undefined {
  return bound?.kind === 'ip' ? { ip: bound.ip, port: bound.port } : undefined;
}
