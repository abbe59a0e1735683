// Builds the native addon, and pis5tickets beside it, where that is possible. Where it is not, the installation ends well and the daemon runs on
// the streams of Node.js. PICOSOCKS5_ENGINE: auto (default), yes (no addon is an error), no (do not try).
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wish = process.env.PICOSOCKS5_ENGINE ?? 'auto';

/** Without network node-gyp may wait long for headers; a small or busy machine compiles for minutes. */
const LIMIT_MS = { configure: 120_000, build: 900_000 };

process.exitCode = wish === 'no' || hasPrebuilt() ? 0 : build();

/**
 * A release brings binaries (prebuilds/), one for each platform: N-API keeps them good for every Node.js. One that does not load
 * was linked against a newer C library, or another one. In the source tree they are for others.
 */
function hasPrebuilt() {
  const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  if (!existsSync(folder) || existsSync(join(root, 'src'))) return false;
  const require = createRequire(import.meta.url);
  return readdirSync(folder).some((name) => {
    try {
      if (name.endsWith('.node')) require(join(folder, name));
      return name.endsWith('.node');
    } catch {
      return false;
    }
  });
}

function build() {
  if (process.platform !== 'linux') return missing(`it is for Linux, not ${process.platform}`);
  for (const [step, timeout] of Object.entries(LIMIT_MS)) {
    const [command, ...args] = nodeGyp();
    const options = { cwd: root, encoding: 'utf8', timeout };
    const done = spawnSync(command, [...args, step, ...ownHeaders()], options);
    if (done.status !== 0)
      return missing(done.error?.message ?? firstError(`${done.stderr}\n${done.stdout}`));
  }
  return 0;
}

/** A distribution ships the headers beside node: then nothing has to be downloaded. */
function ownHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
}

/** npm names its own node-gyp to the scripts that it runs; in the source tree there is one of ours. */
function nodeGyp() {
  const own = join(root, 'node_modules/node-gyp/bin/node-gyp.js');
  const npms = process.env.npm_config_node_gyp;
  if (existsSync(own)) return [process.execPath, own];
  return npms === undefined ? ['node-gyp'] : [process.execPath, npms];
}

function missing(why) {
  console.error(`picosocks5: the native engine was not built: ${why}`);
  console.error('picosocks5: the daemon will use the streams of Node.js (--transport streams)');
  return wish === 'yes' ? 1 : 0;
}

function firstError(output) {
  const lines = output.split('\n').filter((line) => !line.includes('rolling back'));
  const telling = [/ERR! stack (Error: )?(.*)/, /\berror: .*/i, /ERR! .*/].flatMap((pattern) =>
    lines.flatMap((line) => pattern.exec(line)?.[0] ?? []),
  );
  return telling[0] ?? 'node-gyp failed';
}
