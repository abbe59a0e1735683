// make install: with a strict umask, without what a compiler makes, again over what is there, and when it fails.
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { temporaryFolder } from '../support/daemon.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('make install leaves out what was not built, is for every account, and changes nothing when it fails', async (t) => {
  // Beside the sources, so that links will do.
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const clone = mkdtempSync(join(ROOT, '.cache/clone-'));
  t.teardown(() => rmSync(clone, { recursive: true, force: true }));
  const parts = ['Makefile', 'LICENSE', 'package.json', 'bin', 'dist', 'etc', 'man', 'node_modules'];
  await mustRun(['cp', '-al', ...parts.map((part) => join(ROOT, part)), clone]);
  mkdirSync(join(clone, 'build/Release'), { recursive: true });

  const destination = temporaryFolder(t);
  const line = `umask 077; exec make -C ${clone} -o build install DESTDIR=${destination} PREFIX=/usr`;
  const installed = join(destination, 'usr/lib/picosocks5');
  const version = () => mustRun([join(destination, 'usr/bin/picosocks5'), '--version']);

  const first = await run(['sh', '-c', line]);
  t.is(first.status, 0, first.stderr);
  t.regex(first.stdout, /^picosocks5: installed without the native engine, which needs .*g\+\+/m);
  t.regex(await version(), /^picosocks5 \d/);
  t.is(await mustRun(['find', destination, '!', '-type', 'l', '!', '-perm', '-004']), '');
  const binaries = readdirSync(join(installed, 'node_modules/bcrypt/prebuilds'));
  t.deepEqual(binaries, [`${process.platform}-${process.arch}`]);

  const before = statSync(installed).ino;
  t.is((await run(['sh', '-c', line])).status, 0);
  t.not(statSync(installed).ino, before, 'a new folder, in the place of the old one');
  t.deepEqual(readdirSync(join(installed, '..')), ['picosocks5']);

  const { ino } = statSync(installed);
  rmSync(join(clone, 'node_modules/bcrypt'), { recursive: true });
  const broken = await run(['sh', '-c', line]);
  t.not(broken.status, 0);
  t.regex(broken.stderr, /node_modules\/bcrypt is missing/);
  t.is(statSync(installed).ino, ino);
  t.true(existsSync(join(installed, 'node_modules/bcrypt')));
  t.regex(await version(), /^picosocks5 \d/);
});
