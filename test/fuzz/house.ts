// A server under siege and everything around it: what its rules allow, and tripwires on what they do not.
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createChapVerifier } from '../../src/auth/chap.ts';
import { recoverableText } from '../../src/auth/hash.ts';
import { formatEndpoint, type Endpoint } from '../../src/base/ip.ts';
import { createResolver } from '../../src/net/resolve.ts';
import type { EndedBy, Transport } from '../../src/net/transport.ts';
import type { SessionEvent } from '../../src/session/events.ts';
import { Server } from '../../src/session/server.ts';
import { startDnsServer } from '../support/dns.ts';
import { policy, section } from '../support/policy.ts';
import { loopback, onlyUser, SNAPSHOT } from '../support/server.ts';
import { transports } from '../support/transports.ts';
import { HERE, TRIPWIRES, type Ports } from './places.ts';

export interface House {
  readonly transport: string;
  readonly port: number;
  readonly ports: Ports;
  readonly server: Server;
  /** What happened that the rules forbid; grows. */
  readonly trespasses: string[];
  /** How the relay of the client at this port ended, past or to come. */
  whenEnded(clientPort: number): Promise<EndedBy>;
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
  const server = new Server({ transport, resolver, report }, snapshot());
  const { port } = await server.listen(loopback(0));
  server.open();
  return {
    transport: transportName,
    port,
    ports: yard.ports,
    server,
    trespasses,
    whenEnded: (clientPort) => endings.of(clientPort),
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
    resolveCommands: true,
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

interface Yard {
  readonly ports: Ports;
  close(): void;
}

/** Somebody may use the echo servers' port on another address, be it only to call from. */
const MOST_ATTEMPTS = 100;

async function openYard(trespasses: string[]): Promise<Yard> {
  for (let attempt = 1; ; attempt++) {
    const open: Closable[] = [];
    try {
      return { ports: await fillYard(open, trespasses), close: () => closeAll(open) };
    } catch (error) {
      closeAll(open);
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

interface Closable {
  close(): void;
}

function closeAll(open: readonly Closable[]): void {
  for (const each of open) each.close();
}

/** Echo servers on HERE, tripwires on the same port elsewhere: TCP and UDP each. */
async function fillYard(open: Closable[], trespasses: string[]): Promise<Ports> {
  const echo = await listenTcp({ ip: HERE, port: 0 }, (socket) => socket.pipe(socket));
  open.push(echo);
  const { port } = echo;
  open.push(
    await bindUdp({ ip: HERE, port }, (socket, bytes, from) => socket.send(bytes, from.port, from.address)),
  );
  for (const ip of TRIPWIRES) {
    const place = formatEndpoint({ ip, port });
    const trip = (socket: Socket): void => {
      socket.destroy();
      trespasses.push(`a connection reached ${place}`);
    };
    open.push(await listenTcp({ ip, port }, trip));
    open.push(await bindUdp({ ip, port }, () => trespasses.push(`a datagram reached ${place}`)));
  }
  const closed = await listenTcp({ ip: HERE, port: 0 }, (socket) => socket.destroy());
  closed.close();
  return { echo: port, closed: closed.port };
}

/** `close()` ends its connections too. */
async function listenTcp(
  { ip, port }: Endpoint,
  onSocket: (socket: Socket) => void,
): Promise<Closable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen({ host: ip, port, backlog: 1024 });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

type OnBytes = (socket: UdpSocket, bytes: Buffer, from: RemoteInfo) => void;

async function bindUdp({ ip, port }: Endpoint, onBytes: OnBytes): Promise<UdpSocket> {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (bytes, from) => onBytes(socket, bytes, from));
  socket.bind(port, ip);
  await once(socket, 'listening');
  socket.on('error', () => undefined);
  return socket;
}
