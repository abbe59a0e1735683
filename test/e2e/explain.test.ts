// --explain as a script uses it, and the same rules in a daemon that serves.
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const PRESETS = fileURLToPath(new URL('../../etc/presets/', import.meta.url));

test('--explain tells the line and ends with the verdict', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'presets'));
  for (const name of readdirSync(PRESETS)) copyFileSync(join(PRESETS, name), join(folder, 'presets', name));
  const config = join(folder, 'p.conf');
  writeFileSync(config, 'include = presets/no-smtp.conf\nrequest = all:*\n');
  const ask = (query: string) => runProgram(['-c', config, '--explain', query]);
  const denied = await ask('client=10.1.2.3 connect example.org:25');
  t.is(denied.status, 1, denied.stderr);
  t.true(denied.stdout.includes(`name: deny: !all:*:25 (${folder}/presets/no-smtp.conf:`), denied.stdout);
  const allowed = await ask('client=10.1.2.3 connect 192.0.2.1:80');
  t.is(allowed.status, 0);
  t.true(allowed.stdout.includes(`allow: all:* (${config}:2)`), allowed.stdout);
  t.is((await ask('connect 192.0.2.1:80')).status, 64);
});

test('a daemon serves by the same rules, and logs the one that denied', async (t) => {
  const echo = await echoServer(t);
  const everyDay = 'time=00:00-24:00';
  const serve = (request: string) => startDaemon(t, ['--request', request]);
  const open = await serve(`connect:127.0.0.1:${echo} ${everyDay}`);
  (await connectThrough(open.port, echo)).socket.destroy();
  const shut = await serve(`!connect:*:${echo} client=127.0.0.0/8 ${everyDay},all:*`);
  await t.throwsAsync(connectThrough(shut.port, echo), { message: 'REP 2' });
  const refused = await shut.line(/ refused /);
  t.true(refused.includes(`!connect:*:${echo} client=127.0.0.0/8 ${everyDay} (command line)`), refused);
});
