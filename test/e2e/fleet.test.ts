// Several daemons as one over a real store: limits, bans, logins and quotas hold over all of them, whatever becomes of a member.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/daemon.ts';
import { closesOut, gather, letsIn, member, three, two } from '../support/fleet.ts';
import type { Steered } from '../support/pis5ctl.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough, greet } from '../support/socks.ts';
import { needingRedis, startStore } from '../support/store.ts';
import { echoServer } from '../support/targets.ts';
import { statusOf, until } from '../support/workers.ts';

const K = 1024;

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
