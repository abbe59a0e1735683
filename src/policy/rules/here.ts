// The addresses of this host. Clients from one of them are this host, and the guard closes them as destinations, with those that
// lead back here from outside.
import type { Cidr, Ip } from '../../base/ip.ts';
import type { Config, Section } from '../../config/model/config.ts';
import { isListed } from '../blocks.ts';
import type { Ipv4Carrier } from './carriers.ts';

/** How packets leave, where that is not as for all; it may decide what becomes of them. */
export interface Path {
  readonly device?: string | undefined;
  readonly mark?: number | undefined;
}

/** The current answer of the system: addresses change while we run. */
export interface Own {
  /** Whether packets for `ip` that leave by `path` stay on this host: local, anycast, broadcast and multicast addresses. */
  readonly delivers: (ip: Ip, path?: Path) => boolean;
  /** The addresses of the interfaces. */
  readonly listed: () => ReadonlySet<Ip>;
}

export interface Here extends Pick<Own, 'listed'> {
  /** Whether a client that comes from `ip` is on this host. */
  readonly isAt: (ip: Ip) => boolean;
  /** Whether a packet for `ip` may end at this host, by whatever way it leaves. */
  readonly isReachedAt: (ip: Ip) => boolean;
  /** How IPv6 addresses of this network carry IPv4 ones, as far as is known now. */
  readonly carriers: () => readonly Ipv4Carrier[];
}

export interface HereSetting {
  readonly rules: Pick<Section, 'source'>;
  readonly sections: ReadonlyMap<string, Pick<Section, 'source'>>;
  readonly routes: readonly Pick<Config['routes'][number], 'source' | 'device' | 'mark'>[];
  /** The path of all outgoing sockets. */
  readonly path: Path;
  readonly publicAddress: readonly Ip[];
  readonly carriers: () => readonly Ipv4Carrier[];
}

/** `own` with what a configuration adds: public addresses, pools of source addresses, and ways out of its own. */
export function hereOf(own: Own, setting: HereSetting): Here {
  const { publicAddress, carriers } = setting;
  const pools = poolsOf(setting);
  const paths = pathsOf(setting);
  return {
    listed: own.listed,
    isAt: (ip) => own.delivers(ip),
    isReachedAt: (ip) =>
      own.delivers(ip) ||
      publicAddress.includes(ip) ||
      isListed(pools, ip) ||
      paths.some((path) => own.delivers(ip, path)),
    carriers,
  };
}

function poolsOf({ rules, sections, routes }: HereSetting): readonly Cidr[] {
  return [rules, ...sections.values(), ...routes].flatMap(({ source }) =>
    source?.pool.kind === 'addresses' ? source.pool.blocks : [],
  );
}

/** Different ones, besides the plain one. */
function pathsOf({ path, routes }: HereSetting): readonly Path[] {
  const marked = [
    path,
    ...routes.map((route) => ({ device: route.device ?? path.device, mark: route.mark ?? path.mark })),
  ];
  const asked = marked.filter(({ device, mark }) => device !== undefined || mark !== undefined);
  return [...new Map(asked.map((each) => [`${each.device ?? ''} ${each.mark ?? 0}`, each])).values()];
}
