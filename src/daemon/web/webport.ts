// A port, or a socket in the file system, at which the daemon answers by HTTP; it is opened before the drop, and bounded.
import { renameSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Fault } from '../../base/fault.ts';
import { LOOPBACK_IPV4, type Endpoint } from '../../base/ip.ts';
import type { WebAddress } from '../../config/model/webaddress.ts';
import { READY_ADDRESS } from '../../config/values/control.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import {
  draftOf,
  giveSocketFile,
  lookAtSocket,
  openInode,
  removeStaleSocket,
  SocketFile,
  withRights,
  type SocketOwner,
} from '../../net/socketfile.ts';
import { remoteEnd } from '../../net/streams/streamleg.ts';
import { FairRoom, type PlaceNumber } from '../../policy/room/fairroom.ts';
import { ownerOf } from '../../policy/room/owner.ts';
import { osFailure } from '../unix/osfailure.ts';
import type { TlsDoor } from './tlsdoor.ts';

export interface WebPlan {
  /** The option that asks for it. */
  readonly option: string;
  readonly address: WebAddress;
  /** Mode of a Unix socket: who may connect. */
  readonly mode: number;
  /** Owner of a Unix socket; undefined: the account that makes it. */
  readonly owner: SocketOwner | undefined;
  /** Connections at a time; beyond it the oldest of the client with most is closed. */
  readonly maxConnections: number;
  /** What clients pass first. */
  readonly door?: Pick<TlsDoor, 'enter'> | undefined;
  readonly take: (stream: Duplex, client: Endpoint) => void;
}

/** Of a Unix socket. */
const THIS_HOST: Endpoint = { ip: LOOPBACK_IPV4, port: 0 };

const AGAIN_MS = 100;

/**
 * To be called as root, for a port below 1024 or a folder of root. Returns a function that closes the port; any exit closes
 * it, too. With `takeover` the previous daemon may hold the port until it retires. Rejects with StartFailure.
 */
export async function keepWebPort(plan: WebPlan, { takeover }: { takeover: boolean }): Promise<() => void> {
  const port = new WebPort(plan);
  let timer: NodeJS.Timeout | undefined;
  const leave = (): void => {
    process.off('exit', leave);
    clearTimeout(timer);
    port.close();
  };
  process.once('exit', leave);
  if ((await port.listen()) === 'listening') return leave;
  if (!takeover) throw osFailure(`${plainFailure(plan)}: another program listens there`);
  const again = (): void => {
    timer = setTimeout(() => {
      port.listen().then(
        (result) => {
          if (result === 'taken') again();
        },
        () => undefined,
      );
    }, AGAIN_MS).unref();
  };
  again();
  return leave;
}

function plainFailure({ option, address }: WebPlan): string {
  return `cannot answer at ${option} = ${READY_ADDRESS.format(address)}`;
}

class WebPort {
  readonly #server: Server;
  readonly #sockets = new Map<PlaceNumber, Socket>();
  readonly #room: FairRoom;
  readonly #plan: WebPlan;
  /** The file of a Unix socket, once it is made. */
  #file: SocketFile | undefined;

  constructor(plan: WebPlan) {
    this.#plan = plan;
    this.#room = new FairRoom({
      max: plan.maxConnections,
      gives: 'oldest',
      gaveWay: (place) => this.#pressOut(place),
    });
    this.#server = createServer((socket) => this.#take(socket));
    // Unreferenced: it keeps neither a daemon nor a failed start alive.
    this.#server.unref();
  }

  /** Rejects with StartFailure; 'taken': another process has the port. */
  async listen(): Promise<'listening' | 'taken'> {
    const { address } = this.#plan;
    try {
      if (address.kind === 'path') await this.#listenAt(address.path);
      else await listening(this.#server, { host: address.endpoint.ip, port: address.endpoint.port });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return 'taken';
      throw osFailure(`${plainFailure(this.#plan)}: ${systemReason(error)}`, error);
    }
    // Out of descriptors: a request that fails is the right answer then.
    this.#server.on('error', () => undefined);
    return 'listening';
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets.values()) socket.destroy();
    this.#file?.remove();
  }

  /** Made under another name and renamed: it appears with its mode, and replaces the socket of a dead daemon. */
  async #listenAt(path: string): Promise<void> {
    mustBeReplaceable(path);
    const draft = draftOf(path);
    removeStaleSocket(draft);
    const { mode, owner } = this.#plan;
    await withRights(draft, mode, () => listening(this.#server, { path: draft }));
    const inode = openInode(draft);
    if (owner !== undefined && process.geteuid?.() === 0) giveSocketFile(draft, inode, owner);
    this.#file = new SocketFile(path, inode);
    renameSync(draft, path);
  }

  #take(socket: Socket): void {
    const client = remoteEnd(socket) ?? THIS_HOST;
    socket.on('error', () => undefined);
    const place = this.#room.take(ownerOf(client.ip));
    if (place === undefined) {
      socket.destroy();
      return;
    }
    this.#sockets.set(place, socket);
    socket.unref();
    socket.once('close', () => {
      if (this.#sockets.get(place) !== socket) return;
      this.#sockets.delete(place);
      this.#room.release(place);
    });
    const { door, take } = this.#plan;
    if (door === undefined) take(socket, client);
    else door.enter(socket, take);
  }

  #pressOut(place: PlaceNumber): void {
    const socket = this.#sockets.get(place);
    this.#sockets.delete(place);
    socket?.destroy(new Fault('PRESSED_OUT'));
  }
}

function listening(server: Server, at: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    // Closes what a failed attempt has opened, so that it can be repeated.
    const lost = (error: Error): void => {
      server.off('listening', won);
      reject(error);
    };
    const won = (): void => {
      server.off('error', lost);
      resolve();
    };
    server.once('error', lost).once('listening', won).listen(at);
  });
}

/** A takeover replaces the socket of the previous daemon, which keeps the connections that it has. */
function mustBeReplaceable(path: string): void {
  if (lookAtSocket(path) === 'other')
    throw new Error('what is there is no socket; remove it, or choose another path');
}
