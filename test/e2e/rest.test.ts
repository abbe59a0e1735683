// What a daemon at rest keeps in memory. How much that is, is measured by "make bench".
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { PROGRAM, temporaryFolder } from '../support/daemon.ts';
import { newSocketPath, openLogSocket } from '../support/logsocket.ts';

/** 3 MB together (docs/decisions/021-speed.md). */
const NEEDLESS = ['crypto', 'fs/promises', 'net', 'perf_hooks', 'stream', 'tls', 'worker_threads'];

/** Ends the program on SIGWINCH, and says which of its own modules Node.js has loaded by then. */
const telltale = (
  file: string,
) => `const list = require('fs').openSync(${JSON.stringify(file)}, 'w'); // later the daemon may not
process.on('SIGWINCH', () => {
  require('fs').writeFileSync(list, process.moduleLoadList.join('\\n'));
  process.exit(0);
});`;

test('without users and on the engine it has not loaded what it has no use for', async (t) => {
  const folder = temporaryFolder(t);
  const [first, list] = [join(folder, 'first.cjs'), join(folder, 'list')];
  writeFileSync(first, telltale(list));
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'now');
  t.teardown(() => socket.close());
  const log = ['--logmode', 'syslog', '--syslog', `unix:${path}`];
  const daemon = spawn(PROGRAM, ['--nofork', '--transport', 'engine', ...log, '127.0.0.1:0'], {
    stdio: 'ignore',
    // A name server that is asked for prefixes takes dgram and crypto: that is a use.
    env: { ...process.env, NODE_OPTIONS: `--require ${first}`, PICOSOCKS5_NAT64_PREFIX: 'none' },
  });
  const exited = once(daemon, 'exit');
  await socket.until((each) => each.includes(' started '));
  daemon.kill('SIGWINCH');
  t.deepEqual(await exited, [0, null]);
  const loaded = readFileSync(list, 'utf8').split('\n');
  t.deepEqual(
    NEEDLESS.filter((name) => loaded.includes(`NativeModule ${name}`)),
    [],
  );
});
