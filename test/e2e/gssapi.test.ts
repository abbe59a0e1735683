// Logins with tickets of Kerberos: a real KDC, the library of MIT as client, and Debian's curl.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { run } from '../support/commands.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { gssClient, pausedClient } from '../support/gssclient.ts';
import { HAS_KERBEROS, REALM, startKdc, withKerberosInTurn, type Kdc } from '../support/kdc.ts';
import { pis5user } from '../support/pis5user.ts';
import { openScope, type Scope } from '../support/scope.ts';
import { dialWire } from '../support/sockets.ts';
import { greet } from '../support/socks.ts';
import { echoServer, webServer } from '../support/targets.ts';

const BULK = 300_000;

const scope = openScope();
let kdc: Kdc;
/** With default settings, and without other users. */
let daemon: Daemon;
if (HAS_KERBEROS) {
  test.before(async () => {
    kdc = await startKdc(scope);
    daemon = await start(scope, '-v', 'debug');
  });
}
test.after.always(() => scope.close());

function start(t: Scope, ...args: readonly string[]): Promise<Daemon> {
  return startDaemon(t, ['--gssapi-keytab', kdc.keytab, ...args], { env: kdc.env });
}

for (const level of [0, 1, 2]) {
  withKerberosInTurn(
    `at level ${level} what a client of MIT sends comes back, and so does its FIN`,
    async (t) => {
      const target = await echoServer(t);
      const seen = await gssClient(kdc.env, { port: daemon.port, level, target, bytes: BULK });
      t.deepEqual(seen, { method: 1, plain: false, level, rep: 0, same: true, fin: true });
      t.regex(await daemon.line(/ ended /), new RegExp(`user="?alice@${REALM}"? .*up=${BULK} down=${BULK}`));
    },
  );
}

withKerberosInTurn('the octet of NEC is answered in its own form, and protects all the same', async (t) => {
  const target = await echoServer(t);
  const seen = await gssClient(kdc.env, { port: daemon.port, level: 2, nec: true, target, bytes: 1000 });
  t.deepEqual(seen, { method: 1, plain: true, level: 2, rep: 0, same: true, fin: true });
});

withKerberosInTurn('level 3 is answered by 2; tiny and empty frames pass', async (t) => {
  const target = await echoServer(t);
  const seen = await gssClient(kdc.env, { port: daemon.port, level: 3, target, bytes: 200, tiny: true });
  t.deepEqual(seen, { method: 1, plain: false, level: 2, rep: 0, same: true, fin: true });
});

withKerberosInTurn(
  'a client without sequence numbers, as curl is, gets level 0 where it asks for 2',
  async (t) => {
    const target = await echoServer(t);
    const curl = { port: daemon.port, level: 2, sequence: false, target };
    const seen = await gssClient(kdc.env, curl);
    t.deepEqual(seen, { method: 1, plain: false, level: 0, rep: 0, same: true, fin: true });
    t.is((await gssClient(kdc.env, { ...curl, nec: true })).level, 0);
  },
);

withKerberosInTurn(
  'a ticket for the service by its principal, and a target that does not listen',
  async (t) => {
    const seen = await gssClient(kdc.env, {
      port: daemon.port,
      level: 1,
      service: `rcmd/localhost@${REALM}`,
      target: 1,
    });
    t.deepEqual(seen, { method: 1, plain: false, level: 1, rep: 5 });
  },
);

withKerberosInTurn(
  'UDP ASSOCIATE is refused with 07 where messages are protected, and there only',
  async (t) => {
    t.is((await gssClient(kdc.env, { port: daemon.port, level: 1, command: 3, target: 0 })).rep, 7);
    t.regex(await daemon.line(/why=COMMAND_UNSUPPORTED/), /datagrams would go in clear/);
    const client = await dialWire(daemon.port);
    t.teardown(() => client.socket.destroy());
    t.is((await gssClient(kdc.env, { port: daemon.port, level: 0, command: 3, target: 0, bytes: 0 })).rep, 0);
  },
);

withKerberosInTurn('a client that leaves when GSSAPI is chosen is told apart in the log', async (t) => {
  const wire = await dialWire(daemon.port);
  wire.send(Uint8Array.of(5, 2, 0, 1));
  t.is((await wire.take(2)).toString('hex'), '0501');
  wire.socket.end();
  t.regex(await daemon.line(/why=CLIENT_CLOSED.*offers GSSAPI/), /--socks5-basic/);
});

withKerberosInTurn(
  'curl of Debian, which offers GSSAPI with everything, is served by the other methods',
  async (t) => {
    const users = join(temporaryFolder(t), 'users');
    await pis5user(['add', '-c', users, 'alice'], 'secret');
    const web = await webServer(t);
    const both = await start(t, '--auth', users, '--anonymous');
    const curl = (...args: readonly string[]) =>
      run([
        'curl',
        '-sS',
        '-m',
        '20',
        ...args,
        '-x',
        `socks5://127.0.0.1:${both.port}`,
        `http://127.0.0.1:${web}/x`,
      ]);
    t.like(await curl('-U', 'alice:secret'), { status: 0, stdout: 'hello from /x' });
    t.like(await curl(), { status: 0, stdout: 'hello from /x' });
  },
);

withKerberosInTurn(
  'without its realm alice is the user of the files: group, rules, lock; a password still does',
  async (t) => {
    const folder = temporaryFolder(t);
    const users = join(folder, 'users');
    for (const name of ['alice', 'carol'])
      t.is((await pis5user(['add', '-c', '-g', 'staff', users, name], 'secret')).status, 0);
    t.is((await pis5user(['lock', users, 'carol'])).status, 0);
    const config = join(folder, 'conf');
    writeFileSync(config, '[*]\nrequest = !all:*\n[staff]\nrequest = all:127.0.0.1\n');
    const target = await echoServer(t);
    const web = await webServer(t);
    const options = [
      '--gssapi-realm',
      REALM,
      '--gssapi-protection',
      'integrity',
      '--method-order',
      'client',
      '-c',
      config,
    ];
    const { port, line } = await start(t, '--auth', users, ...options);
    t.like(await gssClient(kdc.env, { port, target }), { level: 1, rep: 0, same: true });
    t.regex(await line(/ ended /), /user="?alice"? /);
    t.is((await gssClient(kdc.login('bob'), { port, target })).rep, 2);
    t.true((await gssClient(kdc.login('carol'), { port, target })).refused);
    t.regex(await line(/login-failed/), /why=LOGIN_LOCKED .*user="?carol/);
    // In the order of this client GSSAPI stands before a password.
    const proxy = ['-x', `socks5://127.0.0.1:${port}`, '-U', 'alice:secret'];
    t.like(await run(['curl', '-sS', '-m', '20', ...proxy, `http://127.0.0.1:${web}/x`]), {
      status: 0,
      stdout: 'hello from /x',
    });
  },
);

withKerberosInTurn(
  'limits of users and groups hold for them, and auth-once remembers their address',
  async (t) => {
    const users = join(temporaryFolder(t), 'users');
    await pis5user(['add', '-c', '-g', 'staff', users, 'alice'], 'secret');
    const target = await echoServer(t);
    const { port, line } = await start(
      t,
      ...['--auth', users, '--gssapi-realm', REALM, '--auth-once=1h'],
      ...['--limit', 'user sessions=1', '--limit', 'group:staff sessions=1'],
    );
    t.is(await greet(port, '127.0.0.1'), '05ff');
    const held = await pausedClient(kdc.env, { port, level: 2, target, bytes: 1000 });
    t.is((await gssClient(kdc.env, { port, level: 1, target })).rep, 1);
    t.regex(await line(/ refused .*LIMIT_REACHED/), /user=alice .*(user|group:staff) sessions=1/);
    t.is((await gssClient(kdc.login('erin'), { port, level: 1, target })).rep, 0);
    t.like(await held.goOn(), { same: true, fin: true });
    t.is(await greet(port, '127.0.0.1'), '0500');
  },
);
