// A daemon with sessions of several users, to be asked and told by pis5ctl.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { mustRun } from './commands.ts';
import { temporaryFolder } from './daemon.ts';
import { steeredDaemon, type Steered } from './pis5ctl.ts';
import { dialWire, Wire } from './sockets.ts';
import { connectThrough } from './socks.ts';
import { echoServer } from './targets.ts';
import { transports } from './transports.ts';

interface Busy extends Steered {
  /** A session of alice, which has moved 5 bytes each way. */
  readonly alice: Wire;
  /** A session without a name, in the handshake. */
  readonly stranger: Wire;
  readonly echo: number;
}

export async function busyDaemon(t: ExecutionContext, transport: string): Promise<Busy> {
  const folder = temporaryFolder(t);
  const users = join(folder, 'users');
  await mustRun(['htpasswd', '-bcB', '-C', '4', users, 'alice', 'one']);
  const config = join(folder, 'picosocks5.conf');
  writeFileSync(
    config,
    `auth = htpasswd:${users}\nrecheck = cut\nhandshake-timeout = 10m\nban-allow = 192.0.2.1\nauth-once = 1h\n`,
  );
  const steered = await steeredDaemon(t, ['--transport', transport, '-c', config], { folder });
  const echo = await echoServer(t);
  const stranger = await dialWire(steered.daemon.port);
  stranger.send(Uint8Array.of(5, 1, 2));
  await stranger.take(2);
  const alice = await connectThrough(steered.daemon.port, echo, { user: 'alice', password: 'one' });
  alice.send('hello');
  await alice.take(5);
  t.teardown(() => {
    for (const { socket } of [alice, stranger]) socket.destroy();
  });
  return { ...steered, alice, stranger, echo };
}

export const parse = (stdout: string) => JSON.parse(stdout) as Record<string, unknown>;

export const ONE = transports[0]!.name;
