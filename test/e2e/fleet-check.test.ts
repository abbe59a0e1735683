// The login at the store of a fleet: the ACL of docs/fleet.md is enough for a member, and --check says what is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, temporaryFolder } from '../support/daemon.ts';
import { steeredDaemon } from '../support/pis5ctl.ts';
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
