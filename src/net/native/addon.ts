// The native addon: what it exports (native/addon*.c) and how it is found. Arguments are checked on both sides;
// numbers below zero are -errno.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../base/packageroot.ts';
import { layoutDifference } from './enginelayout.ts';

/** One event loop with its relay threads; see native/engine/engine.h for what each method promises. */
export interface NativeEngine {
  /** Where records, received bytes and results are left; see enginebatch.ts. */
  readonly memory: ArrayBuffer;
  /** `address`: as ZoneIndex.bytesOf() has it. */
  listen(address: Uint8Array, port: number, deferred: 0 | 1): number;
  /** The same with a listening socket, which is the engine's from then on. */
  listenOn(descriptor: number, deferred: 0 | 1): number;
  /** The descriptor of a listener. */
  descriptor(handle: number): number;
  /**
   * To the address in the scratch memory, from the one behind it unless the family of that is 0. Where a socket option could not
   * be set, -(errno + option * 4096). `networkInterface`, `mark`: undefined and 0 as for all.
   */
  dial(
    family: 4 | 6,
    port: number,
    sourceFamily: 0 | 4 | 6,
    networkInterface: string | undefined,
    mark: number,
  ): number;
  /**
   * Where dial() would leave from towards the address in the scratch memory: port | family << 16, or as dial(). The address of this end
   * is in the scratch memory then, and the port says nothing.
   */
  departure(family: 4 | 6, networkInterface: string | undefined, mark: number): number;
  /** port | family << 16; the address is in the scratch memory. */
  local(handle: number): number;
  /** Bytes in the scratch memory, 0 for FIN, -EAGAIN when a record will follow. */
  read(handle: number): number;
  /** Writes the first bytes of the scratch memory. Bytes that wait: where there are any, a DRAINED record follows. */
  write(handle: number, size: number): number;
  /** Sends FIN behind what was written. */
  finish(handle: number): number;
  close(handle: number, how: 0 | 1): number;
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
  /** Bytes of both directions together, counted from the start; 0 for no stop. */
  setStop(client: number, bytes: number): number;
  /** Two doubles in the scratch memory: bytes up and down. */
  progress(client: number): number;
  /** How many relays have bytes for a receiver that has not taken them. */
  stalled(): number;
  /** Fills `room` with what is known of them (enginestalls.ts): how many. A CROWDED record follows once there are `tellAt`. */
  survey(room: Uint8Array, tellAt: number): number;
  /** The memory through which datagrams pass; once, before the first openUdp(). See engineudp.ts. */
  udpMemory(): ArrayBuffer;
  /** A handle; where a socket option could not be set, as dial(). Closed by close(). */
  openUdp(
    address: Uint8Array,
    port: number,
    side: 0 | 1,
    networkInterface: string | undefined,
    mark: number,
  ): number;
  /** Sends the first `count` datagrams that stand in the memory; how many the kernel took. */
  sendUdp(count: number): number;
  /** How many handles keep no process alive: the loop may end when there are no others. */
  setQuiet(count: number): void;
  /** Closes every socket and stops the threads. Allowed twice; every other method throws from then on. */
  destroy(): void;
}

/** A Unix datagram socket that sends and never waits. */
export interface NativeDatagramSocket {
  /** 0 sent, 1 full (the record is lost), 2 nobody reads there now. */
  send(bytes: Uint8Array): 0 | 1 | 2;
  close(): void;
}

/** Which addresses the kernel delivers to itself; see native/unix/delivery.h. */
export interface NativeDelivery {
  /** 1: it stays on this host, 0: it does not, below zero: -errno. `networkInterface`, `mark`: undefined and 0 as for all. */
  ask(address: Uint8Array, networkInterface: string | undefined, mark: number): number;
  /** Every ask() fails from then on. */
  close(): void;
}

/**
 * Giving up rights, in every thread; `tasks` is the descriptor of an open /proc/self/task. All give -errno, where -ECANCELED
 * says that some threads have done it and others have not. See native/unix/confine.h.
 */
export interface NativeConfinement {
  readonly emptyBoundingSet: (tasks: number) => number;
  readonly forbidNewPrivileges: (tasks: number) => number;
  /** A descriptor. */
  readonly openRuleset: () => number;
  readonly allowBeneath: (ruleset: number, where: number, kind: number) => number;
  readonly enforceRuleset: (ruleset: number, tasks: number) => number;
  readonly filterSystemCalls: () => number;
  /** Writes the status files of all threads (proc(5)) into `text`; how many bytes. */
  readonly readThreads: (tasks: number, text: Uint8Array) => number;
}

export interface Addon extends NativeConfinement {
  /** What it shares with JavaScript; see enginelayout.ts. */
  readonly layout: Readonly<Record<string, number>>;
  /** Throws where the kernel is not to be asked. */
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
  /** The index of an interface, 0 where there is none; the name of one, empty where there is none. */
  readonly interfaceIndex: (name: string) => number;
  readonly interfaceName: (index: number) => string;
  /** crypt(3) of the system, null where it refuses the setting or the password holds NUL. Works in workers. */
  readonly crypt: (password: Uint8Array, setting: string) => string | null;
  /** chdir(2) and chroot(2): 0 or -errno. */
  readonly chroot: (directory: string) => number;
  /** A descriptor of a blocking socket that is connected to `path`; each call on it waits `timeoutMs` at most. */
  readonly connectUnix: (path: string, timeoutMs: number) => number;
  /** Sends bytes with copies of descriptors (as bytes of an Int32Array); how many bytes were sent. */
  readonly sendDescriptors: (socket: number, bytes: Uint8Array, descriptors: Uint8Array) => number;
  /**
   * Receives both; how many bytes. -1 stands in `descriptors` for each one that did not come; `sender` gets pid and uid (int32) of
   * whoever sent the bytes, zeros where the kernel does not say.
   */
  readonly receiveDescriptors: (
    socket: number,
    bytes: Uint8Array,
    descriptors: Uint8Array,
    sender: Uint8Array,
  ) => number;
  /** The name of a Unix socket, or -errno. */
  readonly unixName: (socket: number) => string | number;
  /** As native/relay/renewal.h has them: descriptors, or 0, or -errno. */
  readonly renewListener: (old: number) => number;
  readonly startListener: (fresh: number) => number;
  readonly closeListenerOff: (old: number) => number;
  /** Whether a listener could be bound there: 0 or -errno. Nothing listens meanwhile. */
  readonly tryListener: (address: Uint8Array, port: number, freeBind: 0 | 1) => number;
}

/** The addon, or why there is none: not Linux, not built, or built for another system. */
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
