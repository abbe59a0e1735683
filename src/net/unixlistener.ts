// A listener at a path: its socket is made in the place of nothing or of a dead socket, with its rights from the first moment, and the
// file goes with the listener, unless it has been left to another process.
import { unlinkSync } from 'node:fs';
import type { PathPlan } from './layer.ts';
import {
  draftOf,
  giveSocketFile,
  isAnswered,
  lookAtSocket,
  openInode,
  removeStaleSocket,
  SocketFile,
  type SocketInode,
  type SocketRights,
  withRights,
} from './socketfile.ts';
import type { Leg, ListenerOptions, Transport, UnixListener } from './transport.ts';

export interface PathListener extends UnixListener {
  /** Another process has the socket: its file stays when this listener is closed. */
  leave(): void;
  /** As SocketFile.changeRights(). */
  changeRights(rights: SocketRights): SocketRights | undefined;
  /** close(), and whether its file stays although it should go. */
  remove(): boolean;
}

/** Rejects with an error that has a `code`: EADDRINUSE, EEXIST, or that of the system. */
export async function listenAtPath(
  transport: Pick<Transport, 'listenUnix'>,
  { path, mode, owner }: PathPlan,
  onLeg: (leg: Leg) => void,
  options: ListenerOptions,
): Promise<PathListener> {
  await makeRoom(path);
  const listener = await withRights(path, mode, () => transport.listenUnix(path, onLeg, options));
  try {
    const inode = openInode(path);
    if (owner !== undefined) giveSocketFile(path, inode, owner);
    return new PathListening(listener, new SocketFile(path, inode));
  } catch (error) {
    listener.close();
    unlinkSync(path);
    throw error;
  }
}

/** A listener that is there already. `file`: whether it goes with it; a supervisor's stays. */
export async function listenAtSocket(
  transport: Pick<Transport, 'listenUnix'>,
  { descriptor, path, file }: AdoptedSocket,
  onLeg: (leg: Leg) => void,
  options: ListenerOptions,
): Promise<PathListener> {
  const listener = await transport.listenUnix(descriptor, onLeg, options);
  const inode = file === 'ours' ? inodeAt(path) : undefined;
  return new PathListening(listener, new SocketFile(path, inode, file));
}

export interface AdoptedSocket {
  readonly descriptor: number;
  readonly path: string;
  readonly file: 'ours' | 'others';
}

/** The names by which the kernel may know the socket at `path`: that under which it was made. */
export function namesOfSocket(path: string): readonly string[] {
  return [path, draftOf(path)];
}

/** EADDRINUSE for a socket that is answered, EEXIST for another file; undefined for nothing, and for a stale socket. */
export async function socketInTheWay(path: string): Promise<NodeJS.ErrnoException | undefined> {
  switch (lookAtSocket(path)) {
    case 'nothing':
      return undefined;
    case 'other':
      return obstacle('EEXIST', path, 'what is there is no socket; remove it or choose another path');
    case 'socket':
      return (await isAnswered(path))
        ? obstacle('EADDRINUSE', path, 'another process listens there')
        : undefined;
  }
}

async function makeRoom(path: string): Promise<void> {
  const inTheWay = await socketInTheWay(path);
  if (inTheWay !== undefined) throw inTheWay;
  removeStaleSocket(path);
}

function obstacle(code: string, path: string, why: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${path}: ${why}`), { code });
}

/** undefined as well where a chroot hides it. */
function inodeAt(path: string): SocketInode {
  try {
    return lookAtSocket(path) === 'socket' ? openInode(path) : undefined;
  } catch {
    return undefined;
  }
}

class PathListening implements PathListener {
  readonly descriptor: number | undefined;
  readonly #listener: UnixListener;
  readonly #file: SocketFile;

  constructor(listener: UnixListener, file: SocketFile) {
    this.descriptor = listener.descriptor;
    this.#listener = listener;
    this.#file = file;
  }

  leave(): void {
    this.#file.leave();
  }

  changeRights(rights: SocketRights): SocketRights | undefined {
    return this.#file.changeRights(rights);
  }

  close(): void {
    this.remove();
  }

  remove(): boolean {
    this.#listener.close();
    return this.#file.remove();
  }
}
