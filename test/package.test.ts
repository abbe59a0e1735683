// The package as others get it: packed, installed elsewhere, used as a library and as a command.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { mustRun } from './support/commands.ts';
import { temporaryFolder } from './support/daemon.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const npm = (folder: string, ...args: string[]) =>
  mustRun(['npm', '--prefix', folder, '--no-audit', '--no-fund', '--prefer-offline', ...args]);

test('the packed tarball installs, its example compiles and runs, and its commands answer', async (t) => {
  const folder = temporaryFolder(t);
  const packed = await mustRun(['npm', 'pack', '--ignore-scripts', '--pack-destination', folder, ROOT]);
  const tarball = join(folder, packed.trim().split('\n').at(-1) ?? '');
  const user = join(folder, 'user');
  mkdirSync(user);
  writeFileSync(join(user, 'package.json'), '{ "name": "user", "type": "module", "private": true }');
  await npm(user, 'install', '--omit=dev', tarball);

  copyFileSync(join(ROOT, 'examples/embed.ts'), join(user, 'embed.ts'));
  const types = join(ROOT, 'node_modules/@types');
  const options = [
    '--ignoreConfig',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--strict',
    '--types',
    'node',
    '--typeRoots',
    types,
  ];
  await mustRun([join(ROOT, 'node_modules/.bin/tsc'), ...options, '--outDir', user, join(user, 'embed.ts')]);
  t.regex(await mustRun(['node', join(user, 'embed.js')]), /\S/);

  const command = (name: string) => join(user, 'node_modules/.bin', name);
  t.regex(await mustRun([command('picosocks5'), '--version']), /^picosocks5 \d+\.\d+\.\d+\n$/);
  t.regex(await mustRun([command('pis5user'), '--version']), /\d+\.\d+\.\d+/);
  t.regex(await mustRun([command('pis5ctl'), '--version']), /\d+\.\d+\.\d+/);
});
