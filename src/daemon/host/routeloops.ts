// Routes that lead back here: a proxy that is one of our own listeners would ask itself for ever. Addresses are found when the
// configuration is read, names when they have been looked up.
import { isUnspecified, unmapIp, familyOf, type Endpoint, type Ip } from '../../base/ip.ts';
import { parseZonedIp } from '../../base/zoned.ts';
import type { Config, Hop, ListenAddress, Problem, Route } from '../../config/model/config.ts';
import { formatHostPort } from '../../config/values/hostport.ts';
import { error } from '../../config/values/problem.ts';

/**
 * An error for each route whose first proxy is an address and port at which we listen. Listeners by name are not looked up; a
 * loop through other hosts is bounded by descriptors.
 */
export function findLoops(
  { routes, listen }: Pick<Config, 'routes' | 'listen'>,
  isOwn: (ip: Ip) => boolean,
): readonly Problem[] {
  return routes.flatMap((route) => {
    const self = firstHops(route).find(({ host, port }) => {
      const ip = parseZonedIp(host);
      return ip !== undefined && isSelf({ ip, port }, listen, isOwn);
    });
    if (self === undefined) return [];
    const proxy = formatHostPort(self.host, self.port);
    return [
      error(route.origin, `route: the proxy ${proxy} is this daemon itself; it would ask itself for ever`),
    ];
  });
}

function firstHops({ ways }: Route): readonly Hop[] {
  return ways.flatMap(({ hops }) => hops.slice(0, 1));
}

/** Whether we listen at `endpoint`, as far as `listen` says it by addresses. */
export function isSelf(
  endpoint: Endpoint,
  listen: readonly ListenAddress[],
  isOwn: (ip: Ip) => boolean,
): boolean {
  return listen.some((address) => isAt(endpoint, address, isOwn));
}

function isAt({ ip: named, port }: Endpoint, address: ListenAddress, isOwn: (ip: Ip) => boolean): boolean {
  const ip = unmapIp(named);
  const isHere = isLoopback(ip) || isUnspecified(ip) || isOwn(ip);
  switch (address.kind) {
    case 'any':
      return isHere && address.port === port;
    case 'endpoint': {
      const own = unmapIp(address.endpoint.ip);
      if (address.endpoint.port !== port) return false;
      return own === ip || (isUnspecified(own) && familyOf(own) === familyOf(ip) && isHere);
    }
    case 'name':
    case 'interface':
    case 'unix':
      return false;
  }
}

function isLoopback(ip: Ip): boolean {
  return ip === '::1' || ip.startsWith('127.');
}
