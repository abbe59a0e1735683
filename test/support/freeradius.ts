// A RADIUS server of Debian for one test, from packages that "make freeradius" has unpacked: its settings, users and log in a folder of its own.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './daemon.ts';
import type { Scope } from './scope.ts';

const ROOT = fileURLToPath(new URL('../../.cache/freeradius', import.meta.url));
const PROGRAM = join(ROOT, 'usr/sbin/freeradius');
export const HAS_FREERADIUS = existsSync(PROGRAM);

const MACHINE = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
const LIBRARIES = [`usr/lib/${MACHINE}`, `lib/${MACHINE}`, 'usr/lib/freeradius']
  .map((path) => join(ROOT, path))
  .join(':');

const SECRET = 'shared-by-both';

const settings = (folder: string, port: number) => `prefix = ${folder}
logdir = ${folder}
run_dir = ${folder}
raddbdir = ${folder}
libdir = ${ROOT}/usr/lib/freeradius
security {
  allow_vulnerable_openssl = yes
}
client here {
  ipaddr = 127.0.0.1
  secret = "${SECRET}"
}
modules {
  pap {
  }
  files {
    filename = ${folder}/users
  }
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${port}
  }
  authorize {
    files
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
}
`;

export interface Radius {
  /** The settings of basic_radius_auth. */
  readonly settings: string;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly kill: () => Promise<void>;
}

/** `users` by their passwords. */
export async function startFreeradius(t: Scope, users: Readonly<Record<string, string>>): Promise<Radius> {
  const folder = temporaryFolder(t);
  const port = await freeUdpPort();
  const lines = Object.entries(users).map(
    ([name, password]) => `"${name}" Cleartext-Password := '${password}'\n`,
  );
  writeFileSync(join(folder, 'users'), lines.join(''));
  writeFileSync(join(folder, 'radiusd.conf'), settings(folder, port));
  const client = join(folder, 'client');
  writeFileSync(client, `server 127.0.0.1\nport ${port}\nsecret ${SECRET}\n`);
  const dictionaries = join(ROOT, 'usr/share/freeradius');
  const child = spawn(
    PROGRAM,
    ['-d', folder, '-n', 'radiusd', '-D', dictionaries, '-f', '-s', '-l', 'stdout'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { LD_LIBRARY_PATH: LIBRARIES },
    },
  );
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  t.teardown(kill);
  await ready(createInterface({ input: child.stdout }));
  return { settings: client, signal: (signal) => void child.kill(signal), kill };
}

/** It says so; what it said instead is in the error. */
async function ready(lines: AsyncIterable<string>): Promise<void> {
  const said: string[] = [];
  for await (const line of lines) {
    if (line.includes('Ready to process requests')) return;
    said.push(line);
  }
  throw new Error(`freeradius does not serve:\n${said.join('\n')}`);
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
