// Names and interfaces by which a configuration speaks of this host, as addresses.
import { lookup } from 'node:dns/promises';
import { parseIp, type Ip } from '../base/ip.ts';
import { interfaceAddresses } from '../net/hostaddresses.ts';
import { EXIT, StartFailure } from './exit.ts';

export type OwnPlace =
  { readonly kind: 'name'; readonly host: string } | { readonly kind: 'interface'; readonly name: string };

/**
 * All addresses of `place` that can be bound. Rejects with StartFailure where there are none; `failing` is what cannot be
 * done then, such as `cannot listen on @eth1:1080`.
 */
export async function ownAddresses(place: OwnPlace, failing: string): Promise<readonly Ip[]> {
  const ips =
    place.kind === 'name'
      ? await addressesOfName(place.host)
      : interfaceAddresses(place.name).filter(isBindable);
  if (ips.length > 0) return ips;
  const why =
    place.kind === 'name'
      ? 'the name has no address'
      : 'no such interface, or it has no address; "ip address" lists them';
  throw new StartFailure(EXIT.OS_ERROR, `${failing}: ${why}`);
}

async function addressesOfName(host: string): Promise<Ip[]> {
  try {
    const answers = await lookup(host, { all: true });
    return answers.flatMap(({ address }) => parseIp(address) ?? []);
  } catch {
    return [];
  }
}

/** A link-local IPv6 address cannot be bound without naming its interface. */
function isBindable(ip: Ip): boolean {
  return !/^fe[89ab]/.test(ip);
}
