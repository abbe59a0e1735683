// A server under siege, with the names that it can look up and the yard around it.
import { createChapVerifier } from '../../src/auth/chap.ts';
import { recoverableText } from '../../src/auth/hashing/hash.ts';
import { formatEndpoint } from '../../src/base/ip.ts';
import { plainly } from '../../src/net/layer.ts';
import { createResolver } from '../../src/net/names/resolve.ts';
import type { Transport } from '../../src/net/transport.ts';
import type { SessionEndedBy as EndedBy } from '../../src/session/events.ts';
import { Datagrams } from '../../src/session/datagrams/datagrams.ts';
import type { SessionEvent } from '../../src/session/events.ts';
import { Logins } from '../../src/session/logins.ts';
import { Server } from '../../src/session/server/server.ts';
import { startDnsServer } from '../support/dns.ts';
import { policy, section } from '../support/policy.ts';
import { loopback, onlyUser, SNAPSHOT } from '../support/server.ts';
import { fakeTickets } from '../support/tickets.ts';
import { transports } from '../support/transports.ts';
import { HERE, TRIPWIRES, type Ports } from './places.ts';
import { openYard } from './yard.ts';

export interface House {
  readonly transport: string;
  readonly port: number;
  readonly ports: Ports;
  readonly server: Server;
  /** What happened that the rules forbid; grows. */
  readonly trespasses: string[];
  /** How the relay of the client at this port ended, past or to come. */
  whenEnded(clientPort: number): Promise<EndedBy>;
  /** Gives up the look-ups for which nobody waits any more: c-ares keeps asking for many seconds on a busy machine. */
  forgetNames(): void;
  close(): Promise<void>;
}

/** Every limit is short: a session that none of them ends is a finding. */
const LIMITS = {
  handshakeTimeoutMs: 900,
  connectTimeoutMs: 900,
  relayLimits: { idleTimeoutMs: 1200, halfClosedTimeoutMs: 600 },
  outside: { ...SNAPSHOT.outside, bindTimeoutMs: 600 },
  udp: { ...SNAPSHOT.udp, idleTimeoutMs: 900, maxPeers: 4, unansweredBytes: 4096, replyRatio: 4 },
} as const;

const ZONE = {
  'echo.test': { a: [HERE] },
  'both.test': { a: [HERE], aaaa: ['::1'] },
  'forbidden.test': { a: [TRIPWIRES[0]!], aaaa: ['::1'] },
  'silent.test': { a: 'silent', aaaa: 'silent' },
  'broken.test': { a: 'servfail', aaaa: 'servfail' },
} as const;

/** Who is in: alice with her password, and anybody without a name, from this host only. */
export async function openHouse(transportName: string): Promise<House> {
  const trespasses: string[] = [];
  const yard = await openYard(trespasses);
  const dns = await startDnsServer(ZONE);
  const choice = { kind: 'servers', servers: [dns.endpoint] } as const;
  const resolver = createResolver(choice, { hostsPath: '/nonexistent', serverTimeoutMs: 300 });
  const transport = transportNamed(transportName);
  const endings = new Endings();
  const report = (event: SessionEvent): void => {
    endings.note(event);
    const trespass = trespassOf(event, yard.ports);
    if (trespass !== undefined) trespasses.push(trespass);
  };
  const server = new Server(
    { transport, resolver, report, logins: new Logins(), datagrams: new Datagrams(16) },
    snapshot(),
  );
  const { port } = await server.listen(plainly(loopback(0)));
  server.open();
  return {
    transport: transportName,
    port,
    ports: yard.ports,
    server,
    trespasses,
    whenEnded: (clientPort) => endings.of(clientPort),
    forgetNames: () => resolver.close(),
    close: async () => {
      await server.stop(0);
      resolver.close();
      transport.close();
      dns.close();
      yard.close();
    },
  };
}

function snapshot() {
  const rules = section('', { network: '127.0.0.0/8', request: `all:${HERE}` });
  return {
    ...SNAPSHOT,
    ...LIMITS,
    policy: policy({ rules, hasUsers: true, anonymous: true }),
    checkLogin: onlyUser('alice', 'secret'),
    chap: chapVerifier(),
    gssapi: fakeTickets(),
    resolveCommands: true,
    http: {},
  };
}

/** Mutual, too. */
function chapVerifier() {
  const hash = { kind: 'base64', text: recoverableText(Buffer.from('secret')) } as const;
  const alice = { name: 'alice', group: undefined, hashes: [hash] };
  const serverSecret = Buffer.from('server');
  return createChapVerifier({ byName: new Map([['alice', alice]]), usable: [alice], serverSecret });
}

function transportNamed(name: string): Transport {
  const found = transports.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the transport ${name} does not work on this machine`);
  return found.create();
}

function trespassOf(event: SessionEvent, ports: Ports): string | undefined {
  if (event.kind !== 'connected') return undefined;
  const { command, dialled } = event.session;
  if (dialled === undefined) return `connected (${command ?? 'no command'}) without saying where`;
  const isAllowed = dialled.ip === HERE && (command !== 'connect' || dialled.port === ports.echo);
  return isAllowed ? undefined : `connected (${command ?? 'no command'}) with ${formatEndpoint(dialled)}`;
}

/** By the port of the client, of which there are at most 65,536. */
class Endings {
  readonly #known = new Map<number, EndedBy>();
  readonly #waiting = new Map<number, (endedBy: EndedBy) => void>();

  note(event: SessionEvent): void {
    if (event.kind === 'accepted') this.#known.delete(event.session.client.port);
    if (event.kind !== 'ended') return;
    const { port } = event.session.client;
    this.#known.set(port, event.endedBy);
    this.#waiting.get(port)?.(event.endedBy);
    this.#waiting.delete(port);
  }

  of(port: number): Promise<EndedBy> {
    const known = this.#known.get(port);
    return known === undefined
      ? new Promise((resolve) => this.#waiting.set(port, resolve))
      : Promise.resolve(known);
  }
}
