// Impostors at the control socket, and an old daemon in other hands: what they get of a new daemon that root starts to take over.
import { spawn } from 'node:child_process';
import { chownSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type ExecutionContext } from 'ava';
import { runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { pis5ctl } from '../support/pis5ctl.ts';
import { asRootInTurn as asRoot } from '../support/root.ts';
import { freePort } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { NOBODY } from '../support/swapper.ts';
import { echoServer } from '../support/targets.ts';

const PROGRAM = fileURLToPath(new URL('../support/fakedaemon.py', import.meta.url));

interface Fake {
  readonly pid: number;
  readonly control: string;
  readonly pidFile: string;
  readonly listen: string;
  /** Ends it; how many clients it took. */
  readonly stop: () => Promise<number>;
}

interface Orders {
  readonly uid?: number;
  readonly pid?: number;
  readonly sends?: 'control' | 'tcp';
  readonly keeps?: boolean;
  readonly binds?: boolean;
  /** What the pid file says; its own pid otherwise. */
  readonly named?: number;
}

async function startFake(t: ExecutionContext, orders: Orders = {}): Promise<Fake> {
  const { uid = NOBODY, pid = null, sends = 'control', keeps = false, binds = false, named } = orders;
  const folder = temporaryFolder(t);
  const [control, pidFile] = [join(folder, 'control'), join(folder, 'pid')];
  const port = await freePort();
  const child = spawn(
    'python3',
    [PROGRAM, JSON.stringify({ control, port, uid, pid, sends, keeps, binds })],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const own = Number(((await lines.next()).value as string).split(' ')[1]);
  writeFileSync(pidFile, `${named ?? own}\n`);
  return {
    pid: own,
    control,
    pidFile,
    listen: `127.0.0.1:${port}`,
    async stop() {
      child.stdin.end();
      const taken = Number((await lines.next()).value);
      await once(child, 'close');
      return taken;
    },
  };
}

const takeOver = ({ control, pidFile }: Fake): readonly string[] => [
  ...['-u', 'nobody', '-g', 'nogroup', '--takeover'],
  ...['--control', control, '--pidfile', pidFile],
];

/** Takes over from a fake in the place of a living process, in vain; what is said. */
async function refusalOf(t: ExecutionContext, orders: Orders): Promise<string> {
  const fake = await startFake(t, orders);
  const before = readFileSync(fake.pidFile, 'utf8');
  const args = ['--nofork', '--logmode', 'stderr', ...takeOver(fake), fake.listen];
  const { status, stderr } = await runProgram(args);
  t.is(status, 71, stderr);
  t.is(readFileSync(fake.pidFile, 'utf8'), before, 'nothing that it said was written');
  await fake.stop();
  return stderr.replaceAll(String(fake.pid), 'FAKE');
}

asRoot('a fake that names a pid of its choice is refused by the word of the kernel', async (t) => {
  const said = await refusalOf(t, { pid: process.pid, named: process.pid });
  t.regex(said, new RegExp(`is not trusted: process FAKE says that it is process ${process.pid};`));
});

asRoot('a fake of another account is refused', async (t) => {
  t.regex(
    await refusalOf(t, { uid: 2 }),
    /process FAKE runs as uid 2, which is neither root nor the account/,
  );
});

asRoot('a fake of the right account is refused where the pid file names another process', async (t) => {
  const said = await refusalOf(t, { named: process.pid });
  t.regex(said, new RegExp(`process FAKE answers at .*, but the pid file .* names process ${process.pid};`));
});

asRoot('a socket of the network in the place of the control socket is refused', async (t) => {
  t.regex(await refusalOf(t, { sends: 'tcp' }), /sent another socket in the place of its control socket/);
});

asRoot('a control socket in a folder that others own is not asked by root', async (t) => {
  const fake = await startFake(t);
  chownSync(dirname(fake.control), NOBODY, NOBODY);
  const { status, stderr } = await runProgram(['--nofork', '-L', 'stderr', ...takeOver(fake), fake.listen]);
  t.is(status, 77, stderr);
  t.regex(stderr, /cannot use pidfile = .* and control = /);
});

asRoot('an old daemon that keeps its listener when it should retire gets no client any more', async (t) => {
  const fake = await startFake(t, { keeps: true });
  const daemon = await startDaemon(t, takeOver(fake), { listen: [fake.listen] });
  t.regex(await daemon.line(/ took-over /), new RegExp(` took-over pid=${fake.pid}$`));
  const echo = await echoServer(t);
  for (let client = 0; client < 50; client++) {
    const wire = await connectThrough(daemon.port, echo);
    wire.send('x');
    t.is((await wire.take(1)).toString(), 'x');
    wire.socket.destroy();
  }
  t.is(await fake.stop(), 0);
  t.is(readFileSync(fake.pidFile, 'utf8'), `${daemon.pid}\n`);
  t.is((await pis5ctl('--control', fake.control, 'status')).status, 0);
});

asRoot('an old daemon that has taken care that its listener cannot be closed off is told of', async (t) => {
  const fake = await startFake(t, { binds: true });
  const daemon = await startDaemon(t, takeOver(fake), { listen: [fake.listen] });
  t.regex(
    await daemon.line(/ took-over /),
    / warn took-over .*may go on accepting clients at 127\.0\.0\.1:\d+ \(operation not permitted\); .*stop both and start anew/,
  );
});
