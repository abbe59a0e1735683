// pis5ctl against real daemons with real sessions, over each transport.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import ava from 'ava';
import { run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { pis5ctl, steeredDaemon } from '../support/pis5ctl.ts';
import { asRoot } from '../support/root.ts';
import { dialWire, Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';
import { busyDaemon, parse } from '../support/busydaemon.ts';

/** One after the other: each has a daemon and some programs of its own. */
const test = ava.serial;

for (const { name } of transports) {
  test(`${name}: status tells what there is`, async (t) => {
    const { ctl, daemon } = await busyDaemon(t, name);
    const { status, stdout } = await ctl('status');
    t.is(status, 0);
    for (const line of [
      new RegExp(`^version: +picosocks5 \\d+\\.\\d+\\.\\d+, pid ${daemon.pid}$`, 'm'),
      /^state: +serving for \d+s$/m,
      new RegExp(`^transport: +${name}$`, 'm'),
      new RegExp(`^listening on: +127\\.0\\.0\\.1:${daemon.port}$`, 'm'),
      /^sessions: +2 live \(1 connect, 0 bind, 0 assoc, 0 resolve\); 1 in the handshake$/m,
      /^bytes: +5 up, 5 down$/m,
      /^users: +1$/m,
      /^descriptors: +\d+ of /m,
      /^last reload: +none$/m,
    ]) {
      t.regex(stdout, line);
    }
    const json = parse((await ctl('--json', 'status')).stdout);
    t.like(json, {
      version: 1,
      ok: true,
      command: 'status',
      status: { live: 2, handshakes: 1, state: 'serving' },
    });
  });

  test(`${name}: sessions are listed, chosen and sorted`, async (t) => {
    const { ctl, echo } = await busyDaemon(t, name);
    const lines = (await ctl('sessions')).stdout.trimEnd().split('\n');
    t.regex(lines[0]!, /^ID +CLIENT +USER +CMD +AGE +UP +DOWN +DESTINATION$/);
    t.regex(lines[1]!, /^ 1 +127\.0\.0\.1:\d+ +- +- +\d+s +0 +0 +-$/);
    t.regex(
      lines[2]!,
      new RegExp(`^ 2 +127\\.0\\.0\\.1:\\d+ +alice +connect +\\d+s +5 +5 +127\\.0\\.0\\.1:${echo}$`),
    );
    const ids = async (...args: string[]): Promise<unknown> =>
      (parse((await ctl('--json', 'sessions', ...args)).stdout)['sessions'] as { id: number }[]).map(
        ({ id }) => id,
      );
    t.deepEqual(await ids(), [1, 2]);
    t.deepEqual(await ids('--sort', 'up'), [2, 1]);
    t.deepEqual(await ids('--sort=user'), [2, 1]);
    t.deepEqual(await ids('--user', 'alice'), [2]);
    t.deepEqual(await ids('--client', '127.0.0.0/8'), [1, 2]);
    t.deepEqual(await ids('--client', '10.0.0.0/8'), []);
    t.regex((await ctl('sessions', '--limit', '1')).stdout, /\nand 1 more \(--limit N\)\n$/);
  });
}

test('status tells which ways work, how many sessions they carry, and what went wrong last', async (t) => {
  const far = await startDaemon(t);
  const ways = `127.0.0.9 9/5 | 127.0.0.1 ${far.port}/5 | direct`;
  const { ctl, daemon } = await steeredDaemon(t, ['--route', `* any ${ways}`]);
  const table = async () => (await ctl('status')).stdout.split('\n\n')[1] ?? '';
  t.regex(await table(), /^WAY +STATE +FOR +SESSIONS +LAST FAILURE\n127\.0\.0\.9:9 +untried +- +0 +-\n/);
  const wire = await connectThrough(daemon.port, await echoServer(t));
  const refused = /"proxy 127\.0\.0\.9:9: connection refused"/;
  t.regex(
    await table(),
    new RegExp(`\n127\\.0\\.0\\.9:9 +down +\\ds +0 +\\ds ago: PROXY_UNREACHABLE, ${refused.source}\n`),
  );
  t.regex(
    await table(),
    new RegExp(`\n127\\.0\\.0\\.1:${far.port} +up +\\ds +1 +-\ndirect +untried +- +0 +-\n$`),
  );
  const json = parse((await ctl('--json', 'status')).stdout)['status'] as { ways: unknown[] };
  t.like(json.ways[0], {
    via: '127.0.0.9:9',
    state: 'down',
    sessions: 0,
    failure: { why: 'PROXY_UNREACHABLE' },
  });
  wire.socket.destroy();
  await daemon.line(/ ended /);
  t.regex(await table(), new RegExp(`\n127\\.0\\.0\\.1:${far.port} +up +\\ds +0 `));
});

test('a name that a client made up cannot give orders to the terminal', async (t) => {
  const { ctl, daemon } = await steeredDaemon(t);
  const echo = await echoServer(t);
  const wire = await dialWire(daemon.port);
  t.teardown(() => wire.socket.destroy());
  wire.send(
    Buffer.concat([Uint8Array.of(4, 1, echo >> 8, echo & 255, 127, 0, 0, 1), Buffer.from('\x1b[2J x\0')]),
  );
  await wire.take(8);
  const { stdout } = await ctl('sessions');
  t.true(stdout.includes('("\\u001b[2J x")'), stdout);
});

test('garbage and haste on the socket do no harm', async (t) => {
  const { path, ctl } = await steeredDaemon(t);
  const socket = connect(path);
  await once(socket, 'connect');
  const wire = new Wire(socket);
  wire.send(
    'GET / HTTP/1.1\n\n{"version":1,"command":"kick"}\n{"version":9}\n{"version":1,"command":"bans"}\n',
  );
  wire.socket.end();
  const answers = (await wire.rest()).toString().trimEnd().split('\n').map(parse);
  t.deepEqual(
    answers.map(({ ok, code }) => [ok, code]),
    [...Array.from({ length: 4 }, () => [false, 'bad-request']), [true, undefined]],
  );
  t.is((await ctl('status')).status, 0);
});

asRoot(
  'the socket belongs to the service account after a drop, and outlives it, in a chroot too',
  async (t) => {
    const folder = temporaryFolder(t);
    const jail = join(folder, 'jail');
    mkdirSync(jail);
    const { ctl, path, daemon } = await steeredDaemon(t, ['-u', 'nobody', '--chroot', jail], { folder });
    const { uid, gid, mode } = statSync(path);
    t.deepEqual([uid, gid, mode & 0o777], [65_534, 65_534, 0o600]);
    t.regex((await ctl('status')).stdout, /^account: +nobody$/m);
    // Neither may need /proc, which is not there.
    daemon.signal('SIGUSR1');
    await daemon.line(/ counters /);
    const other = ['setpriv', '--reuid=2', '--regid=2', '--clear-groups'];
    const refused = await run([...other, 'bin/pis5ctl', '--control', path, 'status']);
    t.is(refused.status, 77, refused.stderr);
    t.regex(refused.stderr, /it is for root and the account of the daemon; try sudo/);
    daemon.signal('SIGTERM');
    t.is(await daemon.exited, 0);
    t.true(
      daemon.lines.some((line) =>
        / stopped .*left the control socket .* the next start replaces it/.test(line),
      ),
    );
    await steeredDaemon(t, [], { folder });
  },
);

test('a second daemon does not take the socket of a living one', async (t) => {
  const { path, ctl } = await steeredDaemon(t);
  await t.throwsAsync(startDaemon(t, ['--control', path]), {
    message: /ended with 71:[^]*another daemon listens/,
  });
  t.is((await ctl('status')).status, 0);
});

test('a path that is too long for a socket is an error of the configuration', (t) => {
  const { status, stderr } = spawnSync('bin/picosocks5', ['--check', '--control', `/${'x'.repeat(99)}`]);
  t.is(status, 64);
  t.regex(stderr.toString(), /too long for a socket: 99 bytes at most/);
});

const USAGE: readonly (readonly [string, RegExp])[] = [
  ['', /no command given; one of: status, sessions/],
  ['sesions', /unknown command "sesions"; did you mean "sessions"\?/],
  ['status --jsno', /unknown option --jsno; did you mean "--json"\?/],
  ['--control', /--control needs a value/],
  ['--json=yes status', /--json takes no value/],
  ['status now', /status: too many arguments: "now"/],
  ['status --sort id', /status does not know the option --sort/],
  ['sessions --sort size', /--sort size: not id, age, up, down, client or user/],
  ['sessions --client host', /"host" is neither an IP address nor ADDRESS\/BITS/],
  ['sessions --limit 0', /--limit 0: not a number from 1 to 10000/],
  ['kick', /kick: which\? ID, user=NAME or client=/],
  ['kick alice', /kick: "alice" is no number of a session, nor user=NAME/],
  ['ban 10.0.0.0/33', /ban: "10\.0\.0\.0\/33" is neither an IP address nor ADDRESS\/BITS/],
  ['ban ::/0', /ban: "::\/0" is everybody/],
  ['unban host', /unban: "host" is neither an IP address nor ADDRESS\/BITS/],
  ['ban 10.0.0.1 0', /ban: "0" is not a time of a second or more/],
  ['unban id=3', /unban: sessions are not banned/],
  ['loglevel loud', /loglevel: "loud" is not err, warn/],
  ['top --json', /top has no --json; sessions has/],
];

for (const [line, message] of USAGE) {
  test(`"pis5ctl ${line}" ends with 64 and says why`, async (t) => {
    const { status, stderr } = await pis5ctl(...line.split(' ').filter((word) => word !== ''));
    t.is(status, 64);
    t.regex(stderr, message);
    t.regex(stderr, /Try "pis5ctl --help"\.\n$/);
  });
}

test('--help and --version answer without a daemon', async (t) => {
  t.regex((await pis5ctl('--help')).stdout, /^Usage: pis5ctl /);
  t.regex((await pis5ctl('-V')).stdout, /^pis5ctl \(picosocks5\) \d+\.\d+\.\d+\n$/);
});
