// ready: what health checks hear while the daemon serves, when a drain is announced, and while it drains.
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { steeredDaemon } from '../support/pis5ctl.ts';
import { dialWire, freePort, listenTarget, Wire } from '../support/sockets.ts';

const GET = 'GET /ready HTTP/1.0\r\n\r\n';

async function check(wire: Wire, request = GET): Promise<string> {
  wire.send(request);
  return (await wire.rest()).toString();
}

const statusOf = (answer: string): string => answer.split(' ')[1] ?? answer;

async function readyDaemon(t: ExecutionContext) {
  const port = await freePort();
  const steered = await steeredDaemon(t, ['--ready', `127.0.0.1:${port}`]);
  const ask = async (request = GET): Promise<string> => check(await dialWire(port), request);
  return { ...steered, port, ask };
}

/** A session that holds the daemon while it drains. */
async function hold(t: ExecutionContext, port: number): Promise<Wire> {
  const target = await listenTarget();
  t.teardown(() => target.close());
  const wire = await dialWire(port);
  wire.send(Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, target.port >> 8, target.port & 255));
  await wire.take(12);
  return wire;
}

test('GET and HEAD are answered, other paths and methods are told, and no record comes of it', async (t) => {
  const { daemon, ask } = await readyDaemon(t);
  t.regex(await ask(), /^HTTP\/1\.1 200 OK\r\n[^]*Content-Length: 8\r\n[^]*\r\n\r\nserving\n$/);
  t.regex(await ask('HEAD /ready HTTP/1.1\r\nHost: x\r\n\r\n'), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  t.is(statusOf(await ask('GET / HTTP/1.1\r\n\r\n')), '404');
  t.is(statusOf(await ask('POST /ready HTTP/1.1\r\n\r\n')), '405');
  t.is(statusOf(await ask('\x05\x01\x00')), '400');
  t.deepEqual(
    daemon.lines.filter((line) => !/ started | running as root/.test(line)),
    [],
  );
});

test('an announced drain is 404 while all are served, and then 503 while it drains', async (t) => {
  const { daemon, ctl, ask } = await readyDaemon(t);
  const held = await hold(t, daemon.port);
  const { stdout } = await ctl('drain', '--announce', '2s');
  t.is(stdout, 'announced: it drains in 2s, and serves until then; one session now\n');
  t.is(statusOf(await ask()), '404');
  await hold(t, daemon.port).then((wire) => wire.socket.destroy());
  await daemon.line(/ draining /);
  t.is(statusOf(await ask()), '503');
  held.socket.destroy();
  t.is(await daemon.exited, 0);
});

test('SIGTERM and a drain without --announce do not wait for the time that was announced', async (t) => {
  const { daemon, ctl, ask } = await readyDaemon(t);
  await ctl('drain', '--announce', '1h');
  t.is(statusOf(await ask()), '404');
  await ctl('drain');
  t.is(await daemon.exited, 0);
  t.regex((await ctl('drain', '--announce', '0s')).stderr, /not a time from a second to a day/);
});

test('a path answers as well, takes the place of a dead socket, and goes with the daemon', async (t) => {
  const path = join(temporaryFolder(t), 'ready');
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const daemon = await startDaemon(t, ['--ready', path]);
    t.is(statusOf(await check(new Wire(connect(path)))), '200');
    daemon.signal(signal);
    await daemon.exited;
  }
  await t.throwsAsync(check(new Wire(connect(path))), { code: 'ENOENT' });
});

test('a takeover is no reason to hear anything but 200, from the old daemon and then from the new one', async (t) => {
  const [port, folder] = [await freePort(), temporaryFolder(t)];
  const args = ['--ready', `127.0.0.1:${port}`, '--control', join(folder, 'control'), '--takeover'];
  const listen = { listen: [`127.0.0.1:${await freePort()}`] };
  const old = await startDaemon(t, args, listen);
  const heard: string[] = [];
  const again = async (): Promise<void> => {
    const wire = await dialWire(port).catch(() => undefined);
    // Nobody listens in the moment between the two; what is sent to one that closes is reset.
    const answer = wire === undefined ? '' : await check(wire).catch(() => '');
    if (answer !== '') heard.push(statusOf(answer));
    await pause(20);
  };
  const checking = { isOver: false };
  const checks = (async () => {
    while (!checking.isOver) await again();
  })();
  const held = await hold(t, old.port);
  const heir = await startDaemon(t, args, listen);
  await heir.line(/ took-over /);
  const atTakeover = heard.length;
  held.socket.destroy();
  t.is(await old.exited, 0);
  const sinceMs = Date.now();
  while (heard.length < atTakeover + 20 && Date.now() < sinceMs + 20_000) await pause(20);
  checking.isOver = true;
  await checks;
  t.true(atTakeover > 0 && heard.length >= atTakeover + 20);
  t.deepEqual(new Set(heard), new Set(['200']));
});

test('checks that never end, and too many of them, keep no other check from its answer', async (t) => {
  const { port, ask } = await readyDaemon(t);
  const slow: Wire[] = [];
  for (let count = 0; count < 100; count++) {
    const wire = await dialWire(port);
    wire.send('GET /ready HT');
    slow.push(wire);
  }
  t.is(statusOf(await ask()), '200');
  await Promise.all(slow.map((wire) => wire.ending()));
  t.is(statusOf(await ask()), '200');
});
