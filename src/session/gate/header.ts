// The layer of clients that come through a balancer: the header of the PROXY protocol in front of their bytes. Afterwards the leg
// is that of the client that the header announces.
import { Fault } from '../../base/fault.ts';
import { mustBeCidr, unmapIp, type Endpoint, type Ip } from '../../base/ip.ts';
import type { Layer } from '../../net/layer.ts';
import { readMessage, type FaultOfMessage } from '../../net/read.ts';
import { isListed } from '../../policy/blocks.ts';
import type { Here } from '../../policy/rules/here.ts';
import { plainZone, zoneOfClient } from '../../policy/rules/zones.ts';
import { decodeProxyHeader, type ProxyHeader } from '../../protocol/doors/proxyheader.ts';
import type { Introduction } from '../introduction.ts';

/** `heard` is told what the header says, before the layer is through. */
export function headerLayer(here: Here, heard: (introduction: Introduction) => void): Layer {
  return {
    name: 'PROXY protocol',
    cover: async (leg) => {
      const balancer = leg.remote;
      const header = await readMessage(leg, decodeProxyHeader, faultOfHeader);
      const client = clientIn(header, balancer, here);
      if (client !== undefined) leg.introduce(client);
      const extras = header.kind === 'announced' ? header.extras : {};
      heard({ balancer, client: client === undefined ? 'hidden' : 'announced', extras });
      return leg;
    },
  };
}

/** The causes are few and fixed: clients that are turned away are counted by them. */
const faultOfHeader: FaultOfMessage = (code, bytes) => {
  if (bytes.length === 0) return new Fault('CLIENT_CLOSED');
  if (code === undefined) return new Fault('PROXY_HEADER_BAD', 'it ended within its header');
  return new Fault('PROXY_HEADER_BAD', BEGINNINGS.has(bytes[0]) ? DAMAGED : MISSING);
};

/** The first byte of either version. */
const BEGINNINGS: ReadonlySet<number | undefined> = new Set([0x50, 0x0d]);
const DAMAGED = 'a header that the protocol does not allow';
const MISSING =
  'it begins without a header: give its server line send-proxy-v2, or take its address out of proxy-protocol';

const LOOPBACK = [mustBeCidr('127.0.0.0/8'), mustBeCidr('::1/128')];

/** undefined: the header does not name the client. Throws PROXY_HEADER_BAD for an address that no client has. */
function clientIn(header: ProxyHeader, balancer: Endpoint, here: Here): Endpoint | undefined {
  if (header.kind === 'hidden') return undefined;
  const { port } = header.source;
  const ip = unmapIp(header.source.ip);
  if (plainZone(ip) === 'host' && !isListed(LOOPBACK, ip))
    throw new Fault('PROXY_HEADER_BAD', 'it announces an address that no client has');
  return isForeign(ip, balancer.ip, here) ? undefined : { ip, port };
}

/** An address that means another host, or another link, at a balancer elsewhere. */
function isForeign(client: Ip, balancer: Ip, here: Here): boolean {
  const zone = plainZone(client);
  return (zone === 'host' || zone === 'linkLocal') && zoneOfClient(balancer, here) !== 'host';
}
