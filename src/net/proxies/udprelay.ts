// The address for datagrams to the first proxy of a chain. The proxy itself tells it, so it is checked: a lying proxy
// could make this host send to any service of its networks.
import { Fault } from '../../base/fault.ts';
import { formatEndpoint, type Endpoint, type Ip } from '../../base/ip.ts';
import { isSameIp } from '../../base/zoned.ts';
import type { Hop } from '../../config/model/config.ts';
import { formatHostPort } from '../../config/values/hostport.ts';
import type { UdpHop } from './udpchain.ts';

/** Whether a proxy at `proxy` may name `relay`, another address, for its datagrams. */
export type MayPointTo = (proxy: Ip, relay: Ip) => boolean;

/** The address that the proxy `hop` told. Throws PROXY_WITHOUT_UDP if nothing may be sent to it. */
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
