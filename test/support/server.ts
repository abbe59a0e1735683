// A server of the session floor on loopback, with a snapshot of the test's choice.
import { inspect } from 'node:util';
import type { ExecutionContext } from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { parseIp, type Endpoint } from '../../src/base/ip.ts';
import { plainly } from '../../src/net/layer.ts';
import { createResolver } from '../../src/net/names/resolve.ts';
import { readEphemeralPorts } from '../../src/net/native/ephemeralports.ts';
import type { Transport } from '../../src/net/transport.ts';
import { compileLimits } from '../../src/policy/limits/limits.ts';
import { Sources } from '../../src/policy/rules/sources.ts';
import { Datagrams } from '../../src/session/datagrams/datagrams.ts';
import type { SessionEvent } from '../../src/session/events.ts';
import { Logins } from '../../src/session/logins.ts';
import { Server } from '../../src/session/server/server.ts';
import type { CheckLogin, Snapshot } from '../../src/session/session.ts';
import { policy } from './policy.ts';

/** Long enough for any machine: a test of a timeout sets its own. */
const PATIENCE_MS = 60_000;

const MAX_PEERS = 4096;

/** All destinations are allowed, no user exists, and few limits hold. */
export const SNAPSHOT: Snapshot = {
  policy: policy(),
  checkLogin: undefined,
  chap: undefined,
  sources: new Sources(() => performance.now(), Math.random),
  family: 'any',
  routing: undefined,
  maxSessions: 0,
  limits: compileLimits([]),
  logins: {
    trust: { whitelist: [], authOnceMs: 0 },
    bans: { failures: 0, windowMs: 60_000, firstMs: 60_000, longestMs: 60_000, allow: [] },
    tarpitMs: 0,
  },
  hostsAccess: undefined,
  proxyProtocol: [],
  proxyUser: 'none',
  handshakeTimeoutMs: PATIENCE_MS,
  connectTimeoutMs: PATIENCE_MS,
  relayLimits: { idleTimeoutMs: 0, halfClosedTimeoutMs: 0 },
  stalledBytes: 0,
  outside: {
    bindAddresses: [],
    bindPorts: readEphemeralPorts(),
    bindTimeoutMs: PATIENCE_MS,
    publicAddresses: [],
  },
  udp: {
    ports: readEphemeralPorts(),
    idleTimeoutMs: 0,
    maxPeers: 0,
    packetsPerSecond: 0,
    unansweredBytes: 0,
    replyRatio: 0,
  },
  resolveCommands: false,
};

/** Knows one user. */
export function onlyUser(name: string, password: string): CheckLogin {
  return (user, given) =>
    Buffer.from(user).toString() === name && Buffer.from(given).toString() === password
      ? Promise.resolve({ kind: 'user', name, group: undefined })
      : Promise.reject(new Fault('LOGIN_FAILED'));
}

export interface TestServer {
  readonly server: Server;
  readonly logins: Logins;
  readonly port: number;
  readonly events: SessionEvent[];
  /** The next event of a kind that has not been asked for yet. */
  event<Kind extends SessionEvent['kind']>(kind: Kind): Promise<Extract<SessionEvent, { kind: Kind }>>;
  stop(): Promise<void>;
}

/** startServer() until the end of a test; what it reported is logged with a test that fails. */
export async function startServerFor(
  t: ExecutionContext,
  transport: Transport,
  changes: Partial<Snapshot> = {},
  nameServers?: readonly Endpoint[],
): Promise<TestServer> {
  const server = await startServer(transport, changes, undefined, nameServers);
  t.teardown(() => {
    if (!t.passed)
      for (const event of server.events) t.log(inspect(event, { depth: 1, breakLength: Infinity }));
    return server.stop();
  });
  return server;
}

export async function startServer(
  transport: Transport,
  changes: Partial<Snapshot> = {},
  capacity?: number,
  nameServers: readonly Endpoint[] = [loopback(9)],
): Promise<TestServer> {
  const events: SessionEvent[] = [];
  const waiting: { kind: string; resolve: (event: SessionEvent) => void }[] = [];
  const asked = new Set<SessionEvent>();
  const report = (event: SessionEvent): void => {
    events.push(event);
    const at = waiting.findIndex(({ kind }) => kind === event.kind);
    const waiter = at < 0 ? undefined : waiting.splice(at, 1)[0];
    if (waiter === undefined) return;
    asked.add(event);
    waiter.resolve(event);
  };
  const resolver = createResolver({ kind: 'servers', servers: nameServers });
  const logins = new Logins();
  const surroundings = { transport, resolver, report, logins, datagrams: new Datagrams(MAX_PEERS) };
  const server = new Server(
    surroundings,
    { ...SNAPSHOT, ...changes },
    {
      sessions: capacity ?? Infinity,
      endsFirst: 'descriptors',
    },
  );
  const bound = await server.listen(plainly(loopback(0)));
  server.open();
  return {
    server,
    logins,
    port: bound.port,
    events,
    event: <Kind extends SessionEvent['kind']>(kind: Kind) =>
      new Promise<Extract<SessionEvent, { kind: Kind }>>((resolve) => {
        const found = events.find((event) => event.kind === kind && !asked.has(event));
        if (found === undefined) {
          waiting.push({ kind, resolve: resolve as (event: SessionEvent) => void });
          return;
        }
        asked.add(found);
        resolve(found as Extract<SessionEvent, { kind: Kind }>);
      }),
    stop: async () => {
      await server.stop(0);
      resolver.close();
    },
  };
}

export function loopback(port: number, ip = '127.0.0.1'): Endpoint {
  return { ip: parseIp(ip)!, port };
}
