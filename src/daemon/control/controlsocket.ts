// The control socket in the file system: a Unix stream socket (unix(7)) that only the service account and root may
// open. It is made before the drop, in a folder that the account may be unable to write, and outlives a chroot. A daemon that takes
// over gets it from the one before, so the account never has to make it again.
import { existsSync, renameSync } from 'node:fs';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { createServer, type Server, type Socket } from 'node:net';
import { systemReason } from '../../config/values/systemreason.ts';
import { descriptorOf } from '../../net/native/descriptors.ts';
import {
  draftOf,
  giveSocketFile,
  isAnswered,
  lookAtSocket,
  openInode,
  removeStaleSocket,
  SocketFile,
  type SocketInode,
  withRights,
} from '../../net/socketfile.ts';
import type { UnixAccount } from '../account/accounts.ts';
import { attempt, osFailure } from '../unix/osfailure.ts';
import { converseWithOperator, turnAway, type Ask } from './controlconversation.ts';

export interface ControlSocket {
  /** Answers from now on, those who came before included. */
  serve(ask: Ask): void;
  /** The socket that listens, for a process that takes over; undefined where Node hides it. */
  readonly descriptor: number | undefined;
  /** Another process answers at the path from now on, and the name is its. Conversations go on. */
  leave(): void;
  /** Ends every conversation and removes the socket if it is ours; a sentence where it has to stay. */
  release(): string | undefined;
}

/**
 * Listens at `path` for `account` (undefined: for the current one). Rejects with StartFailure (71) when a living daemon listens
 * there, when another file is there, or when the system refuses. The socket of a dead daemon is replaced: two starts at the same
 * instant are kept apart by their ports and the pid file, which come first.
 */
export async function openControlSocket(
  path: string,
  account: UnixAccount | undefined,
): Promise<ControlSocket> {
  await refuseLiving(path);
  const server = createServer({ allowHalfOpen: true });
  const inode = await publishSocket(path, server, account);
  return new ControlListening(path, server, new SocketFile(path, inode));
}

/**
 * Listens at `path` beside the daemon before us, on its socket `descriptor`: the name stays what it is, whichever of both goes.
 * Rejects with StartFailure (71).
 */
export async function adoptControlSocket(path: string, descriptor: number): Promise<ControlSocket> {
  const inode = attempt(`open the control socket ${path}`, () => openInode(path));
  const server = createServer({ allowHalfOpen: true });
  await listening(server, path, () => server.listen({ fd: descriptor }));
  return new ControlListening(path, server, new SocketFile(path, inode));
}

/** Makes it under another name, so that what appears at `path` has the right owner already. Gives the socket itself, as openInode(). */
async function publishSocket(
  path: string,
  server: Server,
  account: UnixAccount | undefined,
): Promise<SocketInode> {
  const draft = draftOf(path);
  attempt(`remove the unfinished control socket ${draft}`, () => removeStaleSocket(draft));
  await withRights(draft, 0o600, () => listening(server, path, () => server.listen(draft)));
  const inode = attempt(`open the control socket ${draft}`, () => openInode(draft));
  if (account !== undefined) {
    const owner = account.name ?? `uid ${account.uid}`;
    attempt(`give the control socket ${draft} to ${owner}`, () => {
      if (process.geteuid?.() === 0) giveSocketFile(draft, inode, account);
    });
  }
  attempt(`make the control socket ${path}`, () => renameSync(draft, path));
  return inode;
}

/** Conversations at a time; each may hold one answer. */
export const MAX_CONVERSATIONS = 16;

class ControlListening implements ControlSocket {
  readonly #path: string;
  readonly #server: Server;
  readonly #file: SocketFile;
  readonly #sockets = new Set<Socket>();
  #ask: Ask | undefined;

  constructor(path: string, server: Server, file: SocketFile) {
    this.#path = path;
    this.#server = server;
    this.#file = file;
    server.on('connection', (socket) => this.#take(socket));
    // Out of descriptors: the system reports it to the caller, which may try again.
    server.on('error', () => undefined);
  }

  serve(ask: Ask): void {
    this.#ask = ask;
    for (const socket of this.#sockets) void converseWithOperator(socket, ask);
  }

  get descriptor(): number | undefined {
    return descriptorOf(this.#server);
  }

  leave(): void {
    this.#file.leave();
    this.#server.close();
  }

  release(): string | undefined {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#file.remove()) return undefined;
    return `left the control socket ${this.#path}, which this account may not remove or a chroot hides; the next start replaces it`;
  }

  #take(socket: Socket): void {
    // Readers see the end; without a listener the error would be an uncaught exception.
    socket.on('error', () => undefined);
    if (this.#sockets.size >= MAX_CONVERSATIONS) {
      turnAway(socket);
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#ask !== undefined) void converseWithOperator(socket, this.#ask);
  }
}

async function refuseLiving(path: string): Promise<void> {
  const there = attempt(`look for a control socket at ${path}`, () => lookAtSocket(path));
  if (there === 'nothing') return;
  if (there === 'other') {
    throw osFailure(
      `cannot make the control socket ${path}: what is there is no socket; remove it or choose another path`,
    );
  }
  if (await isAnswered(path)) {
    throw osFailure(
      `another daemon listens on the control socket ${path}: stop it first, or choose another "control"`,
    );
  }
}

/** Settles when `start` has made the server listen for `path`. Rejects with StartFailure. */
async function listening(server: Server, path: string, start: () => void): Promise<void> {
  const started = once(server, 'listening');
  start();
  try {
    await started;
  } catch (error) {
    // libuv says "permission denied" for a folder that is not there.
    const why = existsSync(dirname(path)) ? systemReason(error) : `there is no folder ${dirname(path)}`;
    throw osFailure(`cannot make the control socket ${path}: ${why}`, error);
  }
}
