// The options of createServer(), checked, and the snapshot for sessions made from them.
import { monotonicMs } from './base/clock.ts';
import type { Authenticate, Decide, Dial, GiveProxyLogin, Resolve } from './embed/callbacks.ts';
import type { Calls } from './embed/calls.ts';
import { credentialsBy, loginBy } from './embed/login.ts';
import { programOf } from './embed/program.ts';
import { mustBeKnown } from './embed/given/reading.ts';
import { configOf } from './embed/settings.ts';
import type { EphemeralPorts } from './net/native/ephemeralports.ts';
import type { Routing } from './net/routes/travel.ts';
import type { Ways } from './net/routes/ways.ts';
import type { MetricsRegistry } from './observe/figures/promclient.ts';
import type { Own } from './policy/rules/here.ts';
import { Sources } from './policy/rules/sources.ts';
import type { Report } from './session/events.ts';
import { isRegistry } from './servermetrics.ts';
import type { Snapshot } from './session/session.ts';
import { snapshotOf as snapshotOfConfig } from './session/snapshot.ts';

/**
 * Every field is optional, and undefined means its default, that of picosocks5.conf(5). Times are whole milliseconds. Texts have
 * the form of picosocks5.conf(5). A function that throws, rejects, or returns an invalid answer refuses that client.
 */
export interface ServerOptions {
  /**
   * Says whether a client may log in (RFC 1929); `client` is its address. Without it there are no users, and only
   * clients of this host and of private networks are served unless `network` says otherwise.
   */
  readonly authenticate?: Authenticate | undefined;
  /** Lets clients in without a login although there is `authenticate`. */
  readonly anonymous?: boolean | undefined;
  /** Clients, as the option `network` of picosocks5.conf(5): `10.0.0.0/8,!10.1.0.0/16`. First match wins. */
  readonly network?: string | undefined;
  /** Requests, as the option `request`: `!all:*:25,connect:.example.org`. First match wins. */
  readonly request?: string | undefined;
  /**
   * Says what becomes of each request, and of each new target of a UDP association: it goes on, is denied, or goes elsewhere or
   * by another way. Rules and guard are asked afterwards.
   */
  readonly decide?: Decide | undefined;
  /** Source addresses of outgoing connections, as the option `source`. */
  readonly source?: readonly string[] | undefined;
  /**
   * Routes, as the option `route`: `10.0.0.0/8 any`, `* any proxy.example.net 1080/5`. The first that matches says how a
   * destination is reached; without one it is reached straight.
   */
  readonly routes?: readonly string[] | undefined;
  /** Our login at a proxy of `routes`; undefined: none. Asked for each connection, so it must not wait. */
  readonly proxyLogin?: GiveProxyLogin | undefined;
  /** Connects to targets and proxies in place of the transport. Not for UDP and BIND. */
  readonly dial?: Dial | undefined;
  /** Looks up names in place of the built-in resolver. */
  readonly resolve?: Resolve | undefined;
  /** Sessions at once; 0, the default: no limit. */
  readonly maxSessions?: number | undefined;
  /** Most bytes that sessions hold whose receivers do not read, socket buffers included; 0: no limit. */
  readonly stalledBytes?: number | undefined;
  /** As the option `limit`: `client sessions=64 rate=20`, `user:alice day=10G`. The counts of quotas are lost at the end. */
  readonly limits?: readonly string[] | undefined;
  /** Bans after too many failed logins; without it there are none. */
  readonly bans?: BanOptions | undefined;
  /**
   * Balancers, as the option `proxy-protocol`: `192.0.2.10`. Clients from there must begin with a header of the PROXY protocol, and
   * are whom it announces.
   */
  readonly proxyProtocol?: string | undefined;
  /** From accept to the complete request; `authenticate` included. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** Time for the look-up and the connection to the destination, proxies included; as much again for `decide`. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long a session may go on while nothing moves; 0: no limit. */
  readonly idleTimeoutMs?: number | undefined;
  /** The same once one side has ended; 0: no limit of its own. */
  readonly halfClosedTimeoutMs?: number | undefined;
  /**
   * `auto` (default): the native engine where it loads, as in the daemon; `streams`: node:net. Other runtimes than Node.js have
   * `streams` alone.
   */
  readonly transport?: 'auto' | 'streams' | undefined;
  /** Closes the server at once when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /**
   * A registry of the package prom-client, for the metrics of docs/metrics.md. It has those of one server, and loses them when the
   * server is closed.
   */
  readonly metrics?: MetricsRegistry | undefined;
  /** Hears what happens to each session. */
  readonly onEvent?: Report | undefined;
}

/** Bans of clients (IPv4 addresses, /64 of IPv6) and locks of user names; times are milliseconds. */
export interface BanOptions {
  /** Failed logins within `windowMs` that make a ban. */
  readonly failures: number;
  readonly windowMs?: number | undefined;
  /** The length of the first ban; each further one is twice as long, up to `longestMs`. */
  readonly firstMs?: number | undefined;
  readonly longestMs?: number | undefined;
  /** Clients that are never banned, by default `127.0.0.0/8,::1`. */
  readonly allow?: string | undefined;
}

/** State that outlives update(). */
export interface EmbeddedLasting {
  readonly own: Own;
  readonly ephemeralPorts: EphemeralPorts;
  readonly ways: Ways;
  readonly sources: Sources;
  readonly calls: Calls;
  readonly isSelf: Routing['isSelf'];
}

const FUNCTIONS = ['authenticate', 'decide', 'proxyLogin', 'dial', 'resolve', 'onEvent'] as const;

const NAMES: readonly (keyof ServerOptions)[] = [
  ...FUNCTIONS,
  ...([
    'anonymous',
    'network',
    'request',
    'source',
    'routes',
    'maxSessions',
    'stalledBytes',
    'limits',
  ] as const),
  ...([
    'bans',
    'proxyProtocol',
    'handshakeTimeoutMs',
    'connectTimeoutMs',
    'idleTimeoutMs',
    'halfClosedTimeoutMs',
  ] as const),
  ...(['transport', 'signal', 'metrics'] as const),
];

/** Throws TypeError where an option is unknown, or is of another kind; its message begins with the name of it. */
export function checkOptions(options: ServerOptions): void {
  mustBeKnown(options, NAMES);
  for (const name of FUNCTIONS) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw new TypeError(`${name}: must be a function`);
  }
  const { transport = 'auto', signal, metrics } = options;
  if (!['auto', 'streams'].includes(transport)) throw new TypeError('transport: must be "auto" or "streams"');
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new TypeError('signal: must be an AbortSignal');
  if (metrics !== undefined && !isRegistry(metrics))
    throw new TypeError('metrics: must be a Registry of prom-client');
}

/** The snapshot for sessions. Throws TypeError when an option makes no sense; the message begins with its name. */
export function embeddedSnapshot(options: ServerOptions, lasting: EmbeddedLasting): Snapshot {
  checkOptions(options);
  const { authenticate, proxyLogin = () => undefined } = options;
  const { calls, isSelf } = lasting;
  const atProxies = { credentials: credentialsBy(proxyLogin), trust: undefined, isSelf };
  const program = programOf(options, calls, atProxies);
  return snapshotOfConfig(configOf(options), {
    ...lasting,
    checkLogin: authenticate && loginBy(authenticate, calls),
    chap: undefined,
    found: { carriers: [] },
    hostsAccess: undefined,
    bindAddresses: [],
    atProxies,
    ...(program === undefined ? {} : { program }),
  });
}

export function newSources(): Sources {
  return new Sources(monotonicMs, Math.random, Date.now);
}
