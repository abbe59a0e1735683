// Limits of users and clients in the whole daemon, with real curl, over a restart and a reload.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { PIS5CTL } from '../support/pis5ctl.ts';
import { asRoot } from '../support/root.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const K = 1024;
const ANN = { user: 'ann', password: 'secret' };

/** A file of users with ann and ben. */
function usersFile(t: ExecutionContext): string {
  const file = join(temporaryFolder(t), 'users');
  writeFileSync(file, 'ann:staff:secret\nben:staff:secret\n');
  return file;
}

/** A web server whose every page has so many bytes; the port. */
async function pageServer(t: ExecutionContext, size: number): Promise<number> {
  const server = createServer((_request, response) => response.end(Buffer.alloc(size)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

function curl(port: number, web: number, user = 'ann:secret') {
  const proxy = ['--proxy', `socks5h://127.0.0.1:${port}`, '--proxy-user', user];
  return run(['curl', '-sS', '-o', '/dev/null', ...proxy, `http://127.0.0.1:${web}/`]);
}

test('a client has as many sessions as its limit says', async (t) => {
  const echo = await echoServer(t);
  const web = await pageServer(t, 1);
  const { port, line } = await startDaemon(t, ['--limit', 'client sessions=2']);
  const held = [await connectThrough(port, echo), await connectThrough(port, echo)];
  const proxy = ['--proxy', `socks5h://127.0.0.1:${port}`];
  const refused = await run(['curl', '-sS', ...proxy, `http://127.0.0.1:${web}/`]);
  t.not(refused.status, 0);
  t.regex(await line(/ turned-away /), /why=LIMIT_REACHED detail="client sessions=2 \(command line\)"/);
  held[0]!.socket.end();
  await line(/ ended /);
  await mustRun(['curl', '-sS', ...proxy, `http://127.0.0.1:${web}/`]);
});

test('two downloads of a user together keep to his rate, and nobody else does', async (t) => {
  const size = 512 * K;
  const web = await pageServer(t, size);
  const { port, line } = await startDaemon(t, [
    ...['--auth', usersFile(t), '--allow-plaintext', '--limit', 'user:ann down=256K'],
  ]);
  const startedAt = performance.now();
  await Promise.all([curl(port, web), curl(port, web)]);
  const rate = (2 * size) / ((performance.now() - startedAt) / 1000);
  t.log(`${Math.round(rate / K)} KiB/s of 256`);
  t.true(rate < 1.4 * 256 * K, `${rate} bytes per second`);
  const anns = [await line(/ ended .*user=ann/), await line(/ ended .*user=ann/)];
  for (const record of anns) t.true(Number(/ down=(\d+)/.exec(record)?.[1]) >= size);
  t.is((await curl(port, web, 'ben:secret')).status, 0);
  const seconds = (record: string): number => Number(/ secs=([\d.]+)/.exec(record)?.[1]);
  t.true(seconds(await line(/ ended .*user=ben/)) < Math.max(...anns.map(seconds)) / 2);
});

test('a clock that was set back is told, and gives nobody a new quota', async (t) => {
  const web = await pageServer(t, 10 * K);
  const state = join(temporaryFolder(t), 'state.json');
  const use = { scope: 'user', name: 'ann', day: '2999-01-31', dayBytes: 20 * K, monthBytes: 20 * K };
  writeFileSync(state, JSON.stringify({ version: 1, parts: { usage: [use] } }));
  const limit = ['--limit', 'user day=25K', '--state', state];
  const { port, line } = await startDaemon(t, [...['--auth', usersFile(t), '--allow-plaintext'], ...limit]);
  t.not((await curl(port, web)).status, 0, 'the page is longer than what is left');
  const told = await line(/ state .*the clock says/);
  t.regex(told, /but bytes of quotas were counted on 2999-01-31 already/);
  t.true(told.includes(`stop the daemon and remove ${state}`));
  t.is((await curl(port, web, 'ben:secret')).status, 0);
});

test('what a quota has counted holds after a restart', async (t) => {
  const web = await pageServer(t, 300 * K);
  const state = join(temporaryFolder(t), 'state.json');
  const args = ['--auth', usersFile(t), '--allow-plaintext', '--limit', 'user day=500K', '--state', state];
  const first = await startDaemon(t, args);
  t.is((await curl(first.port, web)).status, 0);
  first.signal('SIGTERM');
  t.is(await first.exited, 0);
  t.regex(readFileSync(state, 'utf8'), /"name":"ann"/);

  const second = await startDaemon(t, args);
  t.not((await curl(second.port, web)).status, 0, 'the page is longer than what is left');
  t.regex(await second.line(/ ended .*user=ann/), / why=quota/);
  const over = await curl(second.port, web);
  t.not(over.status, 0);
  t.regex(
    await second.line(/ refused .*user=ann/),
    /rep=1 why=LIMIT_REACHED detail="user day=500K \(command line\)"/,
  );
  t.is((await curl(second.port, web, 'ben:secret')).status, 0);
});

test('a session ends when its time is up, and a reload saves the state and sets another time', async (t) => {
  const echo = await echoServer(t);
  const folder = temporaryFolder(t);
  const config = join(folder, 'picosocks5.conf');
  const state = join(folder, 'state.json');
  writeFileSync(config, `state = ${state}\nlimit = client day=1G\n`);
  const { port, line, signal } = await startDaemon(t, ['-c', config]);
  const wire = await connectThrough(port, echo);
  wire.send('hello');
  await wire.take(5);
  writeFileSync(config, `state = ${state}\nlimit = client day=1G duration=1s\n`);
  signal('SIGHUP');
  await line(/ reloaded /);
  t.regex(await line(/ ended /), /up=5 down=5 .*why=duration-limit/);
});

test('a state file that is broken or cannot be written keeps nobody from being served', async (t) => {
  const echo = await echoServer(t);
  const folder = temporaryFolder(t);
  const state = join(folder, 'state.json');
  writeFileSync(state, '{"version":1,');
  const first = await startDaemon(t, ['--state', state]);
  t.regex(
    await first.line(/ state /),
    /cannot be used \(message: not JSON\).* it is .*state\.json\.broken now/,
  );
  t.true(existsSync(`${state}.broken`));
  await connectThrough(first.port, echo);

  const missing = join(folder, 'missing', 'state.json');
  const second = await startDaemon(t, ['--state', missing]);
  t.regex(await second.line(/ state /), /cannot write the state file .*missing.*install -d -o /);
  await connectThrough(second.port, echo);
});

asRoot('a full disk is named as the cause, pis5ctl tells of it, and no empty file stays', async (t) => {
  const [disk, folder] = [temporaryFolder(t), temporaryFolder(t)];
  const [state, control] = [join(disk, 'state.json'), join(folder, 'control')];
  // A disk of one page, which a file takes. It is gone with the daemon.
  const mount = `mount -t tmpfs -o size=4k,mode=755 none ${disk}; head -c 4096 /dev/zero >${disk}/full; exec "$@"`;
  const wrapper = ['unshare', '--mount', 'sh', '-c', mount, 'sh'];
  const { line, pid } = await startDaemon(t, ['--state', state, '--control', control], { wrapper });
  t.regex(
    await line(/ state /),
    /cannot write the state file .*: no space left on device; .*make room .*"df -h /,
  );
  const status = await mustRun([PIS5CTL, '--control', control, 'status']);
  t.regex(status, /^state file: +NOT KEPT: cannot write .*no space left on device$/m);
  t.deepEqual(readdirSync(`/proc/${pid}/root${disk}`), ['full']);
});

asRoot('the service account writes the state file, and only its own folder will do', async (t) => {
  const folder = temporaryFolder(t);
  const own = join(folder, 'own');
  mkdirSync(own);
  chmodSync(own, 0o777);
  const good = await startDaemon(t, ['-u', 'nobody', '-g', 'nobody', '--state', join(own, 'state.json')]);
  t.true(existsSync(join(own, 'state.json')));
  t.false(good.lines.some((line) => line.includes(' state ')));
  const bad = await startDaemon(t, ['-u', 'nobody', '-g', 'nobody', '--state', join(folder, 'state.json')]);
  t.regex(await bad.line(/ state /), /permission denied/);
});

test('users beyond their sessions are told so in words that curl shows', async (t) => {
  const echo = await echoServer(t);
  const web = await pageServer(t, 1);
  const { port } = await startDaemon(t, [
    ...['--auth', usersFile(t), '--allow-plaintext', '--limit', 'user sessions=1'],
  ]);
  const held = await connectThrough(port, echo, ANN);
  const { status, stderr } = await curl(port, web);
  t.is(status, 97);
  t.regex(stderr, /general SOCKS server failure|\(1\)/);
  held.socket.destroy();
});
