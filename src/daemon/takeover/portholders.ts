// Processes that listen at a port or a Unix socket, from the tables of /proc/net and the descriptors of each process (proc(5)): for
// messages, and to tell our own daemon from others. Root sees all of them, another account its own.
import { readdirSync, readlinkSync } from 'node:fs';
import { endianness } from 'node:os';
import { ANY_IPV4, ANY_IPV6, ipToBytes, type Endpoint } from '../../base/ip.ts';
import { readProc } from '../unix/processes.ts';

export interface PortHolder {
  readonly pid: number;
  /** At most 15 characters, as the kernel keeps it. */
  readonly name: string;
}

/** Processes whose listeners keep `endpoint` from being opened, as far as this account can see. */
export function findHolders(endpoint: Endpoint): readonly PortHolder[] {
  return holdersOf(
    ['/proc/net/tcp', '/proc/net/tcp6']
      .flatMap((table) => parseListeners(readProc(table) ?? ''))
      .filter((listener) => isInTheWay(listener, endpoint))
      .map(({ inode }) => inode),
  );
}

/** The same for a Unix socket that was made at one of `names`. */
export function findUnixHolders(names: readonly string[]): readonly PortHolder[] {
  const sockets = readUnixSockets().filter((socket) => socket.isListening && names.includes(socket.name));
  return holdersOf(sockets.map(({ inode }) => inode));
}

/** The name of a Unix socket of this process, as the kernel knows it; undefined for any other socket. */
export function unixNameOf(descriptor: number): string | undefined {
  const inode = /^socket:\[(\d+)\]$/.exec(linkAt(`/proc/self/fd/${descriptor}`))?.[1];
  return readUnixSockets().find((socket) => socket.inode === inode)?.name;
}

interface FoundSocket {
  readonly isListening: boolean;
  readonly inode: string;
  /** Empty where it has none; an abstract one begins with `@`. */
  readonly name: string;
}

/** __SO_ACCEPTCON of the kernel. */
const ACCEPTS = 0x10000;

/** Lines of `Num RefCount Protocol Flags Type St Inode Path`; a path may hold blanks. */
function readUnixSockets(): readonly FoundSocket[] {
  const lines = (readProc('/proc/net/unix') ?? '').split('\n');
  return lines.flatMap((line) => {
    const [, flags, inode, name = ''] =
      /^\S+: \S+ \S+ ([0-9A-F]+) \S+ \S+ +(\d+)(?: (.*))?$/.exec(line) ?? [];
    if (flags === undefined || inode === undefined) return [];
    return [{ isListening: (parseInt(flags, 16) & ACCEPTS) !== 0, inode, name }];
  });
}

function holdersOf(inodes: readonly string[]): readonly PortHolder[] {
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return [];
  return entries('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => entries(`/proc/${pid}/fd`).some((fd) => sockets.has(linkAt(`/proc/${pid}/fd/${fd}`))))
    .map((pid) => ({ pid: Number(pid), name: readProc(`/proc/${pid}/comm`)?.trim() || 'a process' }));
}

interface ListeningSocket {
  /** As hexadecimal digits in network order. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** The state of a listening socket in these tables (TCP_LISTEN of the kernel). */
const LISTENING = '0A';

/** Reads `sl local_address rem_address st ... uid timeout inode`, which is what a line of such a table begins with. */
export function parseListeners(table: string): readonly ListeningSocket[] {
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [address = '', port = ''] = (fields[1] ?? '').split(':');
    const inode = fields[9];
    if (fields[3] !== LISTENING || inode === undefined) return [];
    return [{ address: inNetworkOrder(address), port: parseInt(port, 16), inode }];
  });
}

/** The kernel writes words of four bytes as numbers of this machine. */
function inNetworkOrder(words: string): string {
  const bytes = Buffer.from(words, 'hex');
  if (endianness() === 'LE' && bytes.length % 4 === 0) bytes.swap32();
  return bytes.toString('hex');
}

/** A listener on all addresses conflicts with one on each, and the other way round; one of IPv6 may take IPv4 too. */
function isInTheWay({ address, port }: ListeningSocket, wanted: Endpoint): boolean {
  if (port !== wanted.port) return false;
  const isAny = wanted.ip === ANY_IPV4 || wanted.ip === ANY_IPV6;
  return isAny || /^0*$/.test(address) || address === Buffer.from(ipToBytes(wanted.ip)).toString('hex');
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
