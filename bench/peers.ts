// The servers that are compared, and how each is started on a port.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `yardstick`: how good a figure can get here; `rival`: what others have made; `product`: this daemon, as it is meant to
 * run; `fallback`: this daemon where the engine is missing.
 */
export type Role = 'yardstick' | 'rival' | 'product' | 'fallback';

export interface Peer {
  readonly name: string;
  readonly role: Role;
  /** Program and arguments that serve 127.0.0.1:port in the foreground; files go to `folder`. */
  readonly command: (port: number, folder: string) => readonly string[];
  readonly version?: string;
  /** Whether it has UDP ASSOCIATE. */
  readonly relaysUdp?: boolean;
  /** Part of the names of the only workloads that it is for. */
  readonly only?: string;
  /** Arguments to add so that the users of an htpasswd file, and nobody else, are served. */
  readonly withUsers?: (file: string) => readonly string[];
  /** Arguments to add so that connections go through a SOCKS5 proxy over TLS on 127.0.0.1, with that certificate. */
  readonly throughTls?: (port: number, certificate: string) => readonly string[];
  /** The command with which its clients speak TLS first. */
  readonly behindTls?: (port: number, certificate: string, key: string) => readonly string[];
}

/** The workload of servers that speak TLS with their clients. */
export const TLS_FRONT = 'TLS in front';

/** The standard field, each with logging off and no users. */
export const PEERS: readonly Peer[] = [
  { name: 'floor', role: 'yardstick', command: (port) => ['build/bench/floor', `${port}`] },
  {
    name: 'copier',
    role: 'yardstick',
    command: (port) => ['build/bench/floor', `${port}`, 'copy'],
    only: 'bulk',
  },
  {
    name: 'tls.Server',
    role: 'yardstick',
    command: (port) => [process.execPath, 'bench/tlsrelay.js', `${port}`],
    only: TLS_FRONT,
    behindTls: (port, certificate, key) => [
      ...[process.execPath, 'bench/tlsrelay.js', `${port}`, certificate, key],
    ],
  },
  {
    name: 'microsocks',
    role: 'rival',
    command: (port) => ['microsocks', '-i', '127.0.0.1', '-p', `${port}`],
  },
  {
    name: 'danted',
    role: 'rival',
    command: (port, folder) => ['danted', '-f', writeDanteConfig(port, folder)],
    relaysUdp: true,
  },
  product('streams'),
  product('engine'),
];

/** How a build of this daemon is called: another one than bin/picosocks5 may be named by --peer. */
const PRODUCT = /^picosocks5(?=-|$)/;

/**
 * Reads `NAME[:udp][@VERSION]=COMMAND LINE` with `{port}` in it. A known name is replaced and stays what it is; another is a
 * build of ours when its name begins with picosocks5, and a rival when not.
 */
export function parsePeer(text: string): Peer {
  const [, name, flag, version, line] =
    /^([\w.-]+)(?::(\w+))?(?:@([^\s=]+))?=(.*\{port\}.*)$/.exec(text) ?? [];
  if (name === undefined || line === undefined) {
    throw new Error(
      `--peer ${text}: write NAME=COMMAND, NAME:udp=COMMAND or NAME@VERSION=COMMAND, with {port} where the port number belongs`,
    );
  }
  if (flag !== undefined && flag !== 'udp') {
    throw new Error(`--peer ${text}: "${flag}" is not known; :udp says that the server has UDP ASSOCIATE`);
  }
  const kin =
    PEERS.find((peer) => peer.name === name) ?? (PRODUCT.test(name) ? product('engine') : undefined);
  return {
    role: 'rival',
    ...kin,
    name,
    command: (port) => line.replaceAll('{port}', `${port}`).trim().split(/\s+/),
    ...(flag === 'udp' ? { relaysUdp: true } : {}),
    ...(version === undefined ? {} : { version }),
  };
}

function product(transport: 'streams' | 'engine'): Peer {
  const quiet = ['--nofork', '-L', 'stderr', '-v', 'err'];
  const program = ['bin/picosocks5', ...quiet, '--transport', transport];
  return {
    name: `picosocks5-${transport}`,
    role: transport === 'engine' ? 'product' : 'fallback',
    command: (port) => [...program, `127.0.0.1:${port}`],
    behindTls: (port, certificate, key) => [
      ...program,
      ...['--tls-cert', certificate, '--tls-key', key, `tls:127.0.0.1:${port}`],
    ],
    relaysUdp: true,
    withUsers: (file) => ['-a', `htpasswd:${file}`],
    throughTls: (port, certificate) => [
      ...['--route', `* any 127.0.0.1 ${port}/5S`],
      ...['--proxy-ca', certificate],
    ],
  };
}

let danteStarts = process.pid % 200;

/**
 * Dante binds the source port of every connection by itself, so the ports of one source address are used up for
 * a minute after 28,000 connections: every start gets an address of its own.
 */
function writeDanteConfig(port: number, folder: string): string {
  danteStarts = (danteStarts + 1) % 250;
  const file = join(folder, `danted-${port}.conf`);
  const lines = [
    'errorlog: /dev/null',
    `internal: 127.0.0.1 port = ${port}`,
    `external: 127.0.2.${danteStarts + 1}`,
    'clientmethod: none',
    'socksmethod: none',
    'user.privileged: root',
    'user.unprivileged: nobody',
    'client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }',
    'socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 command: connect udpassociate udpreply }',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
