// Where datagrams for the first proxy of a chain go. It is the proxy that says it, so that it has to be something it may say: a
// proxy that lies could have us send to any service of this host and its networks.
import { Fault } from '../../base/fault.ts';
import { formatEndpoint, type Endpoint, type Ip } from '../../base/ip.ts';
import { isSameIp } from '../../base/zoned.ts';
import type { Hop } from '../../config/model/config.ts';
import { formatHostPort } from '../../config/values/hostport.ts';
import type { UdpHop } from './udpchain.ts';

/** Whether a proxy at `proxy` is believed that it takes datagrams at `relay`, which is another address. */
export type MayPointTo = (proxy: Ip, relay: Ip) => boolean;

/** What the proxy `hop` has told. Throws PROXY_WITHOUT_UDP where that is no place to send to. */
export function firstRelay({ control, relay }: UdpHop, hop: Hop, mayPointTo: MayPointTo): Endpoint {
  if (relay.kind === 'name') throw wrongPlace(hop, `${relay.name}, which is no address`);
  if (relay.port === 0) throw wrongPlace(hop, 'port 0');
  const proxy = control.remote.ip;
  if (isSameIp(relay.ip, proxy)) return { ip: proxy, port: relay.port };
  if (mayPointTo(proxy, relay.ip)) return relay;
  throw wrongPlace(hop, `${formatEndpoint(relay)}, which is more private than itself`);
}

function wrongPlace({ host, port }: Hop, place: string): Fault {
  const why = `proxy ${formatHostPort(host, port)}: says that it takes them at ${place}`;
  return new Fault('PROXY_WITHOUT_UDP', why);
}
