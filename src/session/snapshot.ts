// A configuration as what sessions run on, for the daemon and for programs that embed the server: the defaults of the option table
// reach both this way.
import type { ChapVerifier } from '../auth/chap.ts';
import type { GssapiLogin } from '../auth/kerberos/tickets.ts';
import type { Ip } from '../base/ip.ts';
import type { Config, Ports } from '../config/model/config.ts';
import { hasProxies } from '../config/model/way.ts';
import type { EphemeralPorts } from '../net/native/ephemeralports.ts';
import type { PortChoice } from '../net/ports.ts';
import type { Routing } from '../net/routes/travel.ts';
import type { Ways } from '../net/routes/ways.ts';
import type { HostsAccess } from '../policy/access/hostsaccess.ts';
import type { BanRules } from '../policy/access/bans.ts';
import { compileLimits } from '../policy/limits/limits.ts';
import { localCarriers, type FoundCarriers } from '../policy/rules/carriers.ts';
import { hereOf, type Own } from '../policy/rules/here.ts';
import { compilePolicy, type Policy } from '../policy/rules/policy.ts';
import { compileRoutes, type OnNearMiss } from '../policy/itinerary/routes.ts';
import type { Sources } from '../policy/rules/sources.ts';
import type { LoginRules } from './logins.ts';
import type { CheckLogin, IdentityOfAccount, Program, Snapshot } from './session.ts';

/** Parts of a snapshot beside the configuration. */
export interface SnapshotParts {
  /** undefined: there are no users. */
  readonly checkLogin: CheckLogin | undefined;
  readonly identityOfAccount?: IdentityOfAccount | undefined;
  readonly identityNamed?: Snapshot['identityNamed'];
  readonly chap: ChapVerifier | undefined;
  readonly gssapi?: GssapiLogin | undefined;
  readonly own: Own;
  /** Prefixes of NAT64. */
  readonly found: FoundCarriers;
  readonly hostsAccess: HostsAccess | undefined;
  readonly bindAddresses: readonly Ip[];
  readonly sources: Sources;
  readonly ephemeralPorts: EphemeralPorts;
  readonly ways: Ways;
  readonly onNearMiss?: OnNearMiss;
  readonly atProxies: Pick<Routing, 'credentials' | 'trust' | 'isSelf'>;
  /** Text of the PAC file. */
  readonly pac?: string | undefined;
  readonly program?: Program;
}

export function snapshotOf(config: Config, parts: SnapshotParts): Snapshot {
  const { checkLogin, identityNamed, chap, gssapi, own, found, hostsAccess, sources, program } = parts;
  return {
    policy: policyOf(config, { own, found, hasUsers: checkLogin !== undefined || gssapi !== undefined }),
    checkLogin,
    identityOfAccount: parts.identityOfAccount,
    identityNamed,
    chap,
    gssapi,
    sources,
    family: config.family,
    routing: routingOf(config, parts),
    maxSessions: config.maxSessions,
    limits: compileLimits(config.limits),
    logins: loginRulesOf(config),
    hostsAccess,
    proxyProtocol: config.proxyProtocol,
    proxyUser: config.proxyUser,
    handshakeTimeoutMs: config.handshakeTimeoutMs,
    connectTimeoutMs: config.connectTimeoutMs,
    relayLimits: {
      idleTimeoutMs: config.idleTimeoutMs,
      halfClosedTimeoutMs: config.halfClosedTimeoutMs,
    },
    stalledBytes: config.stalledBytes,
    outside: {
      bindAddresses: parts.bindAddresses,
      bindPorts: portsOf(config.bindPorts, parts),
      bindTimeoutMs: config.bindTimeoutMs,
      publicAddresses: config.publicAddress,
    },
    udp: {
      ports: portsOf(config.udpPorts, parts),
      idleTimeoutMs: config.udpIdleTimeoutMs,
      maxPeers: config.udpMaxPeers,
      packetsPerSecond: config.udpPacketsPerSecond,
      unansweredBytes: config.udpUnansweredBytes,
      replyRatio: config.udpReplyRatio,
    },
    resolveCommands: config.resolveCommands,
    http: config.http ? { pac: parts.pac } : undefined,
    program,
  };
}

/** The rules of a configuration, with the clock of this host. */
export function policyOf(
  config: Config,
  { own, found, hasUsers }: Pick<SnapshotParts, 'own' | 'found'> & { readonly hasUsers: boolean },
): Policy {
  const { rules, sections, anonymous } = config;
  return compilePolicy({
    rules,
    sections,
    hasUsers,
    anonymous,
    here: hereOf(own, { ...config, path: config, carriers: localCarriers(config, found) }),
    now: () => new Date(),
  });
}

function portsOf(ports: Ports, { ephemeralPorts }: SnapshotParts): PortChoice {
  return ports === 'ephemeral' ? ephemeralPorts : ports;
}

function routingOf({ routes }: Config, { ways, onNearMiss, atProxies }: SnapshotParts): Routing | undefined {
  const table = compileRoutes(routes, onNearMiss);
  ways.follow(routes.filter(hasProxies).flatMap((route) => route.ways));
  return table && { table, ways, ...atProxies };
}

export function banRulesOf(config: Config): BanRules {
  return {
    failures: config.banAfter,
    windowMs: config.banWindowMs,
    firstMs: config.banTimeMs,
    longestMs: config.banLongestMs,
    allow: config.banAllow,
  };
}

function loginRulesOf(config: Config): LoginRules {
  return {
    trust: { whitelist: config.whitelist, authOnceMs: config.authOnceMs },
    bans: banRulesOf(config),
    tarpitMs: config.tarpitMs,
    methodOrder: config.methodOrder,
  };
}
