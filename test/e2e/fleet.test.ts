// Several daemons as one over a real store: limits, bans, logins and quotas hold over all of them, whatever becomes of a member or of the
// store, and no client waits for it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { temporaryFolder } from '../support/daemon.ts';
import { steeredDaemon, type Steered } from '../support/pis5ctl.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough, greet } from '../support/socks.ts';
import { needingRedis, startStore, type Store } from '../support/store.ts';
import { echoServer } from '../support/targets.ts';
import { statusOf, until } from '../support/workers.ts';

const K = 1024;

function member(
  t: ExecutionContext,
  store: Store,
  name: string,
  args: readonly string[] = [],
): Promise<Steered> {
  const fleet = ['--fleet', 'blue', '--fleet-name', name, '--fleet-store', store.url];
  return steeredDaemon(t, [...fleet, '-v', 'debug', ...args]);
}

async function membersOf(steered: Steered): Promise<readonly string[]> {
  const { fleet } = await statusOf(steered);
  return fleet?.state === 'joined' ? fleet.members : [];
}

/** All know of each other. */
async function gather(all: readonly Steered[]): Promise<void> {
  await until(async () => {
    const lists = await Promise.all(all.map(membersOf));
    return lists.every(({ length }) => length === all.length);
  });
}

async function two(
  t: ExecutionContext,
  store: Store,
  args: readonly string[] = [],
): Promise<[Steered, Steered]> {
  const all = await Promise.all([member(t, store, 'm1', args), member(t, store, 'm2', args)]);
  await gather(all);
  return all;
}

async function three(
  t: ExecutionContext,
  store: Store,
  args: readonly string[] = [],
): Promise<readonly Steered[]> {
  const all = await Promise.all(['m1', 'm2', 'm3'].map((name) => member(t, store, name, args)));
  await gather(all);
  return all;
}

/** Whether a client is let in; it leaves at once. */
async function letsIn({ daemon }: Steered, echo: number, from?: string): Promise<boolean> {
  const wire = await connectThrough(daemon.port, echo, undefined, from).catch(() => undefined);
  wire?.socket.destroy();
  return wire !== undefined;
}

async function closesOut(steered: Steered, echo: number, from?: string): Promise<void> {
  await until(async () => !(await letsIn(steered, echo, from)));
}

needingRedis('limits, bans and logins hold over all members', async (t) => {
  const store = await startStore(t);
  const users = join(temporaryFolder(t), 'users');
  writeFileSync(users, 'alice:staff:secret\n');
  const logins = ['--auth', users, '--allow-plaintext', '--auth-once=1h', '--method-order', 'client'];
  const bans = ['--ban-after', '3', '--tarpit', '0', '--ban-allow', '192.0.2.1'];
  const all = await three(t, store, ['--limit', 'client sessions=4', ...bans, ...logins]);
  const [m1, m2, m3] = all as [Steered, Steered, Steered];
  const echo = await echoServer(t);
  t.false(await letsIn(m3, echo));
  (await connectThrough(m1.daemon.port, echo, { user: 'alice', password: 'secret' })).socket.destroy();
  await until(() => letsIn(m3, echo));
  await until(() => letsIn(m2, echo));

  const wires: Wire[] = [];
  for (const { daemon } of [m1, m2, m3, m1]) {
    // The one before may be counted for a moment after it has left.
    await until(async () => {
      const wire = await connectThrough(daemon.port, echo).catch(() => undefined);
      if (wire !== undefined) wires.push(wire);
      return wire !== undefined;
    });
  }
  for (const each of all) await closesOut(each, echo);
  t.is(
    (await Promise.all(all.map(statusOf))).reduce((sum, { live }) => sum + live, 0),
    4,
  );
  wires[0]!.socket.destroy();
  await until(() => letsIn(m3, echo));

  const status = await m2.ctl('--fleet', 'status');
  t.regex(status.stdout, /m1 +serving[^]*m2 +serving[^]*m3 +serving/);
  t.is(status.status, 0);
  t.regex((await m2.ctl('--fleet', 'sessions')).stdout, /m1 [^]*m2 [^]*m3 /);
  t.regex((await m2.ctl('--fleet', 'kick', 'client=127.0.0.1')).stdout, /^ended 3 sessions at m1, m2, m3/);
  for (const wire of wires.slice(1)) await wire.ending();

  const guess = { user: 'mallory', password: 'wrong' };
  for (const { daemon } of all) await t.throwsAsync(connectThrough(daemon.port, echo, guess, '127.0.0.2'));
  for (const { daemon } of all) await until(async () => (await greet(daemon.port, '127.0.0.2')) === 'reset');
  t.is((await m2.ctl('unban', '127.0.0.2')).status, 0);
  for (const { daemon } of all) await until(async () => (await greet(daemon.port, '127.0.0.2')) === '05ff');
  t.is((await m3.ctl('forget', '127.0.0.1')).status, 0);
  await closesOut(m1, echo);
  m3.daemon.signal('SIGSTOP');
  const asked = await m1.ctl('--fleet', 'ban', '127.0.0.9', '1h');
  t.regex(asked.stdout, /m1: 127\.0\.0\.9 is banned[^]*m2: 127\.0\.0\.9 is banned[^]*no answer from m3/);
  t.not(asked.status, 0);
  m3.daemon.signal('SIGCONT');
  await until(async () => (await greet(m3.daemon.port, '127.0.0.9')) === 'reset');
});

needingRedis(
  'a member that dies leaves its bytes and no sessions; a store that has lost all gets it back',
  async (t) => {
    const store = await startStore(t);
    const args = ['--limit', 'client sessions=2 day=200K', '--ban-allow', '192.0.2.1'];
    const [m1, m2] = await two(t, store, args);
    const echo = await echoServer(t);
    const bytes = async (): Promise<number> =>
      bytesIn(await store.ask('hvals', `p5:{blue}:bytes:${new Date().toISOString().slice(0, 7)}`));
    for (let each = 0; each < 2; each++) await connectThrough(m1.daemon.port, echo);
    await movesAll(m1, echo, '127.0.0.5');
    await closesOut(m2, echo);
    await closesOut(m2, echo, '127.0.0.5');
    await until(async () => (await bytes()) >= 199 * K);
    m1.daemon.signal('SIGKILL');
    await m2.daemon.line(/ fleet-member .*name=m1 state=missing/);
    // Its sessions are gone, what a client has moved there is not.
    await until(() => letsIn(m2, echo));
    t.false(await letsIn(m2, echo, '127.0.0.5'));

    await store.kill();
    t.regex(await m2.daemon.line(/ fleet-lost /), /why=/);
    t.is((await m2.ctl('ban', '127.0.0.9', '1h')).status, 0);
    t.true(await letsIn(m2, echo, '127.0.0.3'));
    t.false(await letsIn(m2, echo, '127.0.0.5'));
    await store.start();
    await m2.daemon.line(/ fleet-joined /);
    await until(async () => (await bytes()) >= 199 * K);
    const m4 = await member(t, store, 'm4', args);
    await gather([m2, m4]);
    t.is(await greet(m4.daemon.port, '127.0.0.9'), 'reset');
    t.false(await letsIn(m4, echo, '127.0.0.5'));
    t.true(await letsIn(m4, echo, '127.0.0.3'));
  },
);

needingRedis('a store that hangs keeps no client waiting, and nothing grows', async (t) => {
  const store = await startStore(t);
  const [m1, m2] = await two(t, store, ['--limit', 'client sessions=50']);
  const echo = await echoServer(t);
  const load = async (): Promise<void> => {
    for (let each = 0; each < 100; each++) t.true(await letsIn(m1, echo, `127.0.1.${each}`));
  };
  await load();
  store.signal('SIGSTOP');
  const [before, startedAt] = [footprintOf(m1), performance.now()];
  await m1.daemon.line(/ fleet-lost /);
  // Several attempts, each of which finds a store that takes a connection and says nothing.
  while (performance.now() - startedAt < 5000) await load();
  const after = footprintOf(m1);
  t.true(after.bytes < before.bytes + 24 * K * K, `${before.bytes} to ${after.bytes} bytes`);
  t.true(after.sockets <= before.sockets + 2, `${before.sockets} to ${after.sockets} sockets`);
  store.signal('SIGCONT');
  await m1.daemon.line(/ fleet-joined /);
  await gather([m1, m2]);
});

needingRedis(
  'the second of two members of one name serves alone, and joins when the first has gone',
  async (t) => {
    const store = await startStore(t);
    const first = await member(t, store, 'm1');
    await gather([first]);
    const second = await member(t, store, 'm1');
    t.regex(await second.daemon.line(/ fleet-name-taken /), / err /);
    t.is((await statusOf(second)).fleet?.state, 'name-taken');
    t.is((await statusOf(first)).fleet?.state, 'joined');
    t.true(await letsIn(second, await echoServer(t)));
    first.daemon.signal('SIGTERM');
    await second.daemon.line(/ fleet-joined /);
    // One that was killed has left its name, but no sign of life comes any more.
    second.daemon.signal('SIGKILL');
    const third = await member(t, store, 'm1');
    await third.daemon.line(/ fleet-joined /);
    t.false(third.daemon.lines.some((line) => line.includes('fleet-name-taken')));
  },
);

needingRedis('a store that is full is told of once, and gets all that it has missed', async (t) => {
  const store = await startStore(t);
  const [m1, m2] = await two(t, store, ['--ban-allow', '192.0.2.1']);
  await store.ask('config', 'set', 'maxmemory', '1');
  t.regex(await m1.daemon.line(/ fleet-refused /), /OOM/);
  t.is((await m1.ctl('ban', '127.0.0.9', '1h')).status, 0);
  t.regex((await m1.ctl('status')).stdout, /fleet: +blue, as m1, .*ALONE .*full.*OOM/);
  await store.ask('config', 'set', 'maxmemory', '0');
  await m1.daemon.line(/ fleet-joined /);
  await until(async () => (await greet(m2.daemon.port, '127.0.0.9')) === 'reset');
  t.is(
    m1.daemon.lines.filter((line) => line.includes(' fleet-refused ')).length,
    1,
    m1.daemon.lines.join('\n'),
  );
  const joined = /fleet: +blue, as m1, .*joined .*m1 m2/;
  await t.notThrowsAsync(until(async () => joined.test((await m1.ctl('status')).stdout)));
});

needingRedis('without a store each member allows its part, where it is told to', async (t) => {
  const store = await startStore(t);
  const [m1, m2] = await two(t, store, ['--limit', 'client sessions=4', '--fleet-alone', 'divided']);
  const echo = await echoServer(t);
  await store.kill();
  const held: Wire[] = [];
  /** How many sessions one client may have at the first member now. */
  const room = async (): Promise<number> => {
    for (const wire of held.splice(0)) wire.socket.destroy();
    await until(async () => (await statusOf(m1)).live === 0);
    for (let each = 0; each < 5; each++) {
      const wire = await connectThrough(m1.daemon.port, echo).catch(() => undefined);
      if (wire !== undefined) held.push(wire);
    }
    return held.length;
  };
  await t.notThrowsAsync(until(async () => (await room()) === 2));
  await store.start();
  await gather([m1, m2]);
  await t.notThrowsAsync(until(async () => (await room()) === 4));
});

/** Moves bytes until the quota of the client ends that. */
async function movesAll({ daemon }: Steered, echo: number, from: string): Promise<void> {
  const wire = await connectThrough(daemon.port, echo, undefined, from);
  wire.socket.on('data', () => undefined);
  wire.send(Buffer.alloc(300 * K));
  await wire.ending();
}

/** The bytes of the month that all members have counted. */
function bytesIn(values: string): number {
  const counts = values.split('\n').filter((line) => line.startsWith('['));
  return counts.reduce((sum, line) => sum + (JSON.parse(line) as [string, number, number])[2], 0);
}

function footprintOf({ daemon }: Steered): { readonly bytes: number; readonly sockets: number } {
  const [, pages = ''] = readFileSync(`/proc/${daemon.pid}/statm`, 'utf8').split(' ');
  return { bytes: Number(pages) * 4096, sockets: readdirSync(`/proc/${daemon.pid}/fd`).length };
}
