// --convert as it is typed, and --check of what it prints.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runProgram, temporaryFolder } from '../support/daemon.ts';

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
