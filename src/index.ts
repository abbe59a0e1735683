// picosocks5 as a library: `import { createServer } from 'picosocks5'`. The same server as the daemon's, without
// its process, log and files. docs/embedding.md shows it.
import { displayText } from './base/bytes.ts';
import { Fault } from './base/fault.ts';
import { parseIp, type Endpoint, type Ip } from './base/ip.ts';
import type { Section } from './config/config.ts';
import { parseNetworkList, parseRequestList } from './config/patterns.ts';
import type { Parsed } from './config/parsed.ts';
import { SOURCE_PLAN } from './config/source.ts';
import { createResolver, type Resolver } from './net/resolve.ts';
import { loadAddon } from './net/addon.ts';
import { createEngineTransport } from './net/engine.ts';
import { createStreamsTransport } from './net/streams.ts';
import type { Transport } from './net/transport.ts';
import { hostAddressSource } from './net/hostaddresses.ts';
import { compileLimits } from './policy/limits.ts';
import { compilePolicy } from './policy/policy.ts';
import { Sources } from './policy/sources.ts';
import type { Report } from './session/events.ts';
import { Logins } from './session/logins.ts';
import { Server } from './session/server.ts';
import type { CheckLogin, Snapshot } from './session/session.ts';

export type { Endpoint, Ip } from './base/ip.ts';
export { Fault, type FaultCode } from './base/fault.ts';
export type { EndedBy } from './net/transport.ts';
export type { SessionEvent, SessionFacts } from './session/events.ts';

/** Every field is optional; times are milliseconds and 0 switches a limit off. */
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
  /** Sessions at once. */
  readonly maxSessions?: number;
  readonly handshakeTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly halfClosedTimeoutMs?: number;
  /** `auto` (default): the native engine where it loads, as in the daemon; `streams`: node:net. */
  readonly transport?: 'auto' | 'streams';
  /** Hears what happens to each session. Must not throw. */
  readonly onEvent?: Report;
}

export interface SocksServer {
  /** Starts to listen, once or several times; port 0 takes a free one. Rejects with the system's error. */
  listen(port: number, host?: string): Promise<Endpoint>;
  /** Sessions that are open now. */
  readonly sessions: number;
  /** Stops accepting, waits up to `drainMs` (default 0) for the sessions, then cuts the rest. */
  close(drainMs?: number): Promise<void>;
}

const DEFAULTS = {
  maxSessions: 0,
  // Who checks logins knows best what to make of those that fail.
  logins: {
    trust: { whitelist: [], authOnceMs: 0 },
    bans: { failures: 0, windowMs: 1, firstMs: 1, longestMs: 1, allow: [] },
    tarpitMs: 0,
  },
  handshakeTimeoutMs: 15_000,
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 15 * 60_000,
  halfClosedTimeoutMs: 60_000,
  outside: {
    bindAddresses: [],
    bindPorts: { low: 1024, high: 65_535 },
    bindTimeoutMs: 2 * 60_000,
    publicAddresses: [],
  },
  udp: {
    ports: { low: 1024, high: 65_535 },
    idleTimeoutMs: 5 * 60_000,
    maxPeers: 1024,
    packetsPerSecond: 0,
    unansweredBytes: 1_048_576,
    replyRatio: 1000,
  },
} as const;

/** A SOCKS5 server. Throws TypeError when an option makes no sense. */
export function createServer(options: ServerOptions = {}): SocksServer {
  const snapshot = snapshotOf(options);
  const resolver = createResolver({ kind: 'builtin' });
  const transport = openTransport(options.transport);
  const report = options.onEvent ?? (() => undefined);
  const server = new Server({ transport, resolver, report, logins: new Logins() }, snapshot);
  server.open();
  return new EmbeddedServer(server, resolver, transport);
}

function openTransport(wanted: ServerOptions['transport'] = 'auto'): Transport {
  const addon = wanted === 'auto' ? loadAddon() : undefined;
  return addon === undefined || 'reason' in addon ? createStreamsTransport() : createEngineTransport(addon);
}

class EmbeddedServer implements SocksServer {
  readonly #server: Server;
  readonly #resolver: Resolver;
  readonly #transport: Transport;

  constructor(server: Server, resolver: Resolver, transport: Transport) {
    this.#server = server;
    this.#resolver = resolver;
    this.#transport = transport;
  }

  get sessions(): number {
    return this.#server.registry.size;
  }

  listen(port: number, host = '127.0.0.1'): Promise<Endpoint> {
    return this.#server.listen({ ip: mustBeIp('host', host), port });
  }

  async close(drainMs = 0): Promise<void> {
    await this.#server.stop(drainMs);
    this.#resolver.close();
    this.#transport.close();
  }
}

function snapshotOf(options: ServerOptions): Snapshot {
  const { authenticate, anonymous = false } = options;
  return {
    policy: compilePolicy({
      rules: rulesOf(options),
      sections: new Map(),
      hasUsers: authenticate !== undefined,
      anonymous,
      hostAddresses: hostAddressSource(),
      now: () => new Date(),
    }),
    checkLogin: authenticate && loginBy(authenticate),
    chap: undefined,
    sources: new Sources(() => performance.now(), Math.random),
    family: 'any',
    routing: undefined,
    maxSessions: options.maxSessions ?? DEFAULTS.maxSessions,
    limits: compileLimits([]),
    logins: DEFAULTS.logins,
    hostsAccess: undefined,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? DEFAULTS.handshakeTimeoutMs,
    connectTimeoutMs: options.connectTimeoutMs ?? DEFAULTS.connectTimeoutMs,
    relayLimits: {
      idleTimeoutMs: options.idleTimeoutMs ?? DEFAULTS.idleTimeoutMs,
      halfClosedTimeoutMs: options.halfClosedTimeoutMs ?? DEFAULTS.halfClosedTimeoutMs,
    },
    outside: DEFAULTS.outside,
    udp: DEFAULTS.udp,
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

function loginBy(authenticate: NonNullable<ServerOptions['authenticate']>): CheckLogin {
  return async (user, password, client) => {
    const name = displayText(user);
    if (await authenticate(name, displayText(password), client))
      return { kind: 'user', name, group: undefined };
    throw new Fault('LOGIN_FAILED');
  };
}

function mustBeIp(option: string, text: string): Ip {
  const ip = parseIp(text);
  if (ip === undefined) throw new TypeError(`${option}: "${text}" is not an IP address`);
  return ip;
}

function mustParse<T>(option: string, parsed: Parsed<T>): T {
  if (parsed.kind === 'wrong') throw new TypeError(`${option}: ${parsed.why}`);
  return parsed.value;
}
