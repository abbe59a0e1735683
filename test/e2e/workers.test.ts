// Several workers below one parent: one daemon to its clients, its operator and its limits, whichever of them serves.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { mustRun } from '../support/commands.ts';
import { temporaryFolder, type Daemon } from '../support/daemon.ts';
import { steeredDaemon, type Steered } from '../support/pis5ctl.ts';
import { freePort, type Wire } from '../support/sockets.ts';
import { connectThrough, greet } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { continueAll, eachWorker, statusOf, stopWorker, until, workersOf } from '../support/workers.ts';

/** Two workers, which log all they do. */
function twoWorkers(t: ExecutionContext, args: readonly string[] = []): Promise<Steered> {
  return steeredDaemon(t, ['--workers', '2', '-v', 'debug', ...args]);
}

async function echoes(wire: Wire, text: string): Promise<boolean> {
  wire.send(text);
  return (await wire.take(text.length)).toString() === text;
}

function idsOf({ lines }: Daemon, event: string): string[] {
  return lines.filter((line) => line.includes(` ${event} `)).map((line) => / id=(\d+)/.exec(line)?.[1] ?? '');
}

test.serial('a limit holds over all workers, and a stopped one delays nobody', async (t) => {
  const steered = await twoWorkers(t, ['--limit', 'client sessions=4']);
  const { daemon } = steered;
  const echo = await echoServer(t);
  const wires: Wire[] = [];
  // All of one are granted by it, since the other one stands still; so both have two sessions, and none has four.
  await eachWorker(steered, async () => {
    for (let each = 0; each < 2; each++) wires.push(await connectThrough(daemon.port, echo));
  });
  const workers = await workersOf(steered);
  t.deepEqual(
    workers.map(({ live }) => live),
    [2, 2],
  );
  await eachWorker(steered, async () => t.throwsAsync(connectThrough(daemon.port, echo)));
  for (const [at, wire] of wires.entries()) t.true(await echoes(wire, `session ${at}`));
  wires[0]!.socket.destroy();
  await daemon.line(/ ended /);
  await until(async () => (await statusOf(steered)).live === 3);
  await eachWorker(steered, async () => {
    const wire = await connectThrough(daemon.port, echo);
    wire.socket.destroy();
    await daemon.line(/ ended /);
  });
  const ids = idsOf(daemon, 'accepted');
  t.is(new Set(ids).size, ids.length);
});

test.serial(
  'a worker that dies takes its sessions along, and only those; another one takes its place',
  async (t) => {
    const steered = await twoWorkers(t, ['--limit', 'client sessions=2']);
    const { daemon } = steered;
    const echo = await echoServer(t);
    const held: Wire[] = [];
    await eachWorker(steered, async () => held.push(await connectThrough(daemon.port, echo)));
    const [doomed] = await workersOf(steered);
    process.kill(doomed!.pid!, 'SIGKILL');
    t.regex(await daemon.line(/ worker-lost /), /worker=1 .*status=SIGKILL/);
    // What it counted is gone with it, at once and in every worker.
    const next = await connectThrough(daemon.port, echo);
    t.true(await echoes(held[1]!, 'still here'));
    await daemon.line(/ worker-started worker=1 .*/);
    await until(async () => (await workersOf(steered)).every(({ pid }) => pid !== undefined));
    const [fresh] = await workersOf(steered);
    t.not(fresh!.pid, doomed!.pid);
    // The new one has heard of the sessions of the other one.
    await eachWorker(steered, async () => t.throwsAsync(connectThrough(daemon.port, echo)));
    next.socket.destroy();
  },
);

test.serial('bans, of failed logins and by hand, hold in every worker until they are lifted', async (t) => {
  const folder = temporaryFolder(t);
  const users = join(folder, 'users');
  await mustRun(['htpasswd', '-bcB', '-C', '4', users, 'alice', 'right']);
  const args = [
    '--auth',
    `htpasswd:${users}`,
    '--ban-after',
    '4',
    '--tarpit',
    '0',
    '--ban-allow',
    '192.0.2.1',
  ];
  const steered = await twoWorkers(t, args);
  const { daemon, ctl } = steered;
  const echo = await echoServer(t);
  const guess = (): Promise<unknown> =>
    t.throwsAsync(connectThrough(daemon.port, echo, { user: 'mallory', password: 'wrong' }, '127.0.0.2'));
  await eachWorker(steered, async () => {
    for (let each = 0; each < 2; each++) await guess();
  });
  t.regex(await daemon.line(/ banned /), /client=127\.0\.0\.2/);
  await eachWorker(steered, async () => t.is(await greet(daemon.port, '127.0.0.2'), 'reset'));
  t.regex((await ctl('bans')).stdout, /127\.0\.0\.2/);
  t.is((await ctl('unban', '127.0.0.2')).status, 0);
  await eachWorker(steered, async () => t.is(await greet(daemon.port, '127.0.0.2'), '05ff'));
  t.is((await ctl('ban', '127.0.0.3', '1h')).status, 0);
  await eachWorker(steered, async () => t.is(await greet(daemon.port, '127.0.0.3'), 'reset'));
});

test.serial('sessions of all workers are one list, and are ended wherever they are', async (t) => {
  const steered = await twoWorkers(t);
  const { daemon, ctl } = steered;
  const echo = await echoServer(t);
  const wires: Wire[] = [];
  await eachWorker(steered, async () => wires.push(await connectThrough(daemon.port, echo)));
  const { sessions, matching } = JSON.parse((await ctl('--json', 'sessions')).stdout) as {
    sessions: { id: number }[];
    matching: number;
  };
  t.is(matching, 2);
  t.deepEqual(
    sessions.map(({ id }) => String(id)),
    idsOf(daemon, 'accepted').sort((one, other) => Number(one) - Number(other)),
  );
  daemon.signal('SIGUSR1');
  t.regex(await daemon.line(/ counters /), / live=2 accepted=2 /);
  t.regex(await daemon.line(/ live /), /worker=\d/);
  await daemon.line(/ live /);
  const [last] = sessions.slice(-1);
  t.regex((await ctl('kick', String(last!.id))).stdout, /ended one session/);
  t.regex((await ctl('kick', 'client=127.0.0.1')).stdout, /ended one session/);
  for (const wire of wires) await wire.ending();
});

test.serial('a reload is for all workers or for none', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'picosocks5.conf');
  writeFileSync(config, '');
  const steered = await twoWorkers(t, ['-c', config]);
  const { daemon, ctl } = steered;
  const echo = await echoServer(t);
  const added = await freePort();
  writeFileSync(config, `listen = 127.0.0.1:${added}\nrequest = connect:127.0.0.0/8\n`);
  t.is((await ctl('reload')).status, 0);
  await eachWorker(steered, async () => (await connectThrough(added, echo)).socket.destroy());

  writeFileSync(config, 'route = * any device=no-such-if0\n');
  t.regex(
    (await ctl('reload')).stdout,
    /(?:cannot set SO_BINDTODEVICE|needs the native engine)[^]*nothing was changed/,
  );
  await eachWorker(steered, async () => (await connectThrough(added, echo)).socket.destroy());

  writeFileSync(config, 'request = !connect:*\n');
  t.is((await ctl('reload')).status, 0);
  await eachWorker(steered, async () => {
    await t.throwsAsync(connectThrough(daemon.port, echo), { message: 'REP 2' });
    await t.throwsAsync(connectThrough(added, echo), { message: /ECONNREFUSED/ });
  });
});

test.serial(
  'a daemon with workers ends as one: first without new clients, then without sessions',
  async (t) => {
    const folder = temporaryFolder(t);
    const pidFile = join(folder, 'pid');
    const steered = await twoWorkers(t, ['--pidfile', pidFile]);
    const { daemon, path } = steered;
    const echo = await echoServer(t);
    const wires: Wire[] = [];
    await eachWorker(steered, async () => wires.push(await connectThrough(daemon.port, echo)));
    t.is(readFileSync(pidFile, 'utf8'), `${daemon.pid}\n`);
    daemon.signal('SIGTERM');
    t.regex(await daemon.line(/ draining sessions=2 /), / notice /);
    await until(() => connectThrough(daemon.port, echo).then(closed, isRefused));
    for (const wire of wires) t.true(await echoes(wire, 'to the end'));
    for (const wire of wires) wire.socket.end();
    t.is(await daemon.exited, 0);
    t.regex(await daemon.line(/ stopped /), /sessions=\d/);
    t.false(existsSync(pidFile) || existsSync(path));
  },
);

function closed(wire: Wire): boolean {
  wire.socket.destroy();
  return false;
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && error.message.includes('ECONNREFUSED');
}

test.serial('workers whose parent was killed end when their sessions have', async (t) => {
  const steered = await twoWorkers(t);
  const { daemon } = steered;
  const echo = await echoServer(t);
  const workers = await workersOf(steered);
  const wire = await connectThrough(daemon.port, echo);
  daemon.signal('SIGKILL');
  await daemon.line(/ parent-lost /);
  t.true(await echoes(wire, 'to the end'));
  wire.socket.end();
  await until(() => workers.every(({ pid }) => !existsSync(`/proc/${pid}`)));
});

test.serial('a worker that stands still keeps no client waiting and falls behind in nothing', async (t) => {
  const steered = await twoWorkers(t, ['--limit', 'client sessions=1', '--ban-allow', '192.0.2.1']);
  const { daemon, ctl } = steered;
  const echo = await echoServer(t);
  const [still] = await workersOf(steered);
  stopWorker(still!);
  t.teardown(() => continueAll([still!]));
  const wires = [await connectThrough(daemon.port, echo)];
  for (let each = 0; each < 20; each++) await t.throwsAsync(connectThrough(daemon.port, echo));
  t.is((await ctl('ban', '127.0.0.9', '1h')).status, 0);
  continueAll([still!]);
  await until(async () => (await workersOf(steered)).every(({ pid }) => pid !== undefined));
  await eachWorker(steered, async () => {
    await t.throwsAsync(connectThrough(daemon.port, echo));
    t.is(await greet(daemon.port, '127.0.0.9'), 'reset');
  });
  for (const wire of wires) wire.socket.destroy();
});
