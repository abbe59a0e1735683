// Sockets that the real systemd-socket-activate opens and passes on.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { PROGRAM, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { dialUnixWire, dialWire, freePort, listenTarget, type Wire } from '../support/sockets.ts';
import { connectThrough, enter } from '../support/socks.ts';

const ACTIVATE = 'systemd-socket-activate';

/** It listens some moments after its start, and starts the daemon when a client comes. */
async function firstClient(port: number): Promise<Wire> {
  for (;;) {
    try {
      return await dialWire(port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
    }
  }
}

async function firstClientAt(path: string): Promise<Wire> {
  for (;;) {
    try {
      return await dialUnixWire(path);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['ECONNREFUSED', 'ENOENT'].includes(code)) throw error;
    }
  }
}

async function activated(
  t: ExecutionContext,
  sockets: readonly string[],
  port: number,
  args: readonly string[] = [],
  listen: readonly string[] = [],
): Promise<{ readonly daemon: Daemon; readonly client: Wire }> {
  const wrapper = [ACTIVATE, ...sockets.flatMap((each) => ['-l', each])];
  const [daemon, client] = await Promise.all([startDaemon(t, args, { wrapper, listen }), firstClient(port)]);
  t.teardown(() => client.socket.destroy());
  return { daemon, client };
}

test('the client that woke it is served, and the default address is not opened', async (t) => {
  const port = await freePort();
  const { daemon, client } = await activated(t, [`127.0.0.1:${port}`], port);
  await enter(client);
  t.deepEqual(daemon.ports, [port]);
});

test('addresses of the configuration that were passed are not opened twice, others are', async (t) => {
  const [named, unnamed] = [await freePort(), await freePort()];
  const passed = [`127.0.0.1:${named}`, `127.0.0.1:${unnamed}`];
  const { daemon } = await activated(t, passed, unnamed, [], [`127.0.0.1:${named}`, '127.0.0.1:0']);
  t.deepEqual(daemon.ports.slice(0, 2), [named, unnamed]);
  t.is(daemon.ports.length, 3);
  const target = await listenTarget();
  t.teardown(() => target.close());
  for (const port of daemon.ports) (await connectThrough(port, target.port)).socket.destroy();
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  (await connectThrough(unnamed, target.port)).socket.destroy();
});

withIpv6('a socket for all addresses of both families stands in for those of each', async (t) => {
  const port = await freePort();
  const { daemon, client } = await activated(t, [`[::]:${port}`], port, [], [`*:${port}`]);
  await enter(client);
  t.deepEqual(daemon.ports, [port]);
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  await enter(await dialWire(port, '::1'));
});

test('a Unix socket is served, also after a reload, and its file stays', async (t) => {
  const path = join(temporaryFolder(t), 'socks');
  const [daemon, first] = await Promise.all([
    startDaemon(t, [], { wrapper: [ACTIVATE, '-l', path], listen: [`unix:${path}`] }),
    firstClientAt(path),
  ]);
  await enter(first);
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  const wire = await dialUnixWire(path);
  await enter(wire);
  for (const each of [first, wire]) each.socket.destroy();
  daemon.signal('SIGTERM');
  t.is(await daemon.exited, 0);
  t.true(existsSync(path));
});

const USELESS: readonly {
  readonly what: string;
  readonly socket: (t: ExecutionContext, port: number) => readonly string[];
  readonly wake: (where: string, port: number) => void;
  readonly says: RegExp;
}[] = [
  {
    what: 'a datagram socket',
    socket: (_, port) => ['--datagram', '--fdname=udp', '-l', `127.0.0.1:${port}`],
    wake: (_, port) => {
      const socket = createSocket('udp4');
      socket.send('x', port, '127.0.0.1', () => socket.close());
    },
    says: /descriptor 3 \("udp"\), which systemd has passed: it is no stream socket of TCP or of a path.*ListenStream/,
  },
  {
    what: 'a Unix socket without a file',
    socket: () => ['-l', `@picosocks5-test-${process.pid}`],
    wake: (where) => {
      // libuv pads the name with NULs, and would look for another socket.
      spawn('socat', ['-u', '/dev/null', `ABSTRACT-CONNECT:${where.slice(1)}`], { stdio: 'ignore' });
    },
    says: /descriptor 3, which systemd has passed: it is a Unix socket without a file.*ListenStream=\/PATH/,
  },
];

for (const { what, socket, wake, says } of USELESS) {
  test(`${what} ends the start with 71 and is named`, async (t) => {
    const port = await freePort();
    const words = socket(t, port);
    const child = spawn(ACTIVATE, [...words, PROGRAM, '--nofork', '-L', 'stderr']);
    t.teardown(() => child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.on('data', (bytes: Buffer) => {
      const isNew = !stderr.includes('Listening on');
      stderr += bytes.toString();
      if (isNew && stderr.includes('Listening on')) wake(words.at(-1)!, port);
    });
    const [status] = (await once(child, 'close')) as [number];
    t.is(status, 71, stderr);
    t.regex(stderr, says);
  });
}

test('a count of sockets that nobody has passed ends the start with 71', async (t) => {
  const script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" --nofork -L stderr';
  const child = spawn('sh', ['-c', script, PROGRAM], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  // By a signal where the number of Node's own descriptor was closed.
  t.deepEqual(await once(child, 'close'), [71, null], stderr);
  t.regex(stderr, /descriptor 3, which systemd has passed: it is no stream socket of TCP or of a path/);
});
