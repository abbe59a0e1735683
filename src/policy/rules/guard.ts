// The guard: a client reaches, through the proxy, no place more private than its own. Without it a proxy on a public
// address hands out the loopback services of its host and the network behind it.
import { unmapIp, type Ip } from '../../base/ip.ts';
import type { Here } from './here.ts';
import { plainZone, zoneOf, zoneOfClient, type Zone } from './zones.ts';

type GuardAnswer = 'allow' | 'deny';

/** REACH[zone of the client][zone of the destination]. */
const REACH = {
  host: { host: 'allow', linkLocal: 'allow', private: 'allow', public: 'allow' },
  linkLocal: { host: 'deny', linkLocal: 'deny', private: 'allow', public: 'allow' },
  private: { host: 'deny', linkLocal: 'deny', private: 'allow', public: 'allow' },
  public: { host: 'deny', linkLocal: 'deny', private: 'deny', public: 'allow' },
} as const satisfies Record<Zone, Record<Zone, GuardAnswer>>;

/**
 * Whether `client` may reach `destination`, the address that will be dialled. A client of which nothing is known, undefined, comes
 * from outside.
 */
export function guard(client: Ip | undefined, destination: Ip, here: Here): GuardAnswer {
  const zone = zoneOf(destination, here);
  if (zone === 'public') return 'allow';
  // The zone of a client may cost a system call.
  return REACH[client === undefined ? 'public' : zoneOfClient(client, here)][zone];
}

/** Whether open-proxy protection takes the client for one of ours: this host, its links, private networks. */
export function isLocalClient(client: Ip, here: Here): boolean {
  const plain = unmapIp(client);
  return plainZone(plain) !== 'public' || here.isAt(plain);
}
