// metrics: what Prometheus reads of a daemon, and what nobody can do to it.
import { once } from 'node:events';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MEASURES } from '../../src/observe/measures.ts';
import { CREW_FAMILIES, DAEMON_FAMILIES, SERVER_FAMILIES } from '../../src/observe/figures/families.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { needing } from '../support/needing.ts';
import { CLOSED_PORT, dialWire, freePort, Wire } from '../support/sockets.ts';
import { readMetrics as read, series } from '../support/series.ts';
import { connectThrough, enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const HAS_PROMTOOL = spawnSync('promtool', ['--version']).status === 0;
const HAS_PROMETHEUS = spawnSync('prometheus', ['--version']).status === 0;
const withPromtool = needing('promtool', HAS_PROMTOOL);
const withPrometheus = needing('prometheus', HAS_PROMETHEUS);

const RULES = 'etc/prometheus/picosocks5.rules.yml';
const DASHBOARD = 'etc/grafana/picosocks5.json';
const DOCUMENT = 'docs/metrics.md';

interface Measured {
  readonly daemon: Daemon;
  readonly at: number;
}

async function measured(t: ExecutionContext, args: readonly string[] = []): Promise<Measured> {
  const at = await freePort();
  return { daemon: await startDaemon(t, ['--metrics', String(at), ...args]), at };
}

const users = (t: ExecutionContext): string => {
  const file = join(temporaryFolder(t), 'users');
  writeFileSync(file, 'mallory:right\n');
  return file;
};

test('sessions, refusals, logins, bytes and times are counted, and no client has a word in it', async (t) => {
  const { daemon, at } = await measured(t, ['--auth', users(t), '--allow-plaintext', '--anonymous']);
  const echo = await echoServer(t);
  const wire = await connectThrough(daemon.port, echo, { user: 'mallory', password: 'right' });
  wire.send('12345');
  await wire.take(5);
  await t.throwsAsync(enter(await dialWire(daemon.port), { user: 'mallory', password: 'wrong' }));
  await connectThrough(daemon.port, CLOSED_PORT).catch(() => undefined);
  const found = await series(
    at,
    (each) => each.get('picosocks5_refused_total{fault="CONNECTION_REFUSED"}') === 1,
  );
  const listener = `listener="127.0.0.1:${daemon.port}",version="socks5"`;
  t.like(Object.fromEntries(found), {
    picosocks5_accepted_total: 3,
    [`picosocks5_sessions_total{${listener}}`]: 3,
    'picosocks5_sessions{stage="relay"}': 1,
    'picosocks5_bytes_total{direction="up"}': 5,
    'picosocks5_bytes_total{direction="down"}': 5,
    'picosocks5_logins_total{result="ok",method="userpass"}': 1,
    'picosocks5_logins_total{result="LOGIN_FAILED",method="userpass"}': 1,
    'picosocks5_refused_total{fault="LOGIN_FAILED"}': 1,
    picosocks5_handshake_duration_seconds_count: 2,
    picosocks5_dial_duration_seconds_count: 1,
    'picosocks5_dial_duration_seconds_bucket{le="+Inf"}': 1,
    picosocks5_ready: 1,
    picosocks5_users: 1,
  });
  wire.socket.destroy();
  const after = await series(at, (each) => each.get('picosocks5_sessions{stage="relay"}') === 0);
  t.is(after.get('picosocks5_bytes_total{direction="up"}'), 5);
  t.notRegex(await read(at), /mallory|wrong/);
});

withPromtool('promtool finds nothing to say about the metrics, and takes the rules', async (t) => {
  const { daemon, at } = await measured(t);
  await enter(await dialWire(daemon.port));
  const [, body] = (await read(at)).split('\r\n\r\n');
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: body });
  t.deepEqual([checked.status, checked.stdout.toString() + checked.stderr.toString()], [0, '']);
  const rules = spawnSync('promtool', ['check', 'rules', RULES]);
  t.is(rules.status, 0, rules.stderr.toString());
});

withPrometheus(
  'Prometheus scrapes it, and the expressions of rules and dashboard mean something to it',
  async (t) => {
    const { at } = await measured(t);
    const folder = temporaryFolder(t);
    const port = await freePort();
    const scrape = `scrape_configs: [{job_name: picosocks5, static_configs: [{targets: ['127.0.0.1:${at}']}]}]`;
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n${scrape}\n`,
    );
    const child = spawn(
      'prometheus',
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    t.teardown(async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    const ask = async (query: string): Promise<{ status: string; data: { result: unknown[] } }> => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`);
      return (await answer.json()) as never;
    };
    const until = Date.now() + 60_000;
    for (;;) {
      const asked = await ask('up == 1 and on (instance) picosocks5_ready == 1').catch(() => undefined);
      if (asked?.data.result.length === 1) break;
      if (Date.now() > until) throw new Error(`not scraped: ${JSON.stringify(asked)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (const { targets } of (
      JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { panels: { targets: { expr: string }[] }[] }
    ).panels)
      for (const { expr } of targets) {
        const query = expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.+');
        t.is((await ask(query)).status, 'success', expr);
      }
  },
);

test('rules, dashboard and document name metrics that there are, and the document names all', (t) => {
  const names = [
    ...Object.values(MEASURES).map(({ metric }) => metric.name),
    ...[...SERVER_FAMILIES, ...DAEMON_FAMILIES, ...CREW_FAMILIES].map(({ name }) => name),
    ...[
      ...readFileSync('src/observe/figures/sessionfamilies.ts', 'utf8').matchAll(
        /(?:counter|histogram)\(\s*'(\w+)'/g,
      ),
    ].map(([, name = '']) => name),
  ];
  t.true(names.length > 20);
  const document = readFileSync(DOCUMENT, 'utf8');
  for (const name of names) t.regex(document, new RegExp(`picosocks5_${name}\\b`));
  for (const file of [RULES, DASHBOARD, DOCUMENT]) {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/picosocks5_([a-z_]+)/g))
      t.true(names.includes(name.replace(/_(bucket|sum|count)$/, '')), `${file}: ${name}`);
  }
});

test('a path is for the account alone, answers /ready as well, and goes with the daemon', async (t) => {
  const path = join(temporaryFolder(t), 'metrics');
  const daemon = await startDaemon(t, ['--metrics', path]);
  t.is(statSync(path).mode & 0o777, 0o600);
  const wire = new Wire(connect(path));
  wire.send('HEAD /ready HTTP/1.0\n\n');
  t.regex((await wire.rest()).toString(), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  daemon.signal('SIGTERM');
  t.is(await daemon.exited, 0);
  t.false(existsSync(path));
});

test('attack: readers that never ask, never read, or ask for too much keep nobody from the metrics', async (t) => {
  const { daemon, at } = await measured(t);
  const idle: Wire[] = [];
  for (let count = 0; count < 100; count++) {
    const wire = await dialWire(at);
    wire.send(count % 2 === 0 ? 'GET /metr' : 'GET /metrics HTTP/1.1\r\n');
    idle.push(wire);
  }
  t.regex(await read(at), /picosocks5_ready 1/);
  // All but the newest 32 have given way.
  await Promise.all(idle.slice(0, 60).map((wire) => wire.ending()));
  t.regex(await read(at, `GET / HTTP/1.1\r\nX: ${'x'.repeat(9000)}`), /^HTTP\/1\.1 400 /);
  t.regex(await read(at, 'GET /../../etc/passwd HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 404 /);
  t.regex(await read(at, 'DELETE /metrics HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 405 /);
  const open = (await series(at, () => true)).get('picosocks5_descriptors{kind="open"}') ?? Infinity;
  if (process.platform === 'linux') t.true(open < 32 + 100, String(open));
  t.deepEqual(
    daemon.lines.filter((line) => !/ started | running as root/.test(line)),
    [],
  );
});
