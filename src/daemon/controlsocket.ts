// The control socket in the file system: a Unix stream socket (unix(7)) that only the service account and root may
// open. It is made before the drop, in a folder that the account may be unable to write, and outlives a chroot.
import {
  chownSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lchownSync,
  lstatSync,
  openSync,
  unlinkSync,
} from 'node:fs';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { systemReason } from '../config/systemreason.ts';
import type { Account } from './accounts.ts';
import { converse, turnAway, type Ask } from './controlconversation.ts';
import { EXIT, StartFailure } from './exit.ts';

export interface ControlSocket {
  /** Answers from now on, those who came before included. */
  serve(ask: Ask): void;
  /** Listens no longer, so that another process can do it at the same path. Conversations go on. */
  rest(): void;
  /** Listens again after rest(), with the rights of the moment. Rejects with StartFailure. */
  resume(): Promise<void>;
  /** Ends every conversation and removes the socket; a sentence where it has to stay. */
  release(): string | undefined;
}

/**
 * Listens at `path` for `account` (undefined: for whoever we are). Rejects with StartFailure (71) where a living daemon
 * listens there, where something else is there, or where the system refuses. What a dead daemon left is replaced: two
 * starts at the same instant are kept apart by their ports and the pid file, which come first.
 */
export async function openControlSocket(path: string, account: Account | undefined): Promise<ControlSocket> {
  const server = createServer({ allowHalfOpen: true });
  const inode = await listenAt(path, server);
  if (account !== undefined) {
    const owner = account.name ?? `uid ${account.uid}`;
    attempt(`give the control socket ${path} to ${owner}`, () => give(path, inode, account));
  }
  return new Listening(path, server, inode);
}

/** Gives the socket itself, as openInode(). */
async function listenAt(path: string, server: Server): Promise<number | undefined> {
  await removeStale(path);
  await listen(server, path);
  return attempt(`open the control socket ${path}`, () => openInode(path));
}

/** Conversations at a time; each may hold one answer. */
export const MAX_CONVERSATIONS = 16;

class Listening implements ControlSocket {
  readonly #path: string;
  readonly #server: Server;
  #inode: number | undefined;
  readonly #sockets = new Set<Socket>();
  #ask: Ask | undefined;

  constructor(path: string, server: Server, inode: number | undefined) {
    this.#path = path;
    this.#server = server;
    this.#inode = inode;
    server.on('connection', (socket) => this.#take(socket));
    // Out of descriptors: whoever wanted to come is told so by the system, and may come again.
    server.on('error', () => undefined);
  }

  serve(ask: Ask): void {
    this.#ask = ask;
    for (const socket of this.#sockets) void converse(socket, ask);
  }

  rest(): void {
    // Node unlinks what it listens on.
    this.#server.close();
    this.#closeInode();
  }

  async resume(): Promise<void> {
    this.#inode = await listenAt(this.#path, this.#server);
  }

  release(): string | undefined {
    const wasListening = this.#server.listening;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    // After rest() the name is somebody else's.
    if (!wasListening) return undefined;
    const isLeft = this.#isLeft();
    this.#closeInode();
    if (!isLeft) return undefined;
    return `left the control socket ${this.#path}, which this account may not remove or a chroot hides; the next start replaces it`;
  }

  #take(socket: Socket): void {
    // Its end is seen by whoever reads; without a listener it would be an uncaught exception.
    socket.on('error', () => undefined);
    if (this.#sockets.size >= MAX_CONVERSATIONS) {
      turnAway(socket);
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#ask !== undefined) void converse(socket, this.#ask);
  }

  #isLeft(): boolean {
    return this.#inode === undefined ? lookAt(this.#path) === 'socket' : fstatSync(this.#inode).nlink > 0;
  }

  /** Once: the number may be somebody else's afterwards. */
  #closeInode(): void {
    if (this.#inode !== undefined) closeSync(this.#inode);
    this.#inode = undefined;
  }
}

async function removeStale(path: string): Promise<void> {
  const there = attempt(`look for a control socket at ${path}`, () => lookAt(path));
  if (there === 'nothing') return;
  if (there === 'other') {
    throw failure(
      `cannot make the control socket ${path}: what is there is no socket; remove it or choose another path`,
    );
  }
  if (await isAnswered(path)) {
    throw failure(
      `another daemon listens on the control socket ${path}: stop it first, or choose another "control"`,
    );
  }
  attempt(`remove the stale control socket ${path}`, () => unlinkSync(path));
}

function lookAt(path: string): 'nothing' | 'socket' | 'other' {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'nothing';
  return stats.isSocket() ? 'socket' : 'other';
}

/** Anything but "connection refused" may come from somebody who lives: a full queue, missing rights. */
function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

/** The rights are there from the first moment on: with chmod(2) afterwards there would be one for others to come in. */
async function listen(server: Server, path: string): Promise<void> {
  const listening = once(server, 'listening');
  const before = process.umask(0o177);
  server.listen(path);
  process.umask(before);
  try {
    await listening;
  } catch (error) {
    // libuv says "permission denied" for a folder that is not there.
    const why = existsSync(dirname(path)) ? systemReason(error) : `there is no folder ${dirname(path)}`;
    throw failure(`cannot make the control socket ${path}: ${why}`, error);
  }
}

/** O_PATH of Linux (open(2)), which Node does not name: a socket cannot be opened in any other way. */
const O_PATH = 0o10000000;

/** The socket itself, whatever happens to its name; undefined where the system cannot do that. */
function openInode(path: string): number | undefined {
  return process.platform === 'linux' ? openSync(path, O_PATH | constants.O_NOFOLLOW) : undefined;
}

/** By the open inode: the account may own the folder, and put a link to a file of root in the place of the name. */
function give(path: string, inode: number | undefined, { uid, gid }: Account): void {
  if (process.geteuid?.() !== 0) return;
  if (inode === undefined) {
    lchownSync(path, uid, gid);
    return;
  }
  if (!fstatSync(inode).isSocket()) throw new Error('somebody has replaced it');
  chownSync(`/proc/self/fd/${inode}`, uid, gid);
}

function attempt<Result>(doing: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw failure(`cannot ${doing}: ${systemReason(error)}`, error);
  }
}

function failure(message: string, cause?: unknown): StartFailure {
  return new StartFailure(EXIT.OS_ERROR, message, cause);
}
