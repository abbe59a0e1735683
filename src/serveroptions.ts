// What a program says to createServer(), and what sessions run on because of it.
import { displayText } from './base/bytes.ts';
import { monotonicMs } from './base/clock.ts';
import { Fault } from './base/fault.ts';
import { MAX_DURATION_MS } from './base/units.ts';
import { BLOCKS } from './config/blocks.ts';
import type { Route, Section } from './config/config.ts';
import type { Kind } from './config/kinds.ts';
import { LIMIT_RULE } from './config/limitrules.ts';
import { parseNetworkList, parseRequestList } from './config/patterns.ts';
import type { Parsed } from './config/parsed.ts';
import { ROUTE } from './config/routes.ts';
import { SOURCE_PLAN } from './config/source.ts';
import { readEphemeralPorts } from './net/ephemeralports.ts';
import type { Credentials } from './net/upstream/talk.ts';
import { Ways } from './net/ways.ts';
import type { BanRules } from './policy/bans.ts';
import { hereOf, type Own } from './policy/here.ts';
import { compileLimits } from './policy/limits.ts';
import { compilePolicy } from './policy/policy.ts';
import { compileRoutes } from './policy/routes.ts';
import { Sources } from './policy/sources.ts';
import type { Report } from './session/events.ts';
import type { CheckLogin, Snapshot } from './session/session.ts';

/** Every field is optional. Times are whole milliseconds. Texts are read as picosocks5.conf(5) has them. */
export interface ServerOptions {
  /**
   * Says whether a client may log in (RFC 1929); `client` is its address. Without it there are no users, and only
   * clients of this host and of private networks are served unless `network` says otherwise.
   */
  readonly authenticate?: (user: string, password: string, client: string) => boolean | Promise<boolean>;
  /** Lets clients in without a login although there is `authenticate`. */
  readonly anonymous?: boolean;
  /** Clients, as the option `network` of picosocks5.conf(5): `10.0.0.0/8,!10.1.0.0/16`. First match wins. */
  readonly network?: string;
  /** Requests, as the option `request`: `!all:*:25,connect:.example.org`. First match wins. */
  readonly request?: string;
  /** Source addresses of outgoing connections, as the option `source`. */
  readonly source?: readonly string[];
  /**
   * Routes, as the option `route`: `10.0.0.0/8 any`, `* any proxy.example.net 1080/5`. The first that matches says how a
   * destination is reached; without one it is reached straight.
   */
  readonly routes?: readonly string[];
  /** Our login at a proxy of `routes`; undefined: none. Asked for each connection, so it must not wait. */
  readonly proxyLogin?: (proxy: Proxy) => ProxyLogin | undefined;
  /** Sessions at once; 0, the default: no limit. */
  readonly maxSessions?: number;
  /** Most bytes that sessions hold whose receivers do not read, socket buffers included; by default 256 MiB, 0: no limit. */
  readonly stalledBytes?: number;
  /** As the option `limit`: `client sessions=64 rate=20`, `user:alice day=10G`. What quotas count is lost at the end. */
  readonly limits?: readonly string[];
  /** Who fails to log in too often is not let in for a while; without it nobody is banned. */
  readonly bans?: BanOptions;
  /** From accept to the complete request; by default 15 s, 0: no limit. */
  readonly handshakeTimeoutMs?: number;
  /** For the look-up and the connection to the destination, proxies included; by default 10 s, 0: no limit. */
  readonly connectTimeoutMs?: number;
  /** How long a session may go on while nothing moves; by default 15 minutes, 0: no limit. */
  readonly idleTimeoutMs?: number;
  /** The same once one side has ended; by default one minute, 0: no limit of its own. */
  readonly halfClosedTimeoutMs?: number;
  /** `auto` (default): the native engine where it loads, as in the daemon; `streams`: node:net. */
  readonly transport?: 'auto' | 'streams';
  /** Hears what happens to each session. Must not throw. */
  readonly onEvent?: Report;
}

/** A proxy of a route. */
export interface Proxy {
  /** An address, or a name in lower case. */
  readonly host: string;
  readonly port: number;
}

export interface ProxyLogin {
  readonly user: string;
  readonly password: string;
}

/** Bans of clients (IPv4 addresses, /64 of IPv6) and locks of user names; times are milliseconds. */
export interface BanOptions {
  /** Failed logins within `windowMs` that make a ban. */
  readonly failures: number;
  /** By default 10 minutes. */
  readonly windowMs?: number;
  /** Of the first ban, by default one minute; each further one is twice as long, up to `longestMs`. */
  readonly firstMs?: number;
  /** By default 15 minutes. */
  readonly longestMs?: number;
  /** Clients that are never banned, by default `127.0.0.0/8,::1`. */
  readonly allow?: string;
}

/** Peers of all UDP associations of a server. */
export const MAX_UDP_PEERS = 262_144;

const DEFAULTS = {
  maxSessions: 0,
  stalledBytes: 256 * 1_048_576,
  logins: { trust: { whitelist: [], authOnceMs: 0 }, tarpitMs: 0 },
  bans: { windowMs: 10 * 60_000, firstMs: 60_000, longestMs: 15 * 60_000 },
  handshakeTimeoutMs: 15_000,
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 15 * 60_000,
  halfClosedTimeoutMs: 60_000,
  outside: {
    bindAddresses: [],
    bindTimeoutMs: 2 * 60_000,
    publicAddresses: [],
  },
  udp: {
    idleTimeoutMs: 5 * 60_000,
    maxPeers: 1024,
    packetsPerSecond: 0,
    unansweredBytes: 1_048_576,
    replyRatio: 1000,
  },
} as const;

/** What sessions run on. Throws TypeError where an option makes no sense; its message begins with the name of it. */
export function snapshotOf(options: ServerOptions, own: Own): Snapshot {
  const { authenticate, anonymous = false } = options;
  const ports = readEphemeralPorts();
  const rules = rulesOf(options);
  const routes = mustParseEach('routes', ROUTE, options.routes);
  const setting = { rules, sections: new Map<string, Section>(), routes };
  return {
    policy: compilePolicy({
      ...setting,
      hasUsers: authenticate !== undefined,
      anonymous,
      here: hereOf(own, { ...setting, path: {}, publicAddress: [], carriers: () => [] }),
      now: () => new Date(),
    }),
    checkLogin: authenticate && loginBy(authenticate),
    chap: undefined,
    sources: new Sources(monotonicMs, Math.random),
    family: 'any',
    routing: routingOf(routes, options),
    maxSessions: mustBeWhole('maxSessions', options.maxSessions ?? DEFAULTS.maxSessions),
    limits: compileLimits(mustParseEach('limits', LIMIT_RULE, options.limits)),
    logins: { ...DEFAULTS.logins, bans: bansOf(options.bans) },
    hostsAccess: undefined,
    handshakeTimeoutMs: mustBePositive(
      'handshakeTimeoutMs',
      options.handshakeTimeoutMs ?? DEFAULTS.handshakeTimeoutMs,
    ),
    connectTimeoutMs: mustBePositive(
      'connectTimeoutMs',
      options.connectTimeoutMs ?? DEFAULTS.connectTimeoutMs,
    ),
    relayLimits: {
      idleTimeoutMs: mustBeWhole('idleTimeoutMs', options.idleTimeoutMs ?? DEFAULTS.idleTimeoutMs),
      halfClosedTimeoutMs: mustBeWhole(
        'halfClosedTimeoutMs',
        options.halfClosedTimeoutMs ?? DEFAULTS.halfClosedTimeoutMs,
      ),
    },
    stalledBytes: mustBeWhole('stalledBytes', options.stalledBytes ?? DEFAULTS.stalledBytes),
    outside: { ...DEFAULTS.outside, bindPorts: ports },
    udp: { ...DEFAULTS.udp, ports },
    resolveCommands: false,
  };
}

/** Rules of a program stand in no file, and their ports are numbers. */
const PLAIN = { origin: {}, folder: '/', portOf: () => undefined };

function rulesOf({ network, request, source = [] }: ServerOptions): Section {
  return {
    name: '',
    base: undefined,
    network: network === undefined ? [] : mustParse('network', parseNetworkList(network, {})),
    request: request === undefined ? [] : mustParse('request', parseRequestList(request, PLAIN)),
    source: source.length === 0 ? undefined : mustParse('source', SOURCE_PLAN.parse(source.join(), PLAIN)),
  };
}

function routingOf(
  routes: readonly Route[],
  { proxyLogin = () => undefined }: ServerOptions,
): Snapshot['routing'] {
  const table = compileRoutes(routes);
  if (table === undefined) return undefined;
  const credentials = ({ host, port }: Proxy): Credentials | undefined => {
    const login = proxyLogin({ host, port });
    return (
      login && { user: Buffer.from(login.user), password: Buffer.from(login.password), method: 'password' }
    );
  };
  return { table, ways: new Ways(() => undefined), credentials, trust: undefined, isSelf: () => false };
}

function bansOf(options: BanOptions | undefined): BanRules {
  const { failures = 0, windowMs, firstMs, longestMs, allow = '127.0.0.0/8,::1' } = options ?? {};
  const { bans } = DEFAULTS;
  return {
    failures: mustBeWhole('bans.failures', failures),
    windowMs: mustBePositive('bans.windowMs', windowMs ?? bans.windowMs),
    firstMs: mustBePositive('bans.firstMs', firstMs ?? bans.firstMs),
    longestMs: mustBePositive('bans.longestMs', longestMs ?? bans.longestMs),
    allow: mustParse('bans.allow', BLOCKS.parse(allow, PLAIN)),
  };
}

function loginBy(authenticate: NonNullable<ServerOptions['authenticate']>): CheckLogin {
  return async (user, password, client) => {
    const name = displayText(user);
    if (await authenticate(name, displayText(password), client))
      return { kind: 'user', name, group: undefined };
    throw new Fault('LOGIN_FAILED');
  };
}

/** A timer can hold no more than MAX_DURATION_MS. */
function mustBeWhole(option: string, number: number): number {
  if (Number.isInteger(number) && number >= 0 && number <= MAX_DURATION_MS) return number;
  throw new TypeError(`${option}: ${number} is not a whole number from 0 to ${MAX_DURATION_MS}`);
}

function mustBePositive(option: string, number: number): number {
  if (mustBeWhole(option, number) > 0) return number;
  throw new TypeError(`${option}: this limit cannot be switched off; write a number over 0`);
}

function mustParse<T>(option: string, parsed: Parsed<T>): T {
  if (parsed.kind === 'wrong') throw new TypeError(`${option}: ${parsed.why}`);
  return parsed.value;
}

function mustParseEach<T>(option: string, kind: Kind<T>, texts: readonly string[] = []): readonly T[] {
  return texts.map((text) => mustParse(option, kind.parse(text, PLAIN)));
}
