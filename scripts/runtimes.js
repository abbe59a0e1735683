// Fetches other JavaScript runtimes from npm into build/runtimes/, once, and prints where their programs are: `node scripts/runtimes.js
// bun deno`. Their versions are fixed here and not among devDependencies, because few who work on this need 200 MB of them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, URL } from 'node:url';

const root = fileURLToPath(new URL('../build/runtimes', import.meta.url));
const bun = process.arch === 'arm64' ? 'bun-linux-aarch64' : 'bun-linux-x64';

/** The packages with the programs themselves: those called `bun` and `deno` only choose among them. */
const RUNTIMES = {
  bun: { package: `@oven/${bun}`, version: '1.4.5', program: 'bin/bun' },
  deno: { package: `@deno/linux-${process.arch}-glibc`, version: '2.9.6', program: 'deno' },
};

for (const name of process.argv.slice(2)) {
  const runtime = RUNTIMES[name];
  const folder = join(root, name);
  const program = join(folder, 'node_modules', runtime.package, runtime.program);
  if (!existsSync(program)) install(folder, `${runtime.package}@${runtime.version}`);
  if (existsSync(program)) console.log(program);
  else process.exitCode = 1;
}

function install(folder, what) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', what];
  spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}
