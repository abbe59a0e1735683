// The login at the store of a fleet: the ACL of docs/fleet.md is enough for a member, and --check says what is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../support/certificates.ts';
import { runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { steeredDaemon } from '../support/pis5ctl.ts';
import { freePort } from '../support/sockets.ts';
import { needingRedis, startStore } from '../support/store.ts';
import { statusOf, until } from '../support/workers.ts';

const ACL = /^user blue on .*$/m.exec(readFileSync('docs/fleet.md', 'utf8'))?.[0] ?? '';

needingRedis(
  'the account that docs/fleet.md describes can do all that a member does, and --check tries it',
  async (t) => {
    const folder = temporaryFolder(t);
    const [acl, login] = [join(folder, 'acl'), join(folder, 'login')];
    writeFileSync(acl, `user default off\n${ACL}\nuser reader on >other ~p5:{blue}:* -@all +@read +time\n`);
    const store = await startStore(t, ['--aclfile', acl]);
    const fleet = [
      '--fleet',
      'blue',
      '--fleet-name',
      'm1',
      '--fleet-store',
      store.url,
      '--fleet-auth',
      login,
    ];

    writeFileSync(login, 'blue:wrong\n');
    const wrong = await runProgram(['--check', ...fleet, '127.0.0.1:0']);
    t.regex(wrong.stderr, /fleet-store fails: WRONGPASS/);
    t.not(wrong.status, 0);
    writeFileSync(login, 'reader:other\n');
    t.regex(
      (await runProgram(['--check', ...fleet, '127.0.0.1:0'])).stderr,
      /fleet-store fails: NOPERM .*hdel/,
    );
    writeFileSync(login, 'blue:AN-ENDLESS-PASSWORD\n');
    t.is((await runProgram(['--check', ...fleet, '127.0.0.1:0'])).status, 0);

    const steered = await steeredDaemon(t, [
      ...fleet,
      '--ban-allow',
      '192.0.2.1',
      '--config-version',
      '7f3a91c',
    ]);
    const { daemon, ctl } = steered;
    await daemon.line(/ fleet-joined /);
    t.is((await ctl('ban', '127.0.0.9', '1h')).status, 0);
    // Several signs of life, with all that is looked after then.
    await until(async () => ((await statusOf(steered)).fleet?.sent ?? 0) > 5);
    t.is((await statusOf(steered)).fleet?.state, 'joined');
    t.false(daemon.lines.some((line) => line.includes('fleet-refused')));
    t.regex((await ctl('--fleet', 'status')).stdout, /m1 +serving .* 7f3a91c +joined/);

    await store.kill();
    t.regex(
      (await runProgram(['--check', ...fleet, '127.0.0.1:0'])).stderr,
      /fleet-store fails: .*ECONNREFUSED/,
    );
  },
);

needingRedis('a store over TLS is believed by its certificate alone', async (t) => {
  const [authority, other] = [createAuthority(), createAuthority()];
  const { certFile, keyFile } = authority.issue('DNS:localhost');
  const port = await freePort();
  await startStore(t, [
    ...['--tls-port', String(port), '--tls-auth-clients', 'no', '--tls-ca-cert-file', authority.file],
    ...['--tls-cert-file', certFile, '--tls-key-file', keyFile],
  ]);
  const fleet = (host: string, ca: string): readonly string[] => [
    ...['--fleet', 'blue', '--fleet-name', 'm1', '--fleet-zone', 'Pacific/Kiritimati'],
    ...['--fleet-store', `rediss://${host}:${port}`, '--fleet-ca', ca],
  ];
  const check = async (host: string, ca: string): Promise<string> =>
    (await runProgram(['--check', ...fleet(host, ca), '127.0.0.1:0'])).stderr;
  t.regex(await check('localhost', other.file), /fleet-store fails: .*(unable to verify|self.signed)/);
  t.regex(await check('127.0.0.1', authority.file), /fleet-store fails: .*altnames/);
  const daemon = await startDaemon(t, fleet('localhost', authority.file));
  await daemon.line(/ fleet-joined /);
});
