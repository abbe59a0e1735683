// A configuration and its users as what sessions run on.
import type { Ip } from '../base/ip.ts';
import { createChapVerifier } from '../auth/chap.ts';
import type { LoginChecker } from '../auth/login.ts';
import type { Config, Ports } from '../config/config.ts';
import type { EphemeralPorts } from '../net/ephemeralports.ts';
import type { PortChoice } from '../net/ports.ts';
import { hasProxies } from '../net/travel.ts';
import type { Ways } from '../net/ways.ts';
import { localCarriers, type Found } from '../policy/carriers.ts';
import { hereOf, type Own } from '../policy/here.ts';
import type { HostsAccess } from '../policy/hostsaccess.ts';
import { compilePolicy, type Policy } from '../policy/policy.ts';
import { compileRoutes, type OnNearMiss } from '../policy/routes.ts';
import type { Sources } from '../policy/sources.ts';
import type { LoginRules } from '../session/logins.ts';
import type { Trust } from './authorities.ts';
import type { Usable } from './load.ts';
import type { Nat64 } from './nat64.ts';
import { isSelf } from './routeloops.ts';
import { compileLimits } from '../policy/limits.ts';
import type { Snapshot } from '../session/session.ts';

type Routing = NonNullable<Snapshot['routing']>;

/** What outlives a reload. */
export interface Lasting {
  readonly checker: LoginChecker;
  readonly own: Own;
  readonly nat64: Nat64;
  readonly hostsAccess: HostsAccess;
  readonly ways: Ways;
  readonly onNearMiss: OnNearMiss;
  readonly sources: Sources;
  readonly ephemeralPorts: EphemeralPorts;
  /** Our logins at proxies by a file of them. */
  readonly followLogins: (file: string) => Routing['credentials'];
}

/** `bindAddresses`: what resolveBind() makes of `config.bind`. */
export function buildSnapshot(
  { config, users, trust }: Usable,
  bindAddresses: readonly Ip[],
  lasting: Lasting,
): Snapshot {
  const { checker, own, nat64, hostsAccess, sources } = lasting;
  const hasUsers = config.auth.length > 0;
  return {
    policy: policyOf(config, own, nat64),
    checkLogin: hasUsers
      ? (user, password, client) => checker.check(users, user, password, client)
      : undefined,
    chap: createChapVerifier(users),
    sources,
    family: config.family,
    routing: routingOf(config, trust, lasting),
    maxSessions: config.maxSessions,
    limits: compileLimits(config.limits),
    logins: loginRulesOf(config),
    hostsAccess: config.tcpWrappers ? hostsAccess : undefined,
    handshakeTimeoutMs: config.handshakeTimeoutMs,
    connectTimeoutMs: config.connectTimeoutMs,
    relayLimits: {
      idleTimeoutMs: config.idleTimeoutMs,
      halfClosedTimeoutMs: config.halfClosedTimeoutMs,
    },
    stalledBytes: config.stalledBytes,
    outside: {
      bindAddresses,
      bindPorts: portsOf(config.bindPorts, lasting),
      bindTimeoutMs: config.bindTimeoutMs,
      publicAddresses: config.publicAddress,
    },
    udp: {
      ports: portsOf(config.udpPorts, lasting),
      idleTimeoutMs: config.udpIdleTimeoutMs,
      maxPeers: config.udpMaxPeers,
      packetsPerSecond: config.udpPacketsPerSecond,
      unansweredBytes: config.udpUnansweredBytes,
      replyRatio: config.udpReplyRatio,
    },
    resolveCommands: config.resolveCommands,
  };
}

function portsOf(ports: Ports, { ephemeralPorts }: Lasting): PortChoice {
  return ports === 'ephemeral' ? ephemeralPorts : ports;
}

function routingOf(
  { routes, proxyAuth, listen }: Config,
  trust: Trust,
  { ways, onNearMiss, followLogins, own }: Lasting,
): Routing | undefined {
  const table = compileRoutes(routes, onNearMiss);
  ways.follow(routes.filter(hasProxies).flatMap((route) => route.ways));
  const credentials = proxyAuth === undefined ? () => undefined : followLogins(proxyAuth);
  return (
    table && {
      table,
      ways,
      credentials,
      trust,
      isSelf: (endpoint) => isSelf(endpoint, listen, own.delivers),
    }
  );
}

function loginRulesOf(config: Config): LoginRules {
  return {
    trust: { whitelist: config.whitelist, authOnceMs: config.authOnceMs },
    bans: {
      failures: config.banAfter,
      windowMs: config.banWindowMs,
      firstMs: config.banTimeMs,
      longestMs: config.banLongestMs,
      allow: config.banAllow,
    },
    tarpitMs: config.tarpitMs,
    methodOrder: config.methodOrder,
  };
}

/** The rules of a configuration, with the clock of this host. `found`: prefixes of NAT64. */
export function policyOf(config: Config, own: Own, found: Found): Policy {
  const { rules, sections, anonymous, auth } = config;
  return compilePolicy({
    rules,
    sections,
    hasUsers: auth.length > 0,
    anonymous,
    here: hereOf(own, { ...config, path: config, carriers: localCarriers(config, found) }),
    now: () => new Date(),
  });
}
