// The walk from proxy to proxy, up to the answer of the last one. A proxy of type `socks` that turns out not to know
// SOCKS5 is asked in SOCKS4 over a new connection: the effect of our greeting on the old one is unknown.
import type { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import type { Hop } from '../../config/model/config.ts';
import { formatHostPort } from '../../config/values/hostport.ts';
import { destinationOf, type Destination } from '../../protocol/address.ts';
import type { Leg } from '../transport.ts';
import { askHttp } from './http.ts';
import { askSocks4 } from './socks4.ts';
import { askSocks5 } from './socks5.ts';
import { HopFailure, type Credentials, type Speech, type Talk } from './talk.ts';

export interface ChainPlan {
  /** In the order of contact; at least one. */
  readonly hops: readonly Hop[];
  readonly destination: Destination;
  readonly credentials: (hop: Hop) => Credentials | undefined;
  /** TLS over the leg of a talk, which the function takes; called for hops whose `cover` is TLS. */
  readonly cover: (talk: Talk) => Promise<Leg>;
}

/** Connects to the first proxy of a chain; may be called again. */
export type OpenChain = () => Promise<Leg>;

/** The last proxy has done the command. */
export interface Arrived {
  readonly talk: Talk;
  /** The bound address; undefined: the proxy told none. */
  readonly bound: Destination | undefined;
}

const ASK: Readonly<Record<Speech, (talk: Talk) => Promise<Destination | undefined>>> = {
  socks5: askSocks5,
  socks4: askSocks4,
  http: askHttp,
};

/** Proxies of type `socks` found to speak SOCKS4; kept until a chain fails at one, or a reload. */
const knownSocks4 = new WeakSet<Hop>();

/** Asks each proxy for the next one, and the last for `command`. Rejects with a Fault, and leaves no leg open then. */
export async function walk(
  open: OpenChain,
  plan: ChainPlan,
  command: Talk['command'],
  deadline: Deadline,
): Promise<Arrived> {
  const socks4 = new Set(plan.hops.filter((hop) => knownSocks4.has(hop)));
  for (;;) {
    const errands = errandsOf(plan, command, socks4);
    const leg = await open();
    try {
      const arrived = await passThrough(leg, errands, plan, deadline);
      for (const hop of socks4) knownSocks4.add(hop);
      return arrived;
    } catch (failure) {
      const hop = hopWithoutSocks5(failure);
      if (hop === undefined || socks4.has(hop) || deadline.ended !== undefined) throw failure;
      socks4.add(hop);
    }
  }
}

/** The request to one proxy. */
type HopErrand = Pick<Talk, 'hop' | 'speech' | 'command' | 'destination' | 'isLast' | 'credentials'>;

/** Throws NAME_INVALID for a proxy whose name cannot be sent to the one before it. */
function errandsOf(
  plan: ChainPlan,
  command: Talk['command'],
  socks4: ReadonlySet<Hop>,
): readonly HopErrand[] {
  return plan.hops.map((hop, at): HopErrand => {
    const next = plan.hops[at + 1];
    return {
      hop,
      speech: speechFor(hop, socks4),
      command: next === undefined ? command : 'connect',
      destination: next === undefined ? plan.destination : destinationAt(next),
      isLast: next === undefined,
      credentials: plan.credentials(hop),
    };
  });
}

function speechFor(hop: Hop, socks4: ReadonlySet<Hop>): Speech {
  if (hop.protocol !== 'socks') return hop.protocol;
  return socks4.has(hop) ? 'socks4' : 'socks5';
}

/** The name of a proxy is sent to the proxy before it, whose network may be the only one that knows it. */
function destinationAt({ host, port }: Hop): Destination {
  const destination = destinationOf(host, port);
  if (destination === undefined) throw new Fault('NAME_INVALID', `proxy ${formatHostPort(host, port)}`);
  return destination;
}

async function passThrough(
  first: Leg,
  errands: readonly HopErrand[],
  { cover }: ChainPlan,
  deadline: Deadline,
): Promise<Arrived> {
  let leg = first;
  try {
    let arrived: Arrived | undefined;
    for (const errand of errands) {
      if (errand.hop.cover === 'tls') leg = await cover({ ...errand, leg, deadline, stage: 'tls' });
      const talk: Talk = { ...errand, leg, deadline, stage: 'greeting' };
      arrived = { talk, bound: await ASK[talk.speech](talk) };
    }
    if (arrived === undefined) throw new TypeError('a chain without a proxy');
    return arrived;
  } catch (failure) {
    leg.close('reset');
    throw failure;
  }
}

/**
 * The proxy of type `socks` that has not answered a greeting, if that is the failure. A proxy that fails is no longer
 * known to speak SOCKS4, whatever its answer: one updated to SOCKS5 may refuse SOCKS4 in any words.
 */
function hopWithoutSocks5(failure: unknown): Hop | undefined {
  if (!(failure instanceof Fault) || !(failure.cause instanceof HopFailure)) return undefined;
  const { hop, stage } = failure.cause;
  knownSocks4.delete(hop);
  return hop.protocol === 'socks' && stage === 'greeting' ? hop : undefined;
}
