// The servers that are compared, and how each is started on a port.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `floor`: the least possible; `rival`: what Debian packages; `product`: this daemon; `other`: named by --peer. */
export type Role = 'floor' | 'rival' | 'product' | 'other';

export interface Peer {
  readonly name: string;
  readonly role: Role;
  /** Program and arguments that serve 127.0.0.1:port in the foreground; files go to `folder`. */
  readonly command: (port: number, folder: string) => readonly string[];
  /** Whether it has UDP ASSOCIATE. */
  readonly relaysUdp?: boolean;
  /** Arguments to add so that the users of an htpasswd file, and nobody else, are served. */
  readonly withUsers?: (file: string) => readonly string[];
}

/** The standard field, each with logging off and no users. */
export const PEERS: readonly Peer[] = [
  { name: 'floor', role: 'floor', command: (port) => ['build/bench/floor', `${port}`] },
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

/** Reads `NAME=COMMAND LINE` with `{port}` in it. A known name is replaced and keeps its role. */
export function parsePeer(text: string): Peer {
  const [, name, line] = /^([\w.-]+)=(.*\{port\}.*)$/.exec(text) ?? [];
  if (name === undefined || line === undefined) {
    throw new Error(`--peer ${text}: write NAME=COMMAND with {port} where the port number belongs`);
  }
  const known = PEERS.find((peer) => peer.name === name);
  return {
    role: 'other',
    ...known,
    name,
    command: (port) => line.replaceAll('{port}', `${port}`).trim().split(/\s+/),
  };
}

function product(transport: 'streams' | 'engine'): Peer {
  return {
    name: `picosocks5-${transport}`,
    role: 'product',
    command: (port) => [
      ...['bin/picosocks5', '--nofork', '-L', 'stderr', '-v', 'err'],
      ...['--transport', transport, `127.0.0.1:${port}`],
    ],
    relaysUdp: true,
    withUsers: (file) => ['-a', `htpasswd:${file}`],
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
