// The TCP memory of this host, and the amount at which its kernel begins to restrain every connection. Opened once,
// before chroot and privilege drop hide it; both numbers are of the whole host, in containers too (tcp(7), tcp_mem).
import { openSync, readFileSync, readSync } from 'node:fs';
import { totalmem } from 'node:os';

export interface TcpMemory {
  readonly usedBytes: number;
  /** The second number of tcp_mem. */
  readonly pressureBytes: number;
}

/** Opens it; undefined: this system does not tell. */
export type ReadTcpMemory = () => TcpMemory | undefined;

/** The kernel restrains connections from this part of the memory on; only the first network namespace tells the limit. */
const USUAL_PART = 1 / 16;
const USUAL_PAGE_BYTES = 4096;
/** AT_PAGESZ of getauxval(3). */
const PAGE_SIZE_ENTRY = 6n;

export function openTcpMemory(): ReadTcpMemory {
  let descriptor: number;
  try {
    descriptor = openSync('/proc/net/sockstat', 'r');
  } catch {
    return () => undefined;
  }
  const pageBytes = pageSize();
  const pressureBytes = pressurePages() * pageBytes || totalmem() * USUAL_PART;
  const text = Buffer.alloc(1024);
  return () => {
    const pages = parseTcpPages(text.toString('latin1', 0, readSync(descriptor, text, 0, text.length, 0)));
    return pages === undefined ? undefined : { usedBytes: pages * pageBytes, pressureBytes };
  };
}

/** The pages in the text of /proc/net/sockstat (proc(5)). */
export function parseTcpPages(text: string): number | undefined {
  const pages = /^TCP:.* mem (\d+)/m.exec(text)?.[1];
  return pages === undefined ? undefined : Number(pages);
}

/** 0: not told. */
function pressurePages(): number {
  return Number(readOrEmpty('/proc/sys/net/ipv4/tcp_mem').toString('latin1').split(/\s+/)[1] ?? 0);
}

function pageSize(): number {
  const auxiliary = readOrEmpty('/proc/self/auxv');
  for (let at = 0; at + 16 <= auxiliary.length; at += 16) {
    if (auxiliary.readBigUInt64LE(at) === PAGE_SIZE_ENTRY) return Number(auxiliary.readBigUInt64LE(at + 8));
  }
  return USUAL_PAGE_BYTES;
}

function readOrEmpty(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
