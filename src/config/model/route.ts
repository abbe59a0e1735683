// A line of routes, and the pools of addresses from which this host connects.
import type { Cidr } from '../../base/ip.ts';
import type { ProxyVersion } from '../../protocol/doors/proxyheader.ts';
import type { FamilyChoice } from './choices.ts';
import type { Origin } from './origin.ts';
import type { Place, PortRange } from './rule.ts';
import type { RoutePick, Way } from './way.ts';

/** How one address of a pool is chosen; `sticky`: the same user, or client, keeps it for a time. */
export type SourcePolicy =
  | { readonly kind: 'random' }
  | { readonly kind: 'round-robin' }
  | { readonly kind: 'sticky'; readonly milliseconds: number };

/** Addresses from which this host connects; `client`: the one that the client has connected to. */
export type SourcePool =
  | { readonly kind: 'client' }
  /** At least one; a block of more than one address stands for any address of it. */
  | { readonly kind: 'addresses'; readonly blocks: readonly Cidr[] };

/** The pool of source addresses: each session gets one address of each family in it. */
export interface SourcePlan {
  readonly pool: SourcePool;
  /** undefined: not given, so in turn. */
  readonly policy: SourcePolicy | undefined;
  readonly origin: Origin;
}

/**
 * One line of routes: `DESTINATION PORTS [PROXY [PORT[/TYPE]]]... [| PROXY ...]... [KEY=VALUE]...`. Its settings for outgoing
 * connections override those of users, groups and the global section; undefined: as there.
 */
export interface Route {
  readonly place: Place;
  /** undefined: every port. */
  readonly ports: PortRange | undefined;
  readonly carrier: 'tcp' | 'udp' | 'any';
  /** At least one. */
  readonly ways: readonly Way[];
  readonly pick: RoutePick;
  /** The resolver of names: the last proxy, or this host. */
  readonly names: 'remote' | 'local';
  readonly source: SourcePlan | undefined;
  readonly family: FamilyChoice | undefined;
  /** Interface by which connections leave. */
  readonly device: string | undefined;
  /** The firewall mark; not 0. */
  readonly mark: number | undefined;
  /** The version of the PROXY protocol by which the target, or the first proxy, is told who the client is; undefined: it is not. */
  readonly sendProxy: ProxyVersion | undefined;
  readonly origin: Origin;
  /** As written, for logs. */
  readonly text: string;
}
