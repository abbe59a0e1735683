// Names and interfaces by which a configuration speaks of this host, as addresses.
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { parseIp, type Ip } from '../../base/ip.ts';
import { interfaceAddresses } from '../../net/native/hostaddresses.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';

export type OwnPlace =
  { readonly kind: 'name'; readonly host: string } | { readonly kind: 'interface'; readonly name: string };

/**
 * All addresses of `place` that can be bound. Rejects with StartFailure where there are none; `failing` is what cannot be
 * done then, such as `cannot listen on @eth1:1080`.
 */
export async function ownAddresses(place: OwnPlace, failing: string): Promise<readonly Ip[]> {
  const ips = place.kind === 'name' ? await addressesOfName(place.host) : bindableAddresses(place.name);
  if (ips.length > 0) return ips;
  const why =
    place.kind === 'name'
      ? 'the name has no address'
      : 'no such interface, or it has no address; "ip address" lists them';
  throw new StartFailure(EXIT.OS_ERROR, `${failing}: ${why}`);
}

/** The addresses of an interface that can be listened on; it may have none now. */
export function bindableAddresses(name: string): readonly Ip[] {
  return interfaceAddresses(name);
}

/** Whether there is such an interface, with addresses or without; where the system does not say, there is. */
export function isInterface(name: string): boolean {
  try {
    const lines = readFileSync(INTERFACES, 'utf8').split('\n');
    return lines.some((line) => line.trimStart().startsWith(`${name}:`));
  } catch {
    return true;
  }
}

/** proc(5): of the network that this process is in. */
const INTERFACES = '/proc/self/net/dev';

async function addressesOfName(host: string): Promise<Ip[]> {
  try {
    const answers = await lookup(host, { all: true });
    return answers.flatMap(({ address }) => parseIp(address) ?? []);
  } catch {
    return [];
  }
}
