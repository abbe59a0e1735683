// Users that no file has are users like any other: limits, quotas, bans, auth-once, groups and sections, over SOCKS and HTTP.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ava, { type ExecutionContext } from 'ava';
import { run } from '../support/commands.ts';
import { temporaryFolder, type Daemon } from '../support/daemon.ts';
import { steeredDaemon, type Steered } from '../support/pis5ctl.ts';
import { IS_ROOT } from '../support/root.ts';
import { BASE, needingSlapd, READER, startSlapd } from '../support/slapd.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough, greet } from '../support/socks.ts';
import { echoServer, webServer } from '../support/targets.ts';

const test = ava.serial;

/** ann and ben are in two groups, cid is in none; `secret` is right for each. The program cannot tell about bh. */
const PROGRAM = `#!/bin/sh
while read -r user password; do
  case "$user $password" in
    'ann secret' | 'ben secret') echo 'OK group=guests group=staff' ;;
    'cid secret') echo OK ;;
    bh*) echo BH ;;
    *) echo ERR ;;
  esac
done
`;

/** A daemon with these settings beside the program. */
async function start(t: ExecutionContext, settings: string): Promise<Steered> {
  const folder = temporaryFolder(t);
  const [program, file] = [join(folder, 'program'), join(folder, 'conf')];
  writeFileSync(program, PROGRAM, { mode: 0o755 });
  writeFileSync(file, `auth = helper:${program}\n${IS_ROOT ? 'user = nobody\n' : ''}${settings}`);
  return steeredDaemon(t, ['-c', file]);
}

async function enter(
  daemon: Daemon,
  target: number,
  user: string,
  from = '127.0.0.1',
): Promise<Wire | string> {
  const [name = '', password = 'secret'] = user.split(':');
  try {
    return await connectThrough(daemon.port, target, { user: name, password }, from);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Leaves at once. */
async function logIn(daemon: Daemon, target: number, user: string, from?: string): Promise<string> {
  const wire = await enter(daemon, target, user, from);
  if (typeof wire === 'string') return wire;
  wire.socket.destroy();
  return 'in';
}

/** Stays until the test is over. */
async function stay(t: ExecutionContext, daemon: Daemon, target: number, user: string): Promise<Wire> {
  const wire = await enter(daemon, target, user);
  if (typeof wire === 'string') throw new Error(`${user}: ${wire}`);
  t.teardown(() => wire.socket.destroy());
  return wire;
}

test('limits of users and of groups hold for them', async (t) => {
  const limits = 'limit = user sessions=2\nlimit = user:cid sessions=1\nlimit = group:staff sessions=3\n';
  const { daemon } = await start(t, limits);
  const echo = await echoServer(t);
  const [cid] = [await stay(t, daemon, echo, 'cid'), await stay(t, daemon, echo, 'ann')];
  t.is(await logIn(daemon, echo, 'cid'), 'REP 1');
  t.regex(await daemon.line(/ refused /), /why=LIMIT_REACHED .*user:cid sessions=1/);
  await stay(t, daemon, echo, 'ann');
  t.is(await logIn(daemon, echo, 'ann'), 'REP 1');
  await daemon.line(/ refused .*user sessions=2/);
  await stay(t, daemon, echo, 'ben');
  t.is(await logIn(daemon, echo, 'ben'), 'REP 1');
  t.regex(await daemon.line(/ refused .*user=ben/), /group:staff sessions=3/);
  cid.socket.end();
  await daemon.line(/ ended .*user=cid/);
  t.is(await logIn(daemon, echo, 'cid'), 'in');
});

test('a quota ends their sessions, and refuses the next', async (t) => {
  const { daemon } = await start(t, 'limit = user:cid day=100k\n');
  const echo = await echoServer(t);
  const wire = await stay(t, daemon, echo, 'cid');
  wire.send(Buffer.alloc(200_000));
  t.is(await wire.ending(), 'reset');
  await daemon.line(/ ended .*user=cid .*why=quota/);
  t.is(await logIn(daemon, echo, 'cid'), 'REP 1');
  t.is(await logIn(daemon, echo, 'ann'), 'in');
});

test('who guesses at them is banned, and the name is locked for others', async (t) => {
  const { daemon, ctl } = await start(t, 'ban-after = 3\nban-allow = 192.0.2.1\nauth-cache = 0\n');
  const echo = await echoServer(t);
  for (let time = 0; time < 3; time++)
    t.is(await logIn(daemon, echo, 'cid:wrong', '127.0.0.2'), 'login status 1');
  await daemon.line(/ warn banned client=127\.0\.0\.2 /);
  await daemon.line(/ warn banned user=cid /);
  t.is(await greet(daemon.port, '127.0.0.2'), 'reset');
  t.is(await logIn(daemon, echo, 'cid', '127.0.0.3'), 'login status 1', 'the name is locked');
  t.is(await logIn(daemon, echo, 'ann', '127.0.0.3'), 'in');
  t.regex((await ctl('bans')).stdout, /127\.0\.0\.2[^]*cid|cid[^]*127\.0\.0\.2/);
  t.is((await ctl('unban', '127.0.0.2')).status, 0);
  t.is((await ctl('unban', 'user=cid')).status, 0);
  t.is(await logIn(daemon, echo, 'cid', '127.0.0.2'), 'in');
});

test('auth-once remembers their address, over a reload, and nobody else’s', async (t) => {
  const { daemon } = await start(t, 'auth-once = 1h\n');
  const echo = await echoServer(t);
  t.is(await logIn(daemon, echo, 'bh', '127.0.0.2'), 'login status 1');
  t.is(await logIn(daemon, echo, 'ann:wrong', '127.0.0.2'), 'login status 1');
  t.is(await greet(daemon.port, '127.0.0.2'), '05ff');
  t.is(await logIn(daemon, echo, 'ann', '127.0.0.2'), 'in');
  t.is(await greet(daemon.port, '127.0.0.2'), '0500');
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  t.is(await greet(daemon.port, '127.0.0.2'), '0500');
  t.is(await greet(daemon.port, '127.0.0.3'), '05ff');
});

test('over HTTP: section, limit, ban, and a source that cannot tell', async (t) => {
  const settings = `limit = group:guests sessions=1
ban-after = 3
ban-allow = 192.0.2.1
[guests]
request = connect:*
[*]
request = !all:*
`;
  const { daemon } = await start(t, settings);
  const [echo, web] = [await echoServer(t), await webServer(t)];
  const fetched = async (login: string): Promise<string> => {
    const proxy = ['-x', `http://${login}@127.0.0.1:${daemon.port}`];
    const { stdout } = await run([
      ...['curl', '-s', '-m', '20', '-o', '/dev/null', '-w', '%{http_code}', ...proxy],
      `http://127.0.0.1:${web}/`,
    ]);
    return stdout;
  };
  t.is(await fetched('ann:secret'), '200');
  t.is(await fetched('cid:secret'), '403');
  t.is(await fetched('bh:x'), '503');
  const held = await stay(t, daemon, echo, 'ben');
  t.is(await fetched('ann:secret'), '429');
  await daemon.line(/ refused .*LIMIT_REACHED .*group:guests sessions=1/);
  held.socket.destroy();
  for (let time = 0; time < 3; time++) t.is(await fetched('ann:wrong'), '407');
  await daemon.line(/ warn banned client=127\.0\.0\.1 /);
  t.is(await fetched('ann:secret'), '000');
});

needingSlapd('groups of a directory have limits and sections', async (t) => {
  const folder = temporaryFolder(t);
  const [slapd, echo] = [await startSlapd(t), await echoServer(t)];
  const [file, secret] = [join(folder, 'conf'), join(folder, 'secret')];
  writeFileSync(secret, READER.password, { mode: 0o600 });
  writeFileSync(
    file,
    `auth = ldap:${slapd.url}
ldap-base = ${BASE}
ldap-group = (&(objectClass=groupOfNames)(member=%d))
ldap-bind = ${READER.dn}
ldap-password-file = ${secret}
limit = group:staff sessions=1
${IS_ROOT ? 'user = nobody\n' : ''}[staff]
request = connect:* user=alice
[*]
request = !all:*
`,
  );
  const { daemon } = await steeredDaemon(t, ['-c', file]);
  await stay(t, daemon, echo, 'alice');
  t.is(await logIn(daemon, echo, 'ALICE'), 'REP 1');
  t.regex(await daemon.line(/ refused .*LIMIT_REACHED/), /user=alice .*group:staff sessions=1/);
  t.is(await logIn(daemon, echo, 'b,ob'), 'REP 2');
});
