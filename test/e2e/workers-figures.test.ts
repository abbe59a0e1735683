// Figures over several workers: metrics, the page and accounts are those of one daemon.
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Picture } from '../../src/daemon/web/pagehtml.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { steeredDaemon, type Steered } from '../support/pis5ctl.ts';
import { readMetrics, series } from '../support/series.ts';
import { freePort, type Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { continueAll, eachWorker, statusOf, stopWorker, until, workersOf } from '../support/workers.ts';

interface Crew extends Steered {
  readonly at: number;
  readonly echo: number;
}

async function crew(t: ExecutionContext, args: readonly string[] = []): Promise<Crew> {
  const at = await freePort();
  const steered = await steeredDaemon(t, ['--workers', '2', '--metrics', String(at), ...args]);
  return { ...steered, at, echo: await echoServer(t) };
}

/** A session that has moved so many bytes. */
async function moved(
  { daemon, echo }: Pick<Crew, 'daemon' | 'echo'>,
  bytes: number,
  user?: string,
): Promise<Wire> {
  const login = user === undefined ? undefined : { user, password: 'secret' };
  const wire = await connectThrough(daemon.port, echo, login);
  wire.send('x'.repeat(bytes));
  await wire.take(bytes);
  return wire;
}

test.serial('metrics are sums over all workers, and never fall, whatever becomes of one', async (t) => {
  const all = await crew(t);
  const { at } = all;
  await eachWorker(all, async ({ worker }) => moved(all, 100 * worker));
  const found = await series(at, (each) => each.get('picosocks5_sessions{stage="relay"}') === 2);
  t.like(Object.fromEntries(found), {
    picosocks5_accepted_total: 2,
    [`picosocks5_sessions_total{listener="127.0.0.1:${all.daemon.port}",version="socks5"}`]: 2,
    'picosocks5_bytes_total{direction="up"}': 300,
    picosocks5_handshake_duration_seconds_count: 2,
    'picosocks5_handshake_duration_seconds_bucket{le="+Inf"}': 2,
    picosocks5_ready: 1,
    'picosocks5_worker_up{worker="1"}': 1,
    'picosocks5_worker_up{worker="2"}': 1,
    picosocks5_workers_lost_total: 0,
  });
  const [, body] = (await readMetrics(at)).split('\r\n\r\n');
  if (spawnSync('promtool', ['--version']).status === 0) {
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: body });
    t.deepEqual([checked.status, checked.stdout.toString() + checked.stderr.toString()], [0, '']);
  }
  const [doomed, still] = await workersOf(all);
  process.kill(doomed!.pid!, 'SIGKILL');
  const after = await series(at, (each) => each.get('picosocks5_workers_lost_total') === 1);
  t.like(Object.fromEntries(after), {
    picosocks5_accepted_total: 2,
    'picosocks5_bytes_total{direction="up"}': 300,
    'picosocks5_sessions{stage="relay"}': 1,
    picosocks5_handshake_duration_seconds_count: 2,
  });
  t.true(
    after.get('picosocks5_cpu_seconds_total')! >= found.get('picosocks5_cpu_seconds_total')!,
    'processor time has fallen',
  );
  t.is((await statusOf(all)).totals.accepted, 2);
  await until(async () => (await workersOf(all)).every(({ pid }) => pid !== undefined));
  stopWorker(still!);
  t.teardown(() => continueAll([still!]));
  const silent = await series(at, (each) => each.get('picosocks5_worker_up{worker="2"}') === 0);
  t.like(Object.fromEntries(silent), {
    'picosocks5_worker_up{worker="1"}': 1,
    picosocks5_accepted_total: 2,
    'picosocks5_bytes_total{direction="up"}': 300,
  });
});

test.serial('the page shows the sessions of all workers', async (t) => {
  const all = await crew(t, ['--page', 'anybody']);
  await eachWorker(all, async ({ worker }) => moved(all, 100 * worker));
  const picture = (await (await fetch(`http://127.0.0.1:${all.at}/page.json`)).json()) as Picture;
  t.like(picture, { matching: 2, status: { live: 2, totals: { accepted: 2, bytesUp: 300 } } });
  t.deepEqual(
    picture.sessions.map(({ up }) => up),
    [200, 100],
  );
});

test.serial(
  'accounts of all workers are one file of whole lines, whose sums are those of the quotas',
  async (t) => {
    const folder = temporaryFolder(t);
    const [file, users, state] = ['accounting', 'users', 'state'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(users, 'ann:secret\nbob:secret\n');
    const all = await crew(t, [
      ...['--accounting', file, '--accounting-interval', '100ms', '--state', state],
      ...['--auth', users, '--allow-plaintext', '--limit', 'user day=1G'],
    ]);
    const held: Wire[] = [];
    await eachWorker(all, async () => {
      held.push(await moved(all, 5, 'ann'));
      (await moved(all, 1001, 'bob')).socket.end();
    });
    await until(() => recordsOf(file).filter(({ record }) => record === 'interim').length >= 2);
    renameSync(file, `${file}.1`);
    t.is((await all.ctl('reload')).status, 0);
    for (const wire of held) {
      wire.send('678');
      await wire.take(3);
      wire.socket.end();
      await wire.rest();
    }
    all.daemon.signal('SIGTERM');
    t.is(await all.daemon.exited, 0);
    const records = [...recordsOf(`${file}.1`), ...recordsOf(file)];
    const sums = new Map<string, number>();
    for (const { user, moreUp, moreDown } of records)
      sums.set(String(user), (sums.get(String(user)) ?? 0) + Number(moreUp) + Number(moreDown));
    t.deepEqual(Object.fromEntries(sums), { ann: 2 * 2 * 8, bob: 2 * 2 * 1001 });
    const { parts } = JSON.parse(readFileSync(state, 'utf8')) as {
      parts: { usage: { scope: string; name: string; dayBytes: number }[] };
    };
    t.deepEqual(
      Object.fromEntries(
        parts.usage.filter(({ scope }) => scope === 'user').map(({ name, dayBytes }) => [name, dayBytes]),
      ),
      Object.fromEntries(sums),
    );
    const stops = records.filter(({ record }) => record === 'stop');
    t.is(new Set(stops.map(({ session }) => session)).size, 4);
    t.true(recordsOf(file).length >= 2, 'the new file has the last records');
    const { stdout, stderr } = await all.ctl('usage', 'user', 'month', '--csv', '--file', file);
    t.is(stderr, '');
    t.regex(stdout, /^\d{4}-\d\d,ann,2,16,16,32$/m);
    t.regex(stdout, /^\d{4}-\d\d,bob,2,2002,2002,4004$/m);
  },
);

const recordsOf = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
