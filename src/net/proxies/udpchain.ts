// UDP ASSOCIATE at every proxy of a chain, because a datagram passes through all of them. Each is asked over a connection of its
// own, through the proxies before it, and takes datagrams for as long as that is open.
import type { Deadline } from '../../base/deadline.ts';
import { ANY_IPV4 } from '../../base/ip.ts';
import type { Destination } from '../../protocol/address.ts';
import type { Leg } from '../transport.ts';
import { associateChain } from './chain.ts';
import type { ChainPlan, OpenChain } from './walk.ts';

/** One proxy that takes datagrams. */
export interface UdpHop {
  /** Ends it when it ends. */
  readonly control: Leg;
  readonly relay: Destination;
}

/** Nobody here knows where a proxy sees datagrams come from, with NAT and other proxies between (V5-32). */
export const ANYWHERE: Destination = { kind: 'ip', ip: ANY_IPV4, port: 0 };

/** In the order in which they are contacted. Rejects as associateChain() does; then no leg is left open. */
export async function associateEach(
  open: OpenChain,
  plan: ChainPlan,
  deadline: Deadline,
): Promise<readonly UdpHop[]> {
  const hops: UdpHop[] = [];
  try {
    for (const at of plan.hops.keys()) {
      const part = { ...plan, hops: plan.hops.slice(0, at + 1), destination: ANYWHERE };
      const { leg, bound } = await associateChain(open, part, deadline);
      hops.push({ control: leg, relay: bound });
    }
    return hops;
  } catch (failure) {
    for (const { control } of hops) control.close('reset');
    throw failure;
  }
}
