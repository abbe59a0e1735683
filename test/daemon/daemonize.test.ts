import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { backgroundChild } from '../../src/daemon/unix/background-child.ts';
import { TYPESCRIPT } from '../support/typescript.ts';

const LAUNCHER = fileURLToPath(new URL('../support/background-launcher.ts', import.meta.url));

/** Far beyond what a start takes on a busy machine. */
const PATIENT_MS = 60_000;

interface Launch {
  readonly launcher: ChildProcess;
  /** The connection of the process in the background: it lives exactly as long. */
  readonly program: Promise<Socket>;
  readonly stderr: Promise<string>;
  readonly status: Promise<number | null>;
}

async function launch(t: ExecutionContext, deed: string, limitMs = PATIENT_MS): Promise<Launch> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = String((server.address() as AddressInfo).port);
  const launcher = spawn(process.execPath, [TYPESCRIPT, LAUNCHER, String(limitMs), deed, port], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  t.teardown(() => {
    launcher.kill('SIGKILL');
    server.close();
  });
  return {
    launcher,
    program: accept(t, server),
    stderr: text(launcher.stderr),
    status: once(launcher, 'exit').then(([code]) => code as number | null),
  };
}

async function accept(t: ExecutionContext, server: Server): Promise<Socket> {
  const [socket] = (await once(server, 'connection')) as [Socket];
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  return socket;
}

async function firstLine(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString().trim();
}

test('launchInBackground() returns when the program is ready, and passes on its warnings', async (t) => {
  const { launcher, program, stderr, status } = await launch(t, 'ready');
  const facts = JSON.parse(await firstLine(await program)) as Record<string, unknown>;
  t.is(await status, 0);
  t.is(await stderr, 'warning: first line\nsecond line\n');
  t.is(facts['session'], facts['pid'], 'a session of its own');
  t.not(facts['pid'], launcher.pid);
  t.is(facts['startDirectory'], '/');
  t.is(facts['folder'], '/where/it/was', 'where relative paths start');
  t.is(facts['umask'], '0027');
  t.deepEqual(facts['stdio'], ['/dev/null', '/dev/null', '/dev/null']);
  t.is((facts['argv'] as string[])[0], 'ready');
  t.is(facts['title'], 'picosocks5');
  t.notThrows(() => process.kill(facts['pid'] as number, 0), 'it outlives its launcher');
});

const failures = [
  {
    deed: 'fail',
    title: 'the reason of a program, whole, after its warnings',
    status: 71,
    stderr: /^(warning \d+\n){20}cannot listen on \*:1080: address in use\n {2}held by nobody we know\n$/,
  },
  {
    deed: 'permission',
    title: 'the exit status of the program',
    status: 77,
    stderr: /^cannot run as user "x"\n$/,
  },
  {
    deed: 'throw',
    title: 'an uncaught error with its stack',
    status: 70,
    stderr: /background process: Error: a bug\n +at /,
  },
  { deed: 'missing', title: 'a program that cannot be loaded', status: 70, stderr: /Cannot find module/ },
  {
    deed: 'killed',
    title: 'death by a signal',
    status: 71,
    stderr: /died without a word \(killed by SIGKILL\)/,
  },
  {
    deed: 'exit',
    title: 'an exit without a word',
    status: 71,
    stderr: /died without a word \(exit status 3\)/,
  },
];

for (const { deed, title, status, stderr } of failures) {
  test(`launchInBackground() reports ${title}`, async (t) => {
    const launched = await launch(t, deed);
    t.is(await launched.status, status);
    t.regex(await launched.stderr, stderr);
  });
}

test('launchInBackground() kills a program that is never ready', async (t) => {
  const { program, stderr, status } = await launch(t, 'hang', 4000);
  // On a very busy machine the time may be up before the program connects: then there is no socket to watch.
  const socket = await Promise.race([program, status.then(() => undefined)]);
  if (socket !== undefined) await once(socket.resume(), 'close');
  t.is(await status, 71);
  t.regex(await stderr, /was not ready within 4 s and was killed/);
});

test('a program gives up when its launcher is killed before it is ready', async (t) => {
  const { launcher, program } = await launch(t, 'hang');
  const socket = await program;
  t.is(await firstLine(socket), 'started');
  launcher.kill('SIGINT');
  t.is(await firstLine(socket), '{"ended":"SIGTERM"}');
});

test('backgroundChild() is undefined in a process that nobody launched', (t) => {
  t.is(backgroundChild(), undefined);
});
