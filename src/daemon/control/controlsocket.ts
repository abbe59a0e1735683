// The control socket in the file system: a Unix stream socket (unix(7)) that only the service account and root may
// open. It is made before the drop, in a folder that the account may be unable to write, and outlives a chroot. A daemon that takes
// over gets it from the one before, so the account never has to make it again.
import {
  chownSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lchownSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
} from 'node:fs';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { systemReason } from '../../config/values/systemreason.ts';
import { descriptorOf } from '../../net/native/descriptors.ts';
import type { UnixAccount } from '../account/accounts.ts';
import { attempt, osFailure } from '../unix/osfailure.ts';
import { converse, turnAway, type Ask } from './controlconversation.ts';

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
  return new Listening(path, server, inode);
}

/**
 * Listens at `path` beside the daemon before us, on its socket `descriptor`: the name stays what it is, whichever of both goes.
 * Rejects with StartFailure (71).
 */
export async function adoptControlSocket(path: string, descriptor: number): Promise<ControlSocket> {
  const inode = attempt(`open the control socket ${path}`, () => openInode(path));
  const server = createServer({ allowHalfOpen: true });
  await listening(server, path, () => server.listen({ fd: descriptor }));
  return new Listening(path, server, inode);
}

/** The name that a control socket at `path` is made under, and by which the kernel knows it (unix(7)). */
export function draftOf(path: string): string {
  return `${path}.new`;
}

/** Makes it under another name, so that what appears at `path` has the right owner already. Gives the socket itself, as openInode(). */
async function publishSocket(
  path: string,
  server: Server,
  account: UnixAccount | undefined,
): Promise<number | undefined> {
  const draft = draftOf(path);
  attempt(`remove the unfinished control socket ${draft}`, () => removeSocket(draft));
  // The rights hold from the first moment: a chmod(2) afterwards would leave a gap for others.
  const before = process.umask(0o177);
  const made = listening(server, path, () => server.listen(draft));
  process.umask(before);
  await made;
  const inode = attempt(`open the control socket ${draft}`, () => openInode(draft));
  if (account !== undefined) {
    const owner = account.name ?? `uid ${account.uid}`;
    attempt(`give the control socket ${draft} to ${owner}`, () => give(draft, inode, account));
  }
  attempt(`make the control socket ${path}`, () => renameSync(draft, path));
  return inode;
}

/** Conversations at a time; each may hold one answer. */
export const MAX_CONVERSATIONS = 16;

class Listening implements ControlSocket {
  readonly #path: string;
  readonly #server: Server;
  #inode: number | undefined;
  readonly #sockets = new Set<Socket>();
  #ask: Ask | undefined;
  /** Whether the name is ours to remove. */
  #isOurs = true;

  constructor(path: string, server: Server, inode: number | undefined) {
    this.#path = path;
    this.#server = server;
    this.#inode = inode;
    server.on('connection', (socket) => this.#take(socket));
    // Out of descriptors: the system reports it to the caller, which may try again.
    server.on('error', () => undefined);
  }

  serve(ask: Ask): void {
    this.#ask = ask;
    for (const socket of this.#sockets) void converse(socket, ask);
  }

  get descriptor(): number | undefined {
    return descriptorOf(this.#server);
  }

  leave(): void {
    this.#isOurs = false;
    this.#server.close();
  }

  release(): string | undefined {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    const isOurs = this.#isOurs;
    this.#isOurs = false;
    const stays = isOurs && this.#remove();
    if (this.#inode !== undefined) closeSync(this.#inode);
    // Once: the number may be another's afterwards.
    this.#inode = undefined;
    if (!stays) return undefined;
    return `left the control socket ${this.#path}, which this account may not remove or a chroot hides; the next start replaces it`;
  }

  /**
   * Whether it stays: no right to the folder, or no such path in a chroot. A socket of another process at the path is left alone.
   */
  #remove(): boolean {
    try {
      const there = lstatSync(this.#path);
      const own = this.#inode === undefined ? undefined : fstatSync(this.#inode);
      const isSame = own === undefined ? there.isSocket() : there.dev === own.dev && there.ino === own.ino;
      if (isSame) unlinkSync(this.#path);
    } catch {
      // The link count tells whether it is left.
    }
    return this.#inode === undefined ? lookAt(this.#path) === 'socket' : fstatSync(this.#inode).nlink > 0;
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
    if (this.#ask !== undefined) void converse(socket, this.#ask);
  }
}

async function refuseLiving(path: string): Promise<void> {
  const there = attempt(`look for a control socket at ${path}`, () => lookAt(path));
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

function removeSocket(path: string): void {
  if (lookAt(path) === 'socket') unlinkSync(path);
}

function lookAt(path: string): 'nothing' | 'socket' | 'other' {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'nothing';
  return stats.isSocket() ? 'socket' : 'other';
}

/** Any error but "connection refused" may come from a living daemon: a full queue, missing rights. */
function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  }).finally(() => socket.destroy()) as Promise<boolean>;
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

/** O_PATH of Linux (open(2)), which Node does not name: a socket cannot be opened in any other way. */
const O_PATH = 0o10000000;

/** The socket itself, whatever happens to its name; undefined where the system cannot do that. */
function openInode(path: string): number | undefined {
  return process.platform === 'linux' ? openSync(path, O_PATH | constants.O_NOFOLLOW) : undefined;
}

/**
 * Uses the open inode if there is one, and a /proc to name it. A path could mean another file a moment later; but root makes
 * sockets only in folders that only root may change (folders.ts).
 */
function give(path: string, inode: number | undefined, { uid, gid }: UnixAccount): void {
  if (process.geteuid?.() !== 0) return;
  if (inode !== undefined && !fstatSync(inode).isSocket()) throw new Error('somebody has replaced it');
  const byInode = inode === undefined ? undefined : `/proc/self/fd/${inode}`;
  if (byInode === undefined || !existsSync('/proc/self/fd')) lchownSync(path, uid, gid);
  else chownSync(byInode, uid, gid);
}
