// --convert as it is typed, and --check of what it prints. The test of an alias needs root, for a host with one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { run } from '../support/commands.ts';
import { PROGRAM, runProgram, temporaryFolder } from '../support/daemon.ts';
import { asRoot } from '../support/root.ts';

test('picosocks5 --convert danted FILE prints a configuration, and tells what it had to leave', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'danted.conf');
  writeFileSync(
    file,
    [
      'logoutput: stderr',
      'internal: 127.0.0.1 port = 1080',
      'external: 127.0.0.1',
      'socksmethod: none',
      'srchost: nodnsmismatch',
      'client pass { from: 127.0.0.0/8 to: 0/0 }',
      'socks pass { from: 0/0 to: 0/0 }',
    ].join('\n'),
  );
  const converted = await runProgram(['--convert', 'danted', file]);
  t.is(converted.status, 1);
  t.true(converted.stderr.startsWith(`picosocks5: ${file}:5: srchost: `), converted.stderr);
  const config = join(folder, 'picosocks5.conf');
  writeFileSync(config, converted.stdout);
  t.like(await runProgram(['--check', '-c', config]), { status: 0, stdout: 'the configuration is valid\n' });
  t.is((await runProgram(['-c', config, '--explain', 'client=127.0.0.1 connect 192.0.2.1:80'])).status, 0);
  t.is((await runProgram(['--convert', 'danted', join(folder, 'none.conf')])).status, 78);
});

asRoot('an alias of an interface is listened at by its address alone', async (t) => {
  const file = join(temporaryFolder(t), 'danted.conf');
  writeFileSync(file, 'internal: lo:0 port = 20161\nexternal: lo:0\nclient pass { from: 0/0 to: 0/0 }\n');
  const alias = 'ip link set lo up; ip address add 127.0.0.44/8 dev lo label lo:0; exec "$@"';
  const { stdout } = await run([
    'unshare',
    '--net',
    'sh',
    '-c',
    alias,
    'sh',
    PROGRAM,
    '--convert',
    'danted',
    file,
  ]);
  t.deepEqual(stdout.match(/^(?:listen|source|LEFT) = .*$/gm), [
    'listen = 127.0.0.44:20161',
    'source = 127.0.0.44',
  ]);
});

test('where nobody knows what to listen at, --check refuses what comes out', async (t) => {
  const folder = temporaryFolder(t);
  const [file, config] = [join(folder, 'danted.conf'), join(folder, 'picosocks5.conf')];
  writeFileSync(file, 'internal: eth0 port = none\nclient pass { from: 0/0 to: 0/0 }\n');
  const converted = await runProgram(['--convert', 'danted', file]);
  t.is(converted.status, 1);
  writeFileSync(config, converted.stdout);
  const checked = await runProgram(['--check', '-c', config]);
  t.is(checked.status, 78);
  t.regex(checked.stderr, /--convert has left something to you/);
});
