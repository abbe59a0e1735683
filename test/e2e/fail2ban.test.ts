// The filter and the jail of etc/fail2ban with the real fail2ban-regex, on what a real daemon logs about clients who choose
// their names so that somebody else would be banned.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { mustRun } from '../support/commands.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { newSocketPath, openLogSocket } from '../support/logsocket.ts';
import { dialWire } from '../support/sockets.ts';

const FILTER = fileURLToPath(new URL('../../etc/fail2ban', import.meta.url));

const GUILTY = ['127.0.0.2', '127.0.0.3', '::1'] as const;

/** Each would like somebody at 203.0.113.1 to be banned. */
const NAMES: readonly string[] = [
  'alice client=203.0.113.1:1 why=LOGIN_FAILED id=1',
  'x\nNov 21 07:34:00 host picosocks5[1]: login-failed client=203.0.113.1:1 why=LOGIN_FAILED id=1',
  'x\r\n2026-11-21T07:34:00.123+00:00 warn login-failed client=203.0.113.1:1 why=LOGIN_FAILED id=1',
  '" login-failed client=203.0.113.1:1 why=LOGIN_FAILED id=1 user="',
  '","event":"login-failed","pid":1,"client":"203.0.113.1:1","why":"LOGIN_FAILED"',
  'x\n{"time":"2026-11-21T07:34:00.123Z","level":"warn","event":"login-failed","pid":1,"client":"203.0.113.1:1","why":"LOGIN_FAILED"',
  '2001-01-01 00:00:00 warn login-failed client=203.0.113.1:1 why=LOGIN_FAILED ',
  'client=203.0.113.1:1',
  '\\" why=LOGIN_FAILED \u2028 login-failed client=203.0.113.1:1 why=LOGIN_FAILED ',
  '203.0.113.1',
  '<ADDR>',
];

/** Fails to log in as each of NAMES; SOCKS4 has no login, so what it calls itself must not count at all. */
async function attack({ ports }: Daemon): Promise<void> {
  for (const [at, name] of NAMES.entries()) {
    const from = GUILTY[at % GUILTY.length] ?? '';
    const [port = 0, host] = from === '::1' ? [ports[1], '::1'] : [ports[0], '127.0.0.1'];
    const user = Buffer.from(name);
    const login = await dialWire(port, host, from);
    login.send(Buffer.concat([Uint8Array.of(5, 1, 2, 1, user.length), user, Uint8Array.of(1, 0x78)]));
    await login.rest();
    login.socket.destroy();
    const socks4 = await dialWire(port, host, from);
    socks4.send(Buffer.concat([Buffer.from('040100507f000001', 'hex'), user, Uint8Array.of(0)]));
    await socks4.rest();
    socks4.socket.destroy();
  }
}

async function attackedDaemon(t: ExecutionContext, args: readonly string[]): Promise<Daemon> {
  const users = join(temporaryFolder(t), 'users');
  writeFileSync(users, await mustRun(['htpasswd', '-nbB', '-C', '4', 'alice', 'secret']));
  const daemon = await startDaemon(t, ['--auth', users, ...args], { listen: ['127.0.0.1:0', '[::1]:0'] });
  await attack(daemon);
  daemon.signal('SIGTERM');
  await daemon.exited;
  return daemon;
}

/** Whom fail2ban finds guilty, in the order of the lines. */
async function found(t: ExecutionContext, lines: readonly string[]): Promise<string[]> {
  const log = join(temporaryFolder(t), 'log');
  writeFileSync(log, lines.map((line) => `${line}\n`).join(''));
  const filter = join(FILTER, 'filter.d', 'picosocks5.conf');
  const output = await mustRun(['fail2ban-regex', '-o', 'ip', log, filter]);
  return output.split('\n').filter((line) => line !== '');
}

const EXPECTED = NAMES.map((_, at) => GUILTY[at % GUILTY.length]);

for (const format of ['text', 'json']) {
  withIpv6(`${format} on standard error: each failed login counts once, for who made it`, async (t) => {
    const { lines } = await attackedDaemon(t, ['--log-format', format, '--loglevel', 'debug']);
    t.deepEqual(await found(t, lines), EXPECTED);
    // As systemd hands it on.
    const inJournal = lines.map((line) => `Nov 21 07:34:00 host picosocks5[7]: ${line}`);
    t.deepEqual(await found(t, inJournal), EXPECTED);
  });

  withIpv6(`${format} in the system log: each failed login counts once, for who made it`, async (t) => {
    const path = newSocketPath();
    const socket = await openLogSocket(path, 'now');
    t.teardown(() => socket.close());
    const syslog = ['--logmode', 'combined', '--syslog', `unix:${path}`];
    await attackedDaemon(t, [...syslog, '--log-format', format]);
    await socket.until((record) => / stopped |"event":"stopped"/.test(record));
    // `<28>Nov 21 07:34:00 picosocks5[7]: ...` as log daemons write it to a file, in both of their usual forms.
    const traditional = socket.records.map((record) => record.replace(/^<\d+>(.{15})/, '$1 host'));
    t.deepEqual(await found(t, traditional), EXPECTED);
    const precise = socket.records.map((record) =>
      record.replace(/^<\d+>.{15}/, '2026-11-21T07:34:00.123456+00:00 host'),
    );
    t.deepEqual(await found(t, precise), EXPECTED);
  });
}

withIpv6('failed logins of one client count one by one beyond the retries of the jail', async (t) => {
  const [, retries] =
    /^maxretry = (\d+)$/m.exec(readFileSync(join(FILTER, 'jail.d', 'picosocks5.conf'), 'utf8')) ?? [];
  const users = join(temporaryFolder(t), 'users');
  writeFileSync(users, await mustRun(['htpasswd', '-nbB', '-C', '4', 'alice', 'secret']));
  const daemon = await startDaemon(t, ['--auth', users, '--ban-after', '0']);
  const guesses = Number(retries) + 10;
  for (let guess = 0; guess < guesses; guess++) {
    const wire = await dialWire(daemon.port, '127.0.0.1', '127.0.0.2');
    wire.send(Buffer.from('0501020101780178', 'hex'));
    await wire.rest();
    wire.socket.destroy();
  }
  daemon.signal('SIGTERM');
  await daemon.exited;
  t.deepEqual(
    await found(t, daemon.lines),
    Array.from({ length: guesses }, () => '127.0.0.2'),
  );
});

withIpv6('another fault, and the same text behind another name, are nobody’s guess', async (t) => {
  const line = 'login-failed client=192.0.2.1:5000 why=LOGIN_FAILED id=7 user=ann';
  const head = 'Nov 21 07:34:00 host';
  t.deepEqual(await found(t, [`${head} picosocks5[7]: ${line}`]), ['192.0.2.1']);
  t.deepEqual(
    await found(t, [
      `${head} picosocks5[7]: ${line.replace('LOGIN_FAILED', 'LOGIN_BUSY')}`,
      `${head} sshd[7]: ${line}`,
      `${head} sshd[7]: picosocks5[7]: ${line}`,
      `${head} picosocks5[7]: refused id=7 client=192.0.2.1:5000 why=LOGIN_FAILED`,
    ]),
    [],
  );
});

withIpv6('fail2ban takes the jail', async (t) => {
  const folder = temporaryFolder(t);
  cpSync('/etc/fail2ban', folder, { recursive: true });
  cpSync(FILTER, folder, { recursive: true });
  const dump = await mustRun(['fail2ban-client', '-c', folder, '-d']);
  t.regex(dump, /\['add', 'picosocks5', 'systemd'\]/);
  t.regex(dump, /'picosocks5', 'addfailregex'|'multi-set', 'picosocks5', 'addfailregex'/);
});
