// Users who are locked or have expired: what clients, the log and live sessions see of it, over each transport; and that
// real web servers read such a file as before.
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import ava, { type ExecutionContext } from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/sockets.ts';
import { pis5user } from '../support/pis5user.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';
import { needing } from '../support/needing.ts';

const test = ava.serial;

async function usersFile(folder: string): Promise<string> {
  const file = join(folder, 'users');
  for (const [at, user] of ['ann', 'bob', 'eve'].entries())
    await mustRun(['htpasswd', at === 0 ? '-cbB' : '-bB', '-C', '4', file, user, 'secret']);
  return file;
}

async function mark(...args: readonly string[]): Promise<void> {
  const { status, stderr } = await pis5user(args);
  if (status !== 0) throw new Error(stderr);
}

for (const { name } of transports) {
  test(`${name}: who is locked or has expired is told from a guesser in the log alone, and banned by nothing`, async (t) => {
    const users = await usersFile(temporaryFolder(t));
    const args = [
      '--transport',
      name,
      '-a',
      users,
      '--ban-after',
      '3',
      '--ban-allow',
      '192.0.2.1',
      '--recheck',
      'cut',
    ];
    const daemon = await startDaemon(t, args);
    const echo = await echoServer(t);
    const enter = (user: string, password = 'secret') =>
      connectThrough(daemon.port, echo, { user, password });
    const before = [await enter('ann'), await enter('bob'), await enter('eve')];
    t.teardown(() => before.forEach(({ socket }) => socket.destroy()));
    await mark('lock', users, 'ann');
    await mark('expire', users, 'bob', '2000-01-01');
    await mark('expire', users, 'eve', '9999-12-31');
    daemon.signal('SIGHUP');
    t.regex(await daemon.line(/ recheck /), /sessions=3 refused=2 action=cut$/);
    for (const wire of before.slice(0, 2)) t.is(await wire.ending(), 'reset');
    for (let attempt = 0; attempt < 4; attempt++) {
      await t.throwsAsync(enter('ann'), { message: 'login status 1' });
      t.regex(
        await daemon.line(/ login-failed /),
        /why=LOGIN_LOCKED id=\d+ user=ann text="the password is right/,
      );
    }
    await t.throwsAsync(enter('bob'), { message: 'login status 1' });
    t.regex(await daemon.line(/ login-failed /), /why=LOGIN_EXPIRED .*user=bob detail="since 2000-01-01"/);
    await t.throwsAsync(enter('ann', 'wrong'), { message: 'login status 1' });
    t.regex(await daemon.line(/ login-failed /), /why=LOGIN_FAILED .*user=ann/);
    (await enter('eve')).socket.destroy();
    await mark('unlock', users, 'ann');
    daemon.signal('SIGHUP');
    await daemon.line(/ reloaded /);
    await daemon.line(/ reloaded /);
    (await enter('ann')).socket.destroy();
  });
}

const MODULES = '/usr/lib/apache2/modules';
const apacheConf = (folder: string, port: number): string => {
  const load = (name: string) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so\n`;
  const modules = ['mpm_event', 'authn_core', 'authn_file', 'authz_core', 'authz_user', 'auth_basic'].map(
    load,
  );
  const demand = `AuthType Basic\nAuthName x\nAuthUserFile ${folder}/users\nRequire valid-user`;
  return (
    `${modules.join('')}Listen 127.0.0.1:${port}\nServerName x\nPidFile ${folder}/apache.pid\n` +
    `ErrorLog ${folder}/error.log\nDocumentRoot ${folder}/www\n<Directory ${folder}/www>\n${demand}\n</Directory>\n`
  );
};
const nginxConf = (folder: string, port: number): string =>
  `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;\nevents {}\n` +
  `http { access_log off; server { listen 127.0.0.1:${port}; root ${folder}/www;\n` +
  `auth_basic x; auth_basic_user_file ${folder}/users; } }\n`;

const SERVERS = [
  ['apache2', '/usr/sbin/apache2', apacheConf, ['-X', '-f']],
  ['nginx', '/usr/sbin/nginx', nginxConf, ['-c']],
] as const;

for (const [name, program, conf, flags] of SERVERS) {
  const withServer = needing(program, existsSync(program));
  withServer(`${name} lets everybody in whom it let in before lock and expire`, async (t) => {
    const folder = temporaryFolder(t);
    const users = await usersFile(folder);
    await mark('lock', users, 'ann');
    await mark('expire', users, 'bob', '2000-01-01');
    await mustRun(['mkdir', join(folder, 'www')]);
    writeFileSync(join(folder, 'www', 'page'), 'the page');
    const port = await freePort();
    const [file, log] = [join(folder, 'conf'), join(folder, 'error.log')];
    writeFileSync(file, conf(folder, port));
    const child = spawn(program, [...flags, file, ...(name === 'nginx' ? ['-e', log] : [])], {
      stdio: 'ignore',
    });
    t.teardown(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    const url = `http://127.0.0.1:${port}/page`;
    const get = (login: string) => curl(t, ['-u', login, url]);
    t.is(await get('ann:wrong'), '401');
    for (const user of ['ann', 'bob', 'eve']) t.is(await get(`${user}:secret`), '200', user);
  });
}

/** The status of a page; the server may still be starting. */
async function curl(t: ExecutionContext, args: readonly string[]): Promise<string> {
  const asked = ['curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', '--noproxy', '*'];
  const { stdout, stderr } = await run([
    ...asked,
    '--retry',
    '50',
    '--retry-delay',
    '1',
    '--retry-connrefused',
    ...args,
  ]);
  t.log(stderr);
  return stdout;
}
