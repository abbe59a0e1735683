// The portable transport, over node:net. It is complete, and the reference for the engine.
import {
  connect,
  createServer,
  type AddressInfo,
  type ListenOptions as NetListenOptions,
  type Server,
  type Socket,
} from 'node:net';
import { monotonicMs } from '../../base/clock.ts';
import type { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { familyOf, formatEndpoint, type Endpoint, type Ip } from '../../base/ip.ts';
import { inZone, ipOfSystem, zoneNameOf } from '../../base/zoned.ts';
import { dialFault, marksFault, zoneFault } from '../errors.ts';
import { descriptorOf } from '../native/descriptors.ts';
import { OwnEnds } from '../ownends.ts';
import { StreamStalls } from '../stalls.ts';
import type { Leg, Listener, ListenerOptions, LocalBinding, Transport, UdpSocket } from '../transport.ts';
import { askDeparture } from './departure.ts';
import { localEnd, StreamLeg } from './streamleg.ts';
import { relayStreams } from './streamrelay.ts';
import { openStreamUdp } from './streamudp.ts';
import { listenAtUnix, type AccountOf } from './streamunix.ts';

/** Pending connections per listener; the kernel caps it at net.core.somaxconn. */
const BACKLOG = 4096;

/** Read sizes and half-open are the same for accepted and dialled sockets. */
const SOCKET_OPTIONS = { allowHalfOpen: true, noDelay: true } as const;

/** `unref`: its listeners, later ones included, keep no process alive. */
export type StreamsTransport = Transport & { readonly unref: () => void };

/** `accountOf`: the account of a client of a Unix socket; without it no account is known. */
export function createStreamsTransport(accountOf: AccountOf = () => undefined): StreamsTransport {
  const stalls = new StreamStalls(monotonicMs);
  const own = { tcp: new OwnEnds(), udp: new OwnEnds() };
  const home = { own: own.tcp, servers: new Set<Server>(), isQuiet: false };
  return {
    name: 'streams',
    stalls,
    own,
    listen: (...asked) => listenFrom(home, ...asked),
    listenOn: (...asked) => listenOn(home, ...asked),
    listenUnix: (...asked) => listenAtUnix({ ...home, accountOf }, ...asked),
    unref: () => {
      home.isQuiet = true;
      for (const server of home.servers) server.unref();
    },
    openUdp: async (address, onDatagram, side, marks) => {
      const socket = await openStreamUdp(address, onDatagram, side, marks);
      return side === 'outside' ? ownUdp(own.udp, socket) : socket;
    },
    departureTo: (to, marks) =>
      marksFault(marks) === undefined ? askDeparture(to) : Promise.resolve(undefined),
    dial: (...asked) => dialFrom(own.tcp, ...asked),
    relay: (client, target, limits) =>
      relayStreams(ownLeg(client).release(), ownLeg(target).release(), limits, stalls),
    close: () => undefined,
  };
}

/** State shared by the listeners of one transport. */
interface ListenersHome {
  readonly own: OwnEnds;
  readonly servers: Set<Server>;
  /** Whether listeners keep no process alive. */
  isQuiet: boolean;
}

function listenFrom(
  home: ListenersHome,
  { ip: host, port }: Endpoint,
  onLeg: (leg: Leg) => void,
  options?: ListenerOptions,
): Promise<Listener> {
  return openListening(
    home,
    { host, port, backlog: BACKLOG, ipv6Only: familyOf(host) === 6 },
    onLeg,
    options,
  );
}

/** listen() makes a socket listen that does not yet; a connected socket, one of UDP or a Unix socket is an error. */
function listenOn(
  home: ListenersHome,
  fd: number,
  onLeg: (leg: Leg) => void,
  options?: ListenerOptions,
): Promise<Listener> {
  return openListening(home, { fd, backlog: BACKLOG }, onLeg, options);
}

function openListening(
  home: ListenersHome,
  where: NetListenOptions & { readonly fd?: number },
  onLeg: (leg: Leg) => void,
  { onStarved = () => undefined }: ListenerOptions = {},
): Promise<Listener> {
  const server = createServer(SOCKET_OPTIONS, (socket) => {
    const leg = StreamLeg.of(socket);
    if (leg !== undefined) onLeg(leg);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      server.on('error', (error) => onStarved(new Fault('RESOURCES_EXHAUSTED', error)));
      const local = boundEndpoint(server);
      if (local !== undefined) {
        const forget = home.own.listen(local.port);
        home.servers.add(server);
        if (home.isQuiet) server.unref();
        const close = (): void => {
          forget();
          home.servers.delete(server);
          server.close();
        };
        resolve({ local, descriptor: descriptorOf(server), close });
        return;
      }
      server.close();
      reject(Object.assign(new Error('the socket is not one of TCP'), { code: 'EAFNOSUPPORT' }));
    });
  });
}

/** undefined for a Unix socket. */
function boundEndpoint(server: Server): Endpoint | undefined {
  const bound = server.address();
  const ip = bound === null || typeof bound === 'string' ? undefined : ipOfSystem(bound.address);
  return ip === undefined ? undefined : { ip, port: (bound as AddressInfo).port };
}

function dialFrom(own: OwnEnds, destination: Endpoint, from: LocalBinding, deadline: Deadline): Promise<Leg> {
  return new Promise((resolve, reject) => {
    const to = inZoneOf(from.source, destination.ip);
    const objection = deadline.ended ?? marksFault(from) ?? zoneFault(to);
    if (objection !== undefined) {
      reject(objection);
      return;
    }
    const socket = connect({
      ...SOCKET_OPTIONS,
      host: to,
      port: destination.port,
      family: familyOf(destination.ip),
      ...(from.source === undefined ? {} : { localAddress: from.source }),
    });
    keepEnd(own, socket, destination);
    const fail = (error: NodeJS.ErrnoException): void => {
      forget();
      reject(dialFault(error.code ?? 'unknown', destination.ip, error));
    };
    const forget = deadline.whenEnded((fault) => {
      socket.destroy();
      reject(fault);
    });
    socket.once('error', fail);
    socket.once('connect', () => {
      forget();
      socket.off('error', fail);
      const leg = StreamLeg.of(socket);
      if (leg === undefined) reject(new Fault('PEER_RESET', formatEndpoint(destination)));
      else resolve(leg);
    });
  });
}

/** A link-local `to` is on the link of its source address (ipv6(7)). */
function inZoneOf(source: Ip | undefined, to: Ip): Ip {
  const zone = source && zoneNameOf(source);
  return zone === undefined || zoneNameOf(to) !== undefined ? to : inZone(to, zone);
}

/** Node connects in the next tick, when the system chooses the local end: earlier than any peer of ours can act. */
function keepEnd(own: OwnEnds, socket: Socket, to: Endpoint): void {
  process.nextTick(() => {
    const local = localEnd(socket);
    if (local === undefined) return;
    const end = { ...local, to };
    own.add(end);
    socket.once('close', () => own.remove(end));
  });
}

function ownUdp(own: OwnEnds, socket: UdpSocket): UdpSocket {
  const { local } = socket;
  let isOpen = true;
  const end = { ...local, to: undefined };
  own.add(end);
  return {
    local,
    send: (...datagram) => socket.send(...datagram),
    close: () => {
      if (isOpen) own.remove(end);
      isOpen = false;
      socket.close();
    },
  };
}

function ownLeg(leg: Leg): StreamLeg {
  if (!(leg instanceof StreamLeg)) throw new TypeError('leg of another transport');
  return leg;
}
