// How many sessions this process has room for: by descriptors, and by the heap that bin/picosocks5 gives it; and how many calls of the system.
import type { Capacity } from '../../session/server/room.ts';

/** Kept for the log, the resolver, password files and the threads, beside those already open. */
const RESERVED_DESCRIPTORS = 12;

/** At most this many for each relay thread, and one of so many in all: PIPES_PER_THREAD in native/relay/pipes.h, pipes_share(). */
const PIPE_ENDS_PER_THREAD = 32;
const DESCRIPTORS_PER_PIPE_END = 32;

/** The tables of docs/bounds.md, filled to their bounds at once; test/bounds.test.ts fills them. */
const TABLES_MIB = 576;

/** The dearest kind of session, a UDP association, and a fifth more; test/e2e/sessionheap.test.ts measures each kind. */
const SESSION_KIB = { engine: 8, streams: 12, tls: 28 } as const;

/** Memory and descriptors that sessions need. */
export interface Rooms {
  /** The limit of descriptors; `open` of them are in use and stay so. */
  readonly descriptors: number;
  readonly open: number;
  /** Relay threads of the engine that open pipes for bulk when needed; 0 where there are none. */
  readonly relayThreads: number;
  /** See heapLimit(). */
  readonly heapBytes: number;
  /** `tls`: sessions may come by TLS, whichever transport it is. */
  readonly transport: keyof typeof SESSION_KIB;
  /** Sessions that are there already and have come by TLS; absent: none. */
  readonly byTls?: number | undefined;
}

/** At least one session, and what would end first. */
export function sessionCapacity(rooms: Rooms): Capacity {
  const byDescriptors = ofDescriptors(rooms);
  const byHeap = ofHeap(rooms);
  return byDescriptors <= byHeap
    ? { sessions: Math.max(1, byDescriptors), endsFirst: 'descriptors' }
    : { sessions: Math.max(1, byHeap), endsFirst: 'heap' };
}

/** The warning about a heap too small for the configuration; undefined when it is large enough. */
export function heapWarning({ heapBytes, transport, byTls }: Rooms, maxSessions: number): string | undefined {
  const mib = Math.floor(heapBytes / 2 ** 20);
  const advice = 'start it with NODE_OPTIONS=--max-old-space-size=MIB to change that';
  if (mib < TABLES_MIB) {
    return `the heap of ${mib} MiB is less than the ${TABLES_MIB} MiB that the tables may take; ${advice}`;
  }
  const held = ofHeap({ heapBytes, transport, byTls });
  if (maxSessions <= held) return undefined;
  return `maxconn ${maxSessions}: the heap of ${mib} MiB has room for ${held} sessions; ${advice}`;
}

/**
 * The limit of `--max-old-space-size` in bytes; Infinity when Node.js has chosen by itself (node:v8 would tell, but loads
 * streams).
 */
export function heapLimit(): number {
  const said = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  const mib = /--max[-_]old[-_]space[-_]size[= ](\d+)/.exec(said)?.[1];
  return mib === undefined ? Infinity : Number(mib) * 2 ** 20;
}

function ofDescriptors({ descriptors, open, relayThreads }: Rooms): number {
  const pipeEnds = Math.min(relayThreads * PIPE_ENDS_PER_THREAD, descriptors / DESCRIPTORS_PER_PIPE_END);
  return Math.floor((descriptors - open - RESERVED_DESCRIPTORS - pipeEnds) / 2);
}

/** When the tables alone do not fit, they still get half: they are full only under attack. */
function ofHeap({
  heapBytes,
  transport,
  byTls = 0,
}: Pick<Rooms, 'heapBytes' | 'transport' | 'byTls'>): number {
  const forSessions = Math.max(heapBytes - TABLES_MIB * 2 ** 20, heapBytes / 2);
  const forOthers = Math.max(0, forSessions - byTls * SESSION_KIB.tls * 1024);
  return byTls + Math.floor(forOthers / (SESSION_KIB[transport] * 1024));
}

/**
 * Calls of getaddrinfo(3) that run at a time with so many threads of libuv, by its variable `UV_THREADPOOL_SIZE`: half of them,
 * as in uv__queue_work(). Node alone has four threads, bin/picosocks5 asks for eight.
 */
export function systemCallCapacity(threadPoolSize: string | undefined): number {
  const asked = threadPoolSize === undefined ? 4 : Number.parseInt(threadPoolSize, 10) || 1;
  return Math.floor((Math.min(Math.max(asked, 1), 1024) + 1) / 2);
}
