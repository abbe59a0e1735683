// Orders of pis5ctl to a daemon: kick, ban, forget, loglevel, reload and drain.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ava from 'ava';
import { steeredDaemon } from '../support/pis5ctl.ts';
import { connectThrough } from '../support/socks.ts';
import { transports } from '../support/transports.ts';
import { busyDaemon, parse, ONE } from '../support/busydaemon.ts';

/** One after the other: each has a daemon and some programs of its own. */
const test = ava.serial;

for (const { name } of transports) {
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
}

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
