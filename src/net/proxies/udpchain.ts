// UDP ASSOCIATE at every proxy of a chain, because a datagram passes through all of them. Each is asked over a
// connection of its own, through the proxies before it, and takes datagrams as long as that connection is open.
import type { Deadline } from '../../base/deadline.ts';
import { ANY_IPV4 } from '../../base/ip.ts';
import type { Destination } from '../../protocol/address.ts';
import type { Leg } from '../transport.ts';
import { associateChain } from './chain.ts';
import type { ChainPlan, OpenChain } from './walk.ts';

/** One proxy that takes datagrams. */
export interface UdpHop {
  /** The connection that ends the association. */
  readonly control: Leg;
  readonly relay: Destination;
}

/** With NAT and other proxies between, this host cannot know from where a proxy receives its datagrams (V5-32). */
export const ANYWHERE: Destination = { kind: 'ip', ip: ANY_IPV4, port: 0 };

/** In the order of contact. Rejects as associateChain() does, and leaves no leg open then. */
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
