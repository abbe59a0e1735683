// Listen addresses as written, turned into endpoints and opened.
import { monotonicMs } from '../../base/clock.ts';
import { ANY_IPV4, ANY_IPV6, familyOf, formatEndpoint, type Endpoint, type Ip } from '../../base/ip.ts';
import { zoneNameOf } from '../../base/zoned.ts';
import type { Config, ListenAddress } from '../../config/model/config.ts';
import { LISTEN } from '../../config/options/listening.ts';
import { formatListen } from '../../config/values/listen.ts';
import { formatPlace, plainly, type EndpointPlan, type ListenPlan } from '../../net/layer.ts';
import { interfaceAddresses } from '../../net/native/hostaddresses.ts';
import type { Server } from '../../session/server/server.ts';
import type { UnixAccount } from '../account/accounts.ts';
import { bindableAddresses, isInterface, ownAddresses, type OwnPlace } from '../host/ownaddresses.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { cannotListenAtPath, wantedPath, type WantedPath } from './paths.ts';

/** An endpoint to open; `optional` where a host without that family still has another one to serve. */
export interface WantedEndpoint {
  readonly endpoint: Endpoint;
  readonly optional: boolean;
  /** Clients speak TLS first. */
  readonly tls?: true;
  /** It is an interface that is listened on, whatever addresses it has (following.ts). */
  readonly follows?: true;
}

export type WantedListener = WantedEndpoint | WantedPath;

/**
 * The places to listen on for a daemon with the listeners `inherited`: all that the configuration names. The default of the
 * option applies only when there are no others. Files of Unix sockets will be those of `account`, undefined: as it is. Rejects with
 * StartFailure.
 */
export function wantedListeners(
  config: Config,
  inherited: readonly string[],
  account?: UnixAccount,
): Promise<readonly WantedListener[]> {
  return resolveListen(inherited.length > 0 && LISTEN.isDefault(config) ? [] : config.listen, account);
}

/** The places of those that do not come and go with an interface. */
export function steadyOf(wanted: readonly WantedListener[]): readonly string[] {
  return wanted.filter((each) => !isFollowed(each)).map(formatPlace);
}

function isFollowed(wanted: WantedListener): boolean {
  return 'endpoint' in wanted && wanted.follows === true;
}

/** `ADDRESS:PORT` of those that speak TLS. */
export function coveredOf(wanted: readonly WantedListener[]): readonly string[] {
  return wanted.filter((each) => 'endpoint' in each && each.tls === true).map(formatPlace);
}

/** All places of a configuration, each once. Rejects with StartFailure for a name or interface that gives none. */
async function resolveListen(
  addresses: readonly ListenAddress[],
  account: UnixAccount | undefined,
): Promise<readonly WantedListener[]> {
  const wanted = (await Promise.all(addresses.map((each) => resolveOne(each, account)))).flat();
  // A named address takes precedence over an interface that has it.
  const byWeight = [...wanted.filter(isFollowed), ...wanted.filter((each) => !isFollowed(each))];
  return [...new Map(byWeight.map((each) => [formatPlace(each), each])).values()];
}

/** How an endpoint is listened on, and whether its clients speak TLS. */
export type PlanFor = (endpoint: Endpoint, because: Pick<WantedEndpoint, 'tls'>) => EndpointPlan;

/** An opener of listeners: a server, or --check, which only tries. */
export type Listens = Pick<Server, 'listen' | 'listening' | 'unlisten'>;

/**
 * Opens those of `wanted` that are not open yet; after a failure none of the new ones is left open. `inherited` are open, or
 * will be.
 */
export async function openListeners(
  server: Listens,
  wanted: readonly WantedListener[],
  inherited: readonly string[] = [],
  planFor: PlanFor = plainly,
): Promise<void> {
  const opened: string[] = [];
  for (const each of wanted) {
    const address = formatPlace(each);
    if (server.listening.includes(address) || inherited.includes(address)) continue;
    const failure = await openListener(server, each, planOf(each, planFor));
    if (failure === undefined) opened.push(address);
    else if (!mayStayClosed(each, failure, { server, inherited })) {
      for (const one of opened) server.unlisten(one);
      throw cannotOpen(each, failure);
    }
  }
}

function mayStayClosed(
  wanted: WantedListener,
  { code }: NodeJS.ErrnoException,
  { server, inherited }: { server: Listens; inherited: readonly string[] },
): boolean {
  const isOpenMeanwhile = server.listening.includes(formatPlace(wanted));
  if (isFollowed(wanted) && (code === 'EADDRNOTAVAIL' || isOpenMeanwhile)) return true;
  if (code === 'EADDRINUSE' && isCovered(wanted, inherited)) return true;
  return wanted.optional && code !== 'EADDRINUSE' && code !== 'EACCES';
}

/** An IPv6 socket on all addresses of another process may take IPv4 too (IPV6_V6ONLY, ipv6(7)). */
function isCovered(wanted: WantedListener, inherited: readonly string[]): boolean {
  if ('path' in wanted) return false;
  const { endpoint } = wanted;
  return familyOf(endpoint.ip) === 4 && inherited.includes(formatEndpoint({ ...endpoint, ip: ANY_IPV6 }));
}

/** Longest time for which a new IPv6 address may be tentative, during duplicate address detection (RFC 4862 section 5.4). */
const TENTATIVE_MS = 5000;
const TRY_INTERVAL_MS = 100;

async function openListener(
  server: Listens,
  wanted: WantedListener,
  plan: ListenPlan,
): Promise<NodeJS.ErrnoException | undefined> {
  for (const sinceMs = monotonicMs(); ;) {
    try {
      await server.listen(plan);
      return undefined;
    } catch (error) {
      const failure = error as NodeJS.ErrnoException;
      if (failure.code !== 'EADDRNOTAVAIL' || !mayBeTentative(wanted)) return failure;
      if (monotonicMs() - sinceMs > TENTATIVE_MS) return failure;
    }
    await new Promise((resolve) => setTimeout(resolve, TRY_INTERVAL_MS));
  }
}

function planOf(wanted: WantedListener, planFor: PlanFor): ListenPlan {
  return 'path' in wanted ? { ...wanted, layers: [] } : planFor(wanted.endpoint, wanted);
}

function mayBeTentative(wanted: WantedListener): boolean {
  if ('path' in wanted) return false;
  const { ip } = wanted.endpoint;
  return familyOf(ip) === 6 && interfaceAddresses().includes(ip);
}

async function resolveOne(
  address: ListenAddress,
  account: UnixAccount | undefined,
): Promise<WantedListener[]> {
  const wanted = await placesOf(address, account);
  return address.tls === true ? wanted.map((each) => ({ ...each, tls: true as const })) : wanted;
}

async function placesOf(address: ListenAddress, account: UnixAccount | undefined): Promise<WantedListener[]> {
  switch (address.kind) {
    case 'unix':
      return [wantedPath(address, account)];
    case 'any':
      return [
        { endpoint: { ip: ANY_IPV4, port: address.port }, optional: false },
        { endpoint: { ip: ANY_IPV6, port: address.port }, optional: true },
      ];
    case 'endpoint':
      return [{ endpoint: address.endpoint, optional: false }];
    case 'interface':
    case 'name': {
      const found = { optional: false, ...(address.kind === 'interface' ? FOLLOWED : {}) };
      return (await boundAddressesOf(address)).map((ip) => ({
        endpoint: { ip, port: address.port },
        ...found,
      }));
    }
  }
}

const FOLLOWED = { follows: true } as const;

/** An interface of this host may have no address now. */
async function boundAddressesOf(address: ListenAddress & OwnPlace): Promise<readonly Ip[]> {
  return address.kind === 'interface' && isInterface(address.name)
    ? bindableAddresses(address.name)
    : ownAddresses(address, `cannot listen on ${formatListen(address)}`);
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program already listens there; "ss -ltnp" shows which',
  EACCES: 'permission denied; ports below 1024 need root at start',
  EADDRNOTAVAIL: 'no interface of this host has that address; with "freebind = yes" it need not be there yet',
  EAFNOSUPPORT: 'this host does not have that address family',
};

function cannotOpen(wanted: WantedListener, error: NodeJS.ErrnoException): StartFailure {
  return 'path' in wanted ? cannotListenAtPath(wanted.path, error) : cannotListen(wanted.endpoint, error);
}

function cannotListen(endpoint: Endpoint, error: NodeJS.ErrnoException): StartFailure {
  const zone = zoneNameOf(endpoint.ip);
  const reason =
    zone !== undefined && !isInterface(zone)
      ? `no interface "${zone}"; "ip link" lists them`
      : (REASONS[error.code ?? ''] ?? error.message);
  return new StartFailure(EXIT.OS_ERROR, `cannot listen on ${formatEndpoint(endpoint)}: ${reason}`, error);
}
