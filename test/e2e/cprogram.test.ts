// An installation of PicoSOCKS5, the C program, as its manual describes it, served as it is.
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { mustRun } from '../support/commands.ts';
import { PROGRAM, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { connectThrough, greet } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const PIS5USER = join(dirname(PROGRAM), 'pis5user');

test('files and users of the C program: pis5user, groups, base, [*], include, old lines', async (t) => {
  const folder = temporaryFolder(t);
  const lines = await mustRun([PIS5USER, '-m', 'basic,chap', 'ann'], 'secret\nsecret\n');
  const base64 = (text: string): string => `$base64$${Buffer.from(text).toString('base64')}`;
  const users = [
    lines.replaceAll('ann::', 'ann:staff:').trimEnd(),
    `gus:guests:${base64('guest')}`,
    `old:${base64('two')}`,
  ];
  const files = {
    'authfile.txt': users.join('\n'),
    'picosocks5.conf': [
      'auth=password:authfile.txt',
      '; whoever has no group',
      'anonymous = 1',
      'network = 127.0.0.0/8',
      'request = all',
      'include = groups.conf',
      'timeout = 2.5',
    ].join('\n'),
    'groups.conf': [
      '[staff]',
      'request = connect:127.0.0.0/8',
      '[guests]',
      'base = staff',
      'network = !127.0.0.0/8',
      '[*]',
      'request = connect:192.0.2.0/24',
    ].join('\n'),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), `${text}\n`);
  chmodSync(join(folder, 'authfile.txt'), 0o640);
  const daemon = await startDaemon(t, ['-c', join(folder, 'picosocks5.conf'), '-v', 'notice']);
  const echo = await echoServer(t);
  (await connectThrough(daemon.port, echo, { user: 'ann', password: 'secret' })).socket.destroy();
  await t.throwsAsync(connectThrough(daemon.port, echo, { user: 'ann', password: 'wrong' }), {
    message: /status/,
  });
  await t.throwsAsync(connectThrough(daemon.port, echo, { user: 'gus', password: 'guest' }), {
    message: /status/,
  });
  await t.throwsAsync(connectThrough(daemon.port, echo, { user: 'old', password: 'two' }), {
    message: 'REP 2',
  });
  await t.throwsAsync(connectThrough(daemon.port, echo), { message: 'REP 2' });
  t.is(await greet(daemon.port, '127.0.0.1'), '0500', 'anonymous beside users');
  t.true(daemon.lines.some((line) => /authfile\.txt:4: warning: two fields/.test(line)));
});
