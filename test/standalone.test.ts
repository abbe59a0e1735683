// The launcher of the tarball that "make standalone" makes, beside the scripts whose place it takes; "make standalone-test" tries all of
// it in a chroot.
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { run } from './support/commands.ts';
import { temporaryFolder } from './support/daemon.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROGRAMS = ['picosocks5', 'pis5user', 'pis5ctl'];
const FLAGS = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror'];

test('it starts what the scripts start, in the same way', async (t) => {
  const folder = temporaryFolder(t);
  const [scripts, launchers] = [join(folder, 'scripts'), join(folder, 'launchers')];
  const launcher = join(folder, 'launcher');
  const compiled = await run([
    'cc',
    ...FLAGS,
    '-o',
    launcher,
    join(ROOT, 'scripts/standalone/launcher.c'),
  ]).catch(() => undefined);
  if (compiled === undefined) {
    t.pass('there is no compiler here');
    return;
  }
  t.is(compiled.status, 0, compiled.stderr);
  for (const place of [scripts, launchers]) {
    mkdirSync(place);
    for (const program of PROGRAMS)
      copyFileSync(place === scripts ? join(ROOT, 'bin', program) : launcher, join(place, program));
    copyFileSync(join(ROOT, 'bin/find-node.sh'), join(place, 'find-node.sh'));
    const fake = '#!/bin/sh\nprintf "%s\\n" "$UV_THREADPOOL_SIZE" "$@"\n';
    writeFileSync(join(place, 'node'), fake, { mode: 0o755 });
    symlinkSync('picosocks5', join(place, 'srelay'));
  }
  const told = async (place: string, program: string, options: string): Promise<string> => {
    const env = { PATH: process.env['PATH'], NODE_OPTIONS: options };
    const { status, stdout } = await run([join(place, program), '-c', 'a b', ''], { env });
    t.is(status, 0);
    return stdout.replaceAll(place, 'HERE');
  };
  for (const program of [...PROGRAMS, 'srelay']) {
    for (const options of ['', '--max-old-space-size=64']) {
      const expected = await told(scripts, program, options);
      t.true(expected.includes('HERE/start.cjs'));
      t.is(await told(launchers, program, options), expected, program);
    }
  }
  const { status, stderr } = await run([launcher]);
  t.is(status, 71);
  t.regex(stderr, /^launcher: cannot start .*\/node: No such file/);
});
