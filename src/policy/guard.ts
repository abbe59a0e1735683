// The guard: nobody reaches, through the proxy, a more private place than his own. Without it a proxy on a public
// address hands out the loopback services of its host and the network behind it.
import type { Ip } from '../base/ip.ts';
import { zoneOf, zoneOfClient, type Zone } from './zones.ts';

type Answer = 'allow' | 'deny';

/** REACH[zone of the client][zone of the destination]. */
const REACH = {
  host: { host: 'allow', linkLocal: 'allow', private: 'allow', public: 'allow' },
  linkLocal: { host: 'deny', linkLocal: 'deny', private: 'allow', public: 'allow' },
  private: { host: 'deny', linkLocal: 'deny', private: 'allow', public: 'allow' },
  public: { host: 'deny', linkLocal: 'deny', private: 'deny', public: 'allow' },
} as const satisfies Record<Zone, Record<Zone, Answer>>;

/** Whether `client` may reach `destination`, the address that will be dialled. `hostAddresses` are this host's own. */
export function guard(client: Ip, destination: Ip, hostAddresses: ReadonlySet<Ip>): Answer {
  return REACH[zoneOfClient(client, hostAddresses)][zoneOf(destination, hostAddresses)];
}

/** Whether open-proxy protection takes the client for one of ours: this host, its links, private networks. */
export function isLocalClient(client: Ip, hostAddresses: ReadonlySet<Ip>): boolean {
  return zoneOfClient(client, hostAddresses) !== 'public';
}
