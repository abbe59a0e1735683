// Logins by a directory, as an operator has them: root is dropped, the daemon confined, the password of the search readable for root only.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ava from 'ava';
import { createAuthority } from '../support/certificates.ts';
import { mustRun } from '../support/commands.ts';
import { runProgram, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { needing } from '../support/needing.ts';
import { steeredDaemon } from '../support/pis5ctl.ts';
import { IS_ROOT } from '../support/root.ts';
import { BASE, needingSlapd, READER, startSlapd } from '../support/slapd.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const LDAP_AUTH = '/usr/lib/squid/basic_ldap_auth';
const AS_NOBODY = IS_ROOT ? 'user = nobody\n' : '';

async function logIn({ port }: Daemon, target: number, user: string, password = 'secret'): Promise<string> {
  try {
    (await connectThrough(port, target, { user, password })).socket.destroy();
    return 'in';
  } catch (error) {
    return (error as Error).message;
  }
}

needingSlapd('its users have names and groups; while it is down the next source is not asked', async (t) => {
  const authority = createAuthority();
  const [slapd, folder] = [await startSlapd(t, authority), temporaryFolder(t)];
  const [file, secret, users] = ['conf', 'secret', 'users'].map((name) => join(folder, name));
  writeFileSync(secret!, `${READER.password}\n`, { mode: 0o600 });
  await mustRun(['htpasswd', '-bcB', '-C', '5', users!, 'alice', 'old one']);
  writeFileSync(
    file!,
    `auth = ldap:${slapd.secureUrl}
auth = ${users!}
auth-cache = 0
ldap-base = ${BASE}
ldap-user-filter = (&(objectClass=inetOrgPerson)(uid=%u))
ldap-group = memberOf
ldap-bind = ${READER.dn}
ldap-password-file = ${secret!}
ldap-ca = ${authority.file}
${AS_NOBODY}[staff]
request = connect:*
[*]
request = !all:*
`,
  );
  t.like(await runProgram(['--check', '-c', file!, '127.0.0.1:0']), { status: 0, stderr: '' });
  const { daemon, ctl } = await steeredDaemon(t, ['-c', file!]);
  const echo = await echoServer(t);
  t.is(await logIn(daemon, echo, 'ALICE'), 'in');
  t.regex(await daemon.line(/ ended /), / user=alice /);
  t.is(await logIn(daemon, echo, 'b,ob'), 'REP 2', 'who is in no group is of the section [*]');
  for (const [user, password] of [
    ['alice', 'wrong'],
    ['alice', 'old one'],
    ['*', 'secret'],
    ['alice', ''],
  ] as const)
    t.is(await logIn(daemon, echo, user, password), 'login status 1');
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  t.is(await logIn(daemon, echo, 'alice'), 'in');
  await slapd.kill();
  t.is(
    await logIn(daemon, echo, 'alice', 'old one'),
    'login status 1',
    'what the file knows does not count now',
  );
  t.regex(await daemon.line(/ refused .*why=LOGIN_UNAVAILABLE/), /ECONNREFUSED/);
  t.regex((await ctl('status')).stdout, /ldap:ldaps:\S+ +down .*ECONNREFUSED/);
  const check = await runProgram(['--check', '-c', file!, '127.0.0.1:0']);
  t.is(check.status, 71);
  t.regex(check.stderr, /auth = ldap:ldaps:\S+ fails: ldaps:\S+: connect ECONNREFUSED/);
});

ava('what it lacks is told before the start', async (t) => {
  const start = async (...args: readonly string[]) =>
    runProgram(['--nofork', '--auth', 'ldap:ldap://127.0.0.1:1', ...args, '127.0.0.1:0']);
  for (const [args, why] of [
    [[], /ldap-base has to say where users are searched/],
    [['--ldap-base', BASE, '--ldap-user-filter', '(uid=%u*)'], /may stand as the value of an equality only/],
    [['--ldap-base', BASE, '--ldap-user-filter', '(uid=alice)'], /finds the same entry for everybody/],
    [['--ldap-base', BASE, '--ldap-bind', READER.dn], /say nothing without each other/],
    [['--ldap-base', BASE, '--ldap-ca', '/nowhere'], /cannot read \/nowhere: no such file/],
  ] as const) {
    const { status, stderr } = await start(...args);
    t.is(status, 78);
    t.regex(stderr, why);
  }
});

needing('squid and slapd', existsSync(LDAP_AUTH) && existsSync('/usr/sbin/slapd'))(
  'basic_ldap_auth of squid says who is right; that a password is wrong it does not say',
  async (t) => {
    const { url } = await startSlapd(t);
    const auth = `helper:${LDAP_AUTH} -b ${BASE} -f uid=%s -D ${READER.dn} -w ${READER.password} -H ${url}`;
    const daemon = await startDaemon(t, ['--auth', auth, ...(IS_ROOT ? ['-u', 'nobody'] : [])]);
    t.is(await logIn(daemon, await echoServer(t), 'alice'), 'in');
    t.is(await logIn(daemon, 9, 'alice', 'wrong'), 'login status 1');
    t.regex(await daemon.line(/ refused /), /why=LOGIN_UNAVAILABLE .*could not tell: Success/);
  },
);
