// What stands around a server: echo servers where its rules allow to go, tripwires where they do not.
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { formatEndpoint, type Endpoint } from '../../src/base/ip.ts';
import { HERE, TRIPWIRES, type Ports } from './places.ts';

export interface Yard {
  readonly ports: Ports;
  close(): void;
}

/** Somebody may use the echo servers' port on another address, be it only to call from. */
const MOST_ATTEMPTS = 100;

/** Each visitor who should not come is added to `trespasses`. */
export async function openYard(trespasses: string[]): Promise<Yard> {
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
