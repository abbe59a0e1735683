// Builds the native addon, and pis5tickets, for each platform for which there is a compiler here, into prebuilds/: what `npm pack` puts into the tarball,
// so that a host without a compiler has the engine. Not in build/, which is for this host alone.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, URL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const PREFIX = join(process.execPath, '../..');
/** A distribution ships them beside node: then nothing has to be downloaded. */
const HEADERS = existsSync(join(PREFIX, 'include/node/node_api.h')) ? [`--nodedir=${PREFIX}`] : [];

/** The prefix of its tools' names, unless it is the platform of this host. */
const PLATFORMS = [
  { arch: 'x64', tools: 'x86_64-linux-gnu-' },
  { arch: 'arm64', tools: 'aarch64-linux-gnu-' },
];

rmSync(join(root, 'prebuilds'), { recursive: true, force: true });
let built = 0;
for (const { arch, tools } of PLATFORMS) {
  const why = build(arch, arch === process.arch ? '' : tools);
  console.log(`prebuilds: linux-${arch}: ${why ?? 'built'}`);
  if (why === undefined) built += 1;
}
process.exitCode = built > 0 || process.env.PICOSOCKS5_ENGINE === 'no' ? 0 : 1;

/** The missing tool; undefined: the prebuild is made. */
function build(arch, tools) {
  if (spawnSync(`${tools}gcc`, ['--version']).status !== 0)
    return `left out, there is no ${tools}gcc (Debian: gcc-aarch64-linux-gnu, g++-aarch64-linux-gnu)`;
  const folder = mkdtempSync(join(tmpdir(), 'picosocks5-prebuild-'));
  try {
    for (const part of ['binding.gyp', 'native', 'package.json'])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    const env = {
      ...process.env,
      CC: `${tools}gcc`,
      CXX: `${tools}g++`,
      AR: `${tools}ar`,
      LINK: `${tools}g++`,
    };
    const gyp = join(root, 'node_modules/node-gyp/bin/node-gyp.js');
    const args = [gyp, 'rebuild', `--arch=${arch}`, ...HEADERS];
    const made = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
    if (made.status !== 0)
      return `not built: ${/error:? .*/i.exec(made.stderr + made.stdout)?.[0] ?? 'node-gyp failed'}`;
    const binary = join(folder, 'build/Release/picosocks5.node');
    const tickets = join(folder, 'build/Release/pis5tickets');
    if (spawnSync(`${tools}strip`, [binary, tickets]).status !== 0) return `not built: ${tools}strip failed`;
    const target = join(root, 'prebuilds', `linux-${arch}`);
    mkdirSync(target, { recursive: true });
    // As node-gyp-build looks for it: N-API, for the C library of GNU.
    cpSync(binary, join(target, 'picosocks5.glibc.node'));
    cpSync(tickets, join(target, 'pis5tickets'));
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
