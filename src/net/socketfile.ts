// The file of a Unix socket that listens (unix(7)): what is in its place, who gets it, and its end. It is known by its inode, so that
// only the socket that was made is given away or removed, whatever its name means by then.
import {
  chmodSync,
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
import { connect } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/** The inode of a socket, open; undefined where the system cannot do that. */
export type SocketInode = number | undefined;

export function lookAtSocket(path: string): 'nothing' | 'socket' | 'other' {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'nothing';
  return stats.isSocket() ? 'socket' : 'other';
}

/**
 * The name under which the socket is made before it is renamed to `path`, so that it appears there with its owner. The
 * kernel goes on reporting this name (unix(7)).
 */
export function draftOf(path: string): string {
  return `${path}.new`;
}

/** Removes the socket of a dead process. Throws the error of the system. */
export function removeStaleSocket(path: string): void {
  if (lookAtSocket(path) === 'socket') unlinkSync(path);
}

/** Makes the socket at `path` with `mode`. A chmod(2) alone would leave a moment for others; but threads have no umask of their own. */
export async function withRights<Made>(path: string, mode: number, make: () => Promise<Made>): Promise<Made> {
  if (!isMainThread) {
    const made = await make();
    chmodSync(path, mode);
    return made;
  }
  const before = process.umask(0o777 & ~mode);
  const made = make();
  process.umask(before);
  return made;
}

/** Any error but "connection refused" may come from a living process: a full queue, missing rights. */
export function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

/** O_PATH of Linux (open(2)), which Node does not name: a socket cannot be opened in any other way. */
const O_PATH = 0o10000000;

/** The socket itself, whatever happens to its name; to be closed by SocketFile.remove(). */
export function openInode(path: string): SocketInode {
  return process.platform === 'linux' ? openSync(path, O_PATH | constants.O_NOFOLLOW) : undefined;
}

/** -1 leaves one of them as it is. */
export interface SocketOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Uses the open inode if there is one, and a /proc to name it. A path could mean another file a moment later; but root makes
 * sockets only in folders that only root may change (daemon/unix/folders.ts).
 */
export function giveSocketFile(path: string, inode: SocketInode, { uid, gid }: SocketOwner): void {
  if (inode !== undefined && !fstatSync(inode).isSocket()) throw new Error(REPLACED);
  const byInode = nameOf(inode);
  if (byInode === undefined) lchownSync(path, uid, gid);
  else chownSync(byInode, uid, gid);
}

const REPLACED = 'somebody has replaced it';

/** Where the system names an open inode. */
function nameOf(inode: SocketInode): string | undefined {
  return inode === undefined || !existsSync('/proc/self/fd') ? undefined : `/proc/self/fd/${inode}`;
}

/** Who may connect. */
export interface SocketRights {
  readonly mode: number;
  readonly gid: number;
}

/** Changes the rights of a socket that is there; in between nobody may more than before and afterwards. Gives those of before. */
function changeRights(path: string, inode: SocketInode, { mode, gid }: SocketRights): SocketRights {
  const there = inode === undefined ? lstatSync(path) : fstatSync(inode);
  const name = nameOf(inode) ?? path;
  if (!there.isSocket() || (name === path && lstatSync(path).ino !== there.ino)) throw new Error(REPLACED);
  const before = { mode: there.mode & ALL_BITS, gid: there.gid };
  if (mode === before.mode && gid === before.gid) return before;
  chmodSync(name, before.mode & mode);
  try {
    if (gid !== before.gid) giveSocketFile(path, inode, { uid: AS_IT_IS, gid });
    chmodSync(name, mode);
  } catch (error) {
    chmodSync(name, before.mode);
    throw error;
  }
  return before;
}

const ALL_BITS = 0o7777;
const AS_IT_IS = -1;

/**
 * Removes the name if it still belongs to `inode`, which is closed. Returns true when the name stays: no right to the
 * folder, or no such path in a chroot. A socket of another process at the path is left alone.
 */
function removeSocketFile(path: string, inode: SocketInode): boolean {
  try {
    const there = lstatSync(path);
    const own = inode === undefined ? undefined : fstatSync(inode);
    const isSame = own === undefined ? there.isSocket() : there.dev === own.dev && there.ino === own.ino;
    if (isSame) unlinkSync(path);
  } catch {
    // The link count tells whether it is left.
  }
  if (inode === undefined) return lookAtSocket(path) === 'socket';
  const stays = fstatSync(inode).nlink > 0;
  closeSync(inode);
  return stays;
}

/** The file of a socket that listens here: it goes with the listener, unless another process has it. */
export class SocketFile {
  readonly #path: string;
  #inode: SocketInode;
  #isOurs: boolean;

  constructor(path: string, inode: SocketInode, whose: 'ours' | 'others' = 'ours') {
    this.#path = path;
    this.#inode = inode;
    this.#isOurs = whose === 'ours';
  }

  /** Another process has the socket from now on: the name stays. */
  leave(): void {
    this.#isOurs = false;
  }

  /** Gives those of before; undefined: the file is another's. Throws the system's error, with everything as it was. */
  changeRights(rights: SocketRights): SocketRights | undefined {
    return this.#isOurs ? changeRights(this.#path, this.#inode, rights) : undefined;
  }

  /** Removes the name if it is ours; true when that failed. A second call does nothing. */
  remove(): boolean {
    const isOurs = this.#isOurs;
    const inode = this.#inode;
    this.#isOurs = false;
    // Forgotten, because the number may later be that of another file.
    this.#inode = undefined;
    if (isOurs) return removeSocketFile(this.#path, inode);
    if (inode !== undefined) closeSync(inode);
    return false;
  }
}
