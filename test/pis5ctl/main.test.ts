// pis5ctl against real daemons with real sessions, over each transport.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import ava, { type ExecutionContext } from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { onTerminal, pis5ctl, steeredDaemon, type Steered } from '../support/pis5ctl.ts';
import { asRoot } from '../support/root.ts';
import { dialWire, Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';

/** One after the other: each has a daemon and some programs of its own. */
const test = ava.serial;

interface Busy extends Steered {
  /** A session of alice, which has moved 5 bytes each way. */
  readonly alice: Wire;
  /** A session without a name, in the handshake. */
  readonly stranger: Wire;
  readonly echo: number;
}

async function busyDaemon(t: ExecutionContext, transport: string): Promise<Busy> {
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

const parse = (stdout: string) => JSON.parse(stdout) as Record<string, unknown>;

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

  test(`${name}: kick ends a session by its user, and a handshake by its number; the record says so`, async (t) => {
    const { ctl, daemon, alice, stranger } = await busyDaemon(t, name);
    t.deepEqual(await ctl('kick', 'user=alice'), { status: 0, stdout: 'ended one session\n', stderr: '' });
    t.regex(await daemon.line(/ ended id=2 /), /user=alice .* up=5 down=5 .* why=kicked$/);
    t.is(await alice.ending(), 'reset');
    t.is((await ctl('kick', '1')).stdout, 'ended one session\n');
    t.regex(await daemon.line(/ refused id=1 /), /why=KICKED/);
    await stranger.rest();
    t.deepEqual(await ctl('kick', 'client=127.0.0.1'), {
      status: 1,
      stdout: 'no such session\n',
      stderr: '',
    });
  });

  test(`${name}: ban turns newcomers away until unban; live sessions stay`, async (t) => {
    const { ctl, daemon, alice, echo } = await busyDaemon(t, name);
    const login = { user: 'alice', password: 'one' };
    const banned = await ctl('ban', '127.0.0.1', '10m');
    t.regex(banned.stdout, /^127\.0\.0\.1 is banned for 10m00s\nit still has 2 sessions: /);
    t.regex((await ctl('bans')).stdout, /^BANNED +STILL FOR\n127\.0\.0\.1 +(10m00s|9m\d\ds)\n$/);
    await t.throwsAsync(connectThrough(daemon.port, echo, login));
    alice.send('still');
    t.is((await alice.take(5)).toString(), 'still');
    t.is((await ctl('unban', '127.0.0.1')).stdout, '127.0.0.1 is banned no longer\n');
    const exempt = await ctl('ban', '192.0.2.1');
    t.is(exempt.status, 1);
    t.regex(exempt.stdout, /^192\.0\.2\.1 is banned for 1h00m, without effect: ban-allow lists the address/);
    t.deepEqual(await ctl('unban', '127.0.0.1'), {
      status: 1,
      stdout: '127.0.0.1 was not banned\n',
      stderr: '',
    });
    (await connectThrough(daemon.port, echo, login)).socket.destroy();
  });

  test(`${name}: ban and unban take blocks, tell what ban-allow lets in, and of which block an address is a part`, async (t) => {
    const { ctl, daemon, alice, echo } = await busyDaemon(t, name);
    const login = { user: 'alice', password: 'one' };
    const banned = await ctl('ban', '127.0.0.99/8', '10m');
    t.regex(
      banned.stdout,
      /^127\.0\.0\.0\/8 is banned for 10m00s\nit still has 2 sessions: "pis5ctl kick client=127\.0\.0\.0\/8"/,
    );
    t.regex((await ctl('bans')).stdout, /\n127\.0\.0\.0\/8 +(10m00s|9m\d\ds)\n$/);
    await t.throwsAsync(connectThrough(daemon.port, echo, login));
    alice.send('still');
    t.is((await alice.take(5)).toString(), 'still');
    const alone = await ctl('unban', '127.0.0.1');
    t.is(alone.status, 1);
    t.is(alone.stdout, '127.0.0.1 was not banned by itself, but is kept out as a part of 127.0.0.0/8\n');
    const spared = await ctl('--json', 'ban', '192.0.2.0/24');
    t.like(JSON.parse(spared.stdout), { name: '192.0.2.0/24', exempt: false, spared: ['192.0.2.1/32'] });
    t.regex((await ctl('ban', '192.0.2.0/24')).stdout, /\nbut ban-allow lets in 192\.0\.2\.1\/32\n$/);
    t.is((await ctl('unban', '127.0.0.0/8')).stdout, '127.0.0.0/8 is banned no longer\n');
    (await connectThrough(daemon.port, echo, login)).socket.destroy();
  });

  test(`${name}: forget makes a client that auth-once knows log in again`, async (t) => {
    const { ctl, daemon, echo } = await busyDaemon(t, name);
    (await connectThrough(daemon.port, echo)).socket.destroy();
    t.is((await ctl('forget', '127.0.0.1')).stdout, '127.0.0.1 has to log in again\n');
    await t.throwsAsync(connectThrough(daemon.port, echo));
    t.deepEqual(await ctl('forget', '2001:db8::/64'), {
      status: 1,
      stdout: '2001:db8::/64 was not known to auth-once\n',
      stderr: '',
    });
  });

  test(`${name}: top on a terminal draws, sorts, follows and leaves the terminal as it was`, async (t) => {
    const { path, alice } = await busyDaemon(t, name);
    const top = onTerminal(t, ['--control', path, 'top'], { columns: 72, rows: 6 });
    const first = await top.shows(/alice/);
    t.true(first.includes('\x1b[?1049h\x1b[?25l'));
    t.regex(first, /2 shown by down; sort by/);
    const drawn = first.slice(first.indexOf('\x1b[H') + 3).split('\r\n');
    t.true(drawn.length <= 6, first);
    // eslint-disable-next-line no-control-regex
    for (const line of drawn) t.true(line.replaceAll(/\x1b\[[?\d]*[A-Za-z]|\r/g, '').length <= 72, line);
    alice.send('x'.repeat(50_000));
    await alice.take(50_000);
    await top.shows(/49K +49K/);
    top.type('n');
    await top.shows(/2 shown by user/);
    top.type('c');
    await top.shows(/1-1 of 2: 0 above, 1 below/);
    top.type('\x1b[B');
    await top.shows(/2-2 of 2: 1 above, 0 below/);
    top.type('jk');
    await top.shows(/1-1 of 2: 0 above, 1 below/);
    top.type('q');
    const { status, output } = await top.ended;
    t.is(status, 0, output);
    t.true(output.trimEnd().endsWith('\x1b[?25h\x1b[?1049l'), JSON.stringify(output.slice(-80)));
  });
}

const ONE = transports[0]!.name;

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

test('reload waits and tells how it went, with the problems', async (t) => {
  const { ctl, folder, daemon } = await busyDaemon(t, ONE);
  t.deepEqual(await ctl('reload'), {
    status: 0,
    stdout: 'reloaded; 0 live sessions refused now: cut\n',
    stderr: '',
  });
  const config = join(folder, 'picosocks5.conf');
  const before = readFileSync(config, 'utf8');
  writeFileSync(config, 'maxcon = 5\n');
  const failed = await ctl('reload');
  t.is(failed.status, 1);
  t.regex(failed.stdout, /picosocks5\.conf:1: .*maxcon.*\n.*nothing was changed\nnot reloaded\n$/);
  t.regex((await ctl('status')).stdout, /^last reload: +\S+, FAILED: the configuration has errors; nothing/m);
  writeFileSync(config, before.replace('cut', 'drain=1h'));
  t.is((await ctl('reload')).stdout, 'reloaded; 0 live sessions refused now: drain=3600s\n');
  writeFileSync(config, `${before}user = bin\n`);
  t.regex(
    (await ctl('reload')).stdout,
    /^user was changed, but takes effect only at the next start\nreloaded/,
  );
  t.like(parse((await ctl('--json', 'reload')).stdout), { ok: true, reload: { reloaded: true } });
  t.is(daemon.lines.filter((line) => / control command=reload/.test(line)).length, 5);
});

test('loglevel holds until the next reload', async (t) => {
  const { ctl, daemon, echo } = await busyDaemon(t, ONE);
  t.is((await ctl('loglevel', 'debug')).status, 0);
  (await connectThrough(daemon.port, echo, { user: 'alice', password: 'one' })).socket.destroy();
  await daemon.line(/ accepted id=3 /);
  t.regex((await ctl('status')).stdout, /^log level: +debug$/m);
  await ctl('reload');
  t.regex((await ctl('status')).stdout, /^log level: +info$/m);
});

test('drain lets sessions go on, is told once, and the daemon ends with them', async (t) => {
  const { ctl, daemon, alice, stranger } = await busyDaemon(t, ONE);
  stranger.socket.destroy();
  await daemon.line(/ refused id=1 /);
  t.is((await ctl('drain')).stdout, 'draining: one session left, cut after 30s\n');
  const again = await ctl('drain');
  t.deepEqual([again.status, again.stderr], [1, 'pis5ctl: the daemon is stopping already\n']);
  t.regex((await ctl('status')).stdout, /^state: +draining/m);
  alice.send('last');
  t.is((await alice.take(4)).toString(), 'last');
  alice.socket.end();
  t.is(await daemon.exited, 0);
  const gone = await ctl('status');
  t.is(gone.status, 69);
  t.regex(gone.stderr, /there is no control socket .*: start picosocks5 with "control = /);
});

test('the answer to drain arrives although no session is left', async (t) => {
  const { ctl, daemon } = await steeredDaemon(t);
  t.is((await ctl('drain')).stdout, 'draining: 0 sessions left, cut after 30s\n');
  t.is(await daemon.exited, 0);
});

test('top without a terminal prints one picture', async (t) => {
  const { ctl } = await busyDaemon(t, ONE);
  const { status, stdout } = await ctl('top');
  t.is(status, 0);
  t.regex(
    stdout,
    /^picosocks5 .*\n2 sessions, 1 in the handshake; .*\n2 shown by down.*\n\n.*UP\/s +DOWN\/s.*\n.*alice/,
  );
  t.false(stdout.includes('\x1b'));
});

test('top ends with a word when the daemon does, and leaves the terminal as it was', async (t) => {
  const { path, daemon } = await steeredDaemon(t);
  const top = onTerminal(t, ['--control', path, 'top']);
  await top.shows(/0 sessions/);
  daemon.signal('SIGTERM');
  const { status, output } = await top.ended;
  t.is(status, 69);
  t.regex(output, /\[\?1049l[^]*the daemon at .* has gone/);
  t.false(output.includes('ECHO-IS-OFF'));
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
