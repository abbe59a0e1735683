// The native addon: its exports (native/addon/*.c) and the places where it is found. Both sides check arguments;
// negative numbers are -errno.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../base/packageroot.ts';
import { layoutDifference } from './enginelayout.ts';

/** One event loop with its relay threads; see native/engine/engine.h for what each method promises. */
export interface NativeEngine {
  /** The memory for records, received bytes and results; see enginebatch.ts. */
  readonly memory: ArrayBuffer;
  /** `address`: written by ZoneIndex.bytesOf(). */
  listen(address: Uint8Array, port: number, deferred: 0 | 1): number;
  /** The same with a listening socket, which becomes the engine's. */
  listenOn(descriptor: number, deferred: 0 | 1): number;
  /** The same with a listening Unix socket, whose clients are told of by their uid. */
  listenUnix(descriptor: number, deferred: 0 | 1): number;
  /** The descriptor of a listener. */
  descriptor(handle: number): number;
  /**
   * Dials the address in the scratch memory, from the address behind it unless the family of that is 0. When a socket
   * option could not be set: -(errno + option * 4096). `networkInterface`, `mark`: undefined and 0 as for all.
   */
  dial(
    family: 4 | 6,
    port: number,
    sourceFamily: 0 | 4 | 6,
    networkInterface: string | undefined,
    mark: number,
  ): number;
  /**
   * The departure of a dial() to the address in the scratch memory: port | family << 16, or an error as of dial().
   * The local address is left in the scratch memory; the port is meaningless.
   */
  departure(family: 4 | 6, networkInterface: string | undefined, mark: number): number;
  /** port | family << 16; the address is in the scratch memory. */
  local(handle: number): number;
  /** Bytes in the scratch memory, 0 for FIN, -EAGAIN if a record will follow. */
  read(handle: number): number;
  /**
   * Writes the first bytes of the scratch memory; returns the bytes that wait. If there are any, a DRAINED record
   * follows.
   */
  write(handle: number, size: number): number;
  /** Sends FIN after the bytes written. */
  finish(handle: number): number;
  close(handle: number, how: 0 | 1): number;
  /** Gives the descriptor of an open leg away, and forgets the handle; -EBUSY while written bytes wait. */
  detach(handle: number): number;
  relay(
    client: number,
    target: number,
    idleMs: number,
    halfClosedMs: number,
    rateUp: number,
    rateDown: number,
    lean: 0 | 1,
    stop: number,
    earlyUp: Uint8Array | undefined,
    earlyDown: Uint8Array | undefined,
  ): number;
  cut(client: number, how: 0 | 1): number;
  /** Bytes per second, 0 for no limit. */
  setRate(client: number, up: number, down: number): number;
  /** Bytes of both directions together, counted from the start of the relay; 0 for no stop. */
  setStop(client: number, bytes: number): number;
  /** Leaves two doubles in the scratch memory: bytes up and down. */
  progress(client: number): number;
  /** The number of relays with bytes that their receiver has not taken. */
  stalled(): number;
  /**
   * Fills `room` with one entry for each of them (enginestalls.ts) and returns their number. A CROWDED record follows
   * once there are `tellAt`.
   */
  survey(room: Uint8Array, tellAt: number): number;
  /** The memory through which datagrams pass; called once, before the first openUdp(). See engineudp.ts. */
  udpMemory(): ArrayBuffer;
  /** A handle, closed by close(); errors as of dial(). */
  openUdp(
    address: Uint8Array,
    port: number,
    side: 0 | 1,
    networkInterface: string | undefined,
    mark: number,
  ): number;
  /** Sends the first `count` datagrams of the memory; returns how many the kernel took. */
  sendUdp(count: number): number;
  /** The number of handles that keep no process alive: the loop may end when no others are open. */
  setQuiet(count: number): void;
  /** Closes every socket and stops the threads. May be called twice; every other method throws afterwards. */
  destroy(): void;
}

/** A Unix datagram socket that only sends, and never waits. */
export interface NativeDatagramSocket {
  /** 0 sent, 1 full (the record is lost), 2 no reader at present. */
  send(bytes: Uint8Array): 0 | 1 | 2;
  close(): void;
}

/** The addresses that the kernel delivers to itself; see native/unix/delivery.h. */
export interface NativeDelivery {
  /**
   * 1: the address is of this host, 0: it is not, negative: -errno. `networkInterface`, `mark`: undefined and 0 as
   * for all.
   */
  ask(address: Uint8Array, networkInterface: string | undefined, mark: number): number;
  /** Closes the socket; every later ask() fails. */
  close(): void;
}

/**
 * Giving up rights, in every thread; `tasks` is the descriptor of an open /proc/self/task. Each returns -errno;
 * -ECANCELED means that some threads have done it and others have not. See native/unix/confine.h.
 */
export interface NativeConfinement {
  readonly emptyBoundingSet: (tasks: number) => number;
  readonly forbidNewPrivileges: (tasks: number) => number;
  /** A descriptor. */
  readonly openRuleset: () => number;
  readonly allowBeneath: (ruleset: number, where: number, kind: number) => number;
  readonly enforceRuleset: (ruleset: number, tasks: number) => number;
  readonly filterSystemCalls: () => number;
  /** Writes the status files of all threads (proc(5)) into `text`; returns the number of bytes. */
  readonly readThreads: (tasks: number, text: Uint8Array) => number;
}

export interface Addon extends NativeConfinement {
  /** The layout that C shares with JavaScript; see enginelayout.ts. */
  readonly layout: Readonly<Record<string, number>>;
  /** The constructor throws if the kernel cannot be asked. */
  readonly Delivery: new () => NativeDelivery;
  readonly Engine: new (
    relayThreads: number,
    networkInterface: string,
    mark: number,
    keepAliveSeconds: number,
    tos: number,
    flags: number,
    onBatch: (count: number) => void,
  ) => NativeEngine;
  readonly DatagramSocket: new (path: string) => NativeDatagramSocket;
  /** The index of an interface, or 0; the name of an index, or an empty string. */
  readonly interfaceIndex: (name: string) => number;
  readonly interfaceName: (index: number) => string;
  /** crypt(3) of the system; null if it refuses the setting or the password holds NUL. Works in workers. */
  readonly crypt: (password: Uint8Array, setting: string) => string | null;
  /** chdir(2) and chroot(2): 0 or -errno. */
  readonly chroot: (directory: string) => number;
  /** A descriptor of a blocking socket connected to `path`; each call on it waits `timeoutMs` at most. */
  readonly connectUnix: (path: string, timeoutMs: number) => number;
  /** Sends bytes with copies of descriptors (as bytes of an Int32Array); returns the number of bytes sent. */
  readonly sendDescriptors: (socket: number, bytes: Uint8Array, descriptors: Uint8Array) => number;
  /**
   * Receives both; returns the number of bytes. `descriptors` holds -1 for each that did not come; `sender` receives
   * pid and uid (int32) of the sending process, zeros if the kernel does not tell.
   */
  readonly receiveDescriptors: (
    socket: number,
    bytes: Uint8Array,
    descriptors: Uint8Array,
    sender: Uint8Array,
  ) => number;
  /** The name of a Unix socket, or -errno. */
  readonly unixName: (socket: number) => string | number;
  /** A descriptor of a Unix socket that listens at `path`, which must not exist. */
  readonly openUnixListener: (path: string) => number;
  /** Writes pid, uid and gid (int32) of the process that has connected a Unix socket: 0 or -errno. */
  readonly peerCredentials: (socket: number, ids: Uint8Array) => number;
  /** As in native/relay/renewal.h: descriptors, or 0, or -errno. */
  readonly renewListener: (old: number) => number;
  readonly startListener: (fresh: number) => number;
  readonly closeListenerOff: (old: number) => number;
  /** Whether a listener could be bound to the address: 0 or -errno. The socket never listens. */
  readonly tryListener: (address: Uint8Array, port: number, freeBind: 0 | 1) => number;
  /** The descriptor of a listener on which nobody accepts yet, or -errno. `address` as ZoneIndex.bytesOf() writes it. */
  readonly openListener: (
    address: Uint8Array,
    port: number,
    keepAliveSeconds: number,
    freeBind: 0 | 1,
  ) => number;
  /** port | family << 16, with the address and its zone in `address`, which has room for 20 bytes; or -errno. */
  readonly localAddress: (socket: number, address: Uint8Array) => number;
}

/** The addon, or the reason why there is none: not Linux, not built, or built for another system. */
export function loadAddon(): Addon | { readonly reason: string } {
  if (process.platform !== 'linux')
    return { reason: `the native addon is for Linux, not ${process.platform}` };
  const require = createRequire(import.meta.url);
  try {
    const load = require('node-gyp-build') as (root: string) => Addon;
    const addon = load(fileURLToPath(packageRoot()));
    const difference = layoutDifference(addon.layout);
    return difference === undefined ? addon : { reason: `${ANOTHER_VERSION}: ${difference}` };
  } catch (error) {
    return { reason: `the native addon does not load: ${firstLine(error)}` };
  }
}

const ANOTHER_VERSION =
  'the native addon is of another version than the rest of picosocks5 (build or install it again)';

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
}
