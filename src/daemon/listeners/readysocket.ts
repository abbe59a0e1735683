// The socket at which health checks are answered, of TCP or in the file system; it is opened before the drop.
import { renameSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { ReadyAddress } from '../../config/model/ready.ts';
import { READY_ADDRESS } from '../../config/values/control.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import {
  draftOf,
  lookAtSocket,
  openInode,
  removeStaleSocket,
  SocketFile,
  withRights,
} from '../../net/socketfile.ts';
import { osFailure } from '../unix/osfailure.ts';
import { answerCheck, type Readiness } from './readyanswer.ts';

/** Checks at a time; beyond it the oldest is closed. */
export const MAX_CHECKS = 64;

export class ReadySocket {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #address: ReadyAddress;
  /** Of a Unix socket, once it is made. */
  #file: SocketFile | undefined;

  constructor(address: ReadyAddress, readiness: () => Readiness) {
    this.#address = address;
    this.#server = createServer((socket) => this.#take(socket, readiness));
    // Alone it keeps no daemon alive, nor a start that has failed.
    this.#server.unref();
  }

  /** Rejects with StartFailure; 'taken': another process has the port. */
  async listen(): Promise<'listening' | 'taken'> {
    try {
      if (this.#address.kind === 'path') await this.#listenAt(this.#address.path);
      else
        await listening(this.#server, { host: this.#address.endpoint.ip, port: this.#address.endpoint.port });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return 'taken';
      throw osFailure(
        `cannot answer at ready = ${READY_ADDRESS.format(this.#address)}: ${systemReason(error)}`,
        error,
      );
    }
    // Out of descriptors: a check that fails is the right answer then.
    this.#server.on('error', () => undefined);
    return 'listening';
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#file?.remove();
  }

  /** Made under another name, so that it has its mode when it appears, and takes the place of what a dead daemon has left. */
  async #listenAt(path: string): Promise<void> {
    mustBeReplaceable(path);
    const draft = draftOf(path);
    removeStaleSocket(draft);
    await withRights(draft, 0o666, () => listening(this.#server, { path: draft }));
    this.#file = new SocketFile(path, openInode(draft));
    renameSync(draft, path);
  }

  #take(socket: Socket, readiness: () => Readiness): void {
    const [oldest] = this.#sockets;
    if (oldest !== undefined && this.#sockets.size >= MAX_CHECKS) {
      this.#sockets.delete(oldest);
      oldest.destroy();
    }
    this.#sockets.add(socket);
    socket.unref();
    socket.once('close', () => this.#sockets.delete(socket));
    answerCheck(socket, readiness);
  }
}

function listening(server: Server, at: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    // It may be tried again: nothing of an attempt stays behind.
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

/** A daemon that takes over replaces the socket of the one before, which goes on answering whom it has. */
function mustBeReplaceable(path: string): void {
  if (lookAtSocket(path) === 'other')
    throw new Error('what is there is no socket; remove it, or choose another path');
}
