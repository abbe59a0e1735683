// Where an association waits for the datagrams of its client: at the address that the client has dialled. A balancer passes no datagrams
// on, so a client behind one has to reach this host by itself, at its public address.
import { Fault } from '../../base/fault.ts';
import { ANY_IPV4, ANY_IPV6, familyOf, type Endpoint, type Ip } from '../../base/ip.ts';
import { plainZone, zoneOfClient } from '../../policy/rules/zones.ts';
import { isHidden } from '../introduction.ts';
import type { Handshake } from '../session.ts';
import { toldToClient } from '../told.ts';

export interface ClientSide {
  /** To be bound. */
  readonly ip: Ip;
  /** The bound endpoint as the client is told of it. */
  readonly told: (local: Endpoint) => Endpoint;
}

/** Throws COMMAND_UNSUPPORTED where the client cannot be reached past its balancer, or not in the form that it has agreed on. */
export function clientSideOf({ session, leg, snapshot }: Handshake): ClientSide {
  if (session.isProtected === true) throw new Fault('COMMAND_UNSUPPORTED', IN_CLEAR);
  const { introduction, client } = session;
  const { here } = snapshot.policy;
  const { publicAddresses } = snapshot.outside;
  const { ip } = leg.local;
  if (introduction === undefined || (!isHidden(session) && zoneOfClient(client.ip, here) === 'host'))
    return { ip, told: (local) => toldToClient(local, client.ip, publicAddresses, here) };
  if (isHidden(session)) throw new Fault('COMMAND_UNSUPPORTED', 'its balancer does not say who it is');
  const family = familyOf(client.ip);
  const known = publicAddresses.find((each) => familyOf(each) === family);
  if (known === undefined) throw new Fault('COMMAND_UNSUPPORTED', `${NOT_PAST} for IPv${family}`);
  const told = ({ port }: Endpoint): Endpoint => ({ ip: known, port });
  if (familyOf(ip) === family && plainZone(ip) !== 'host') return { ip, told };
  // Its balancer is on this host, or comes with the other family.
  const any = family === 4 ? ANY_IPV4 : ANY_IPV6;
  return { ip: here.listed().has(known) ? known : any, told };
}

const IN_CLEAR =
  'datagrams would go in clear, and the messages of this client are protected (gssapi-protection)';
const NOT_PAST = 'its balancer passes no datagrams on, and there is no public-address';
