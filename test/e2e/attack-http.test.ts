// Clients of HTTP that mean no good: guesses on one connection and on many, requests that two programs would read differently,
// requests by the hundred ahead of their answers, bodies that never end.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { dialFrom, hammer, Tally } from '../support/attackers.ts';
import { mustRun } from '../support/commands.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { countersOf } from '../support/footprint.ts';
import { dialWire, type Wire } from '../support/sockets.ts';

const OWNER = 'alice:secret';
const BAN_AFTER = 5;

const lines = (...all: readonly string[]): string => [...all, '', ''].join('\r\n');
const login = (text: string): string => `Proxy-Authorization: Basic ${Buffer.from(text).toString('base64')}`;
const get = (port: number, path: string, ...fields: readonly string[]): string =>
  lines(`GET http://127.0.0.1:${port}${path} HTTP/1.1`, 'Host: a', ...fields);

interface Web {
  readonly port: number;
  /** Paths of the requests that have come. */
  readonly paths: string[];
}

/** Answers whatever it is asked with `body`, once on each connection. */
async function web(t: ExecutionContext, body = 'hello'): Promise<Web> {
  const paths: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const asked = [...bytes.toString('latin1').matchAll(/(?:GET|POST) (\S+) HTTP/g)];
      paths.push(...asked.map(([, path = '']) => path));
      socket.end(`${lines('HTTP/1.1 200 OK', `Content-Length: ${body.length}`)}${body}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, paths };
}

/** The status of one answer whose body has a length; 'closed' without one. */
async function statusOf(wire: Wire): Promise<string> {
  try {
    let text = '';
    while (!text.endsWith('\r\n\r\n')) text += (await wire.take(1)).toString('latin1');
    await wire.take(Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0));
    return text.split(' ')[1] ?? '';
  } catch {
    return 'closed';
  }
}

async function withAlice(t: ExecutionContext, ...args: readonly string[]): Promise<Daemon> {
  const users = join(temporaryFolder(t), 'users');
  await mustRun(['htpasswd', '-bcB', '-C', '5', users, ...OWNER.split(':')]);
  return startDaemon(t, ['--auth', users, '--ban-allow', '192.0.2.1', ...args]);
}

test('a connection has one guess, even after a right login; the ban falls as with SOCKS, and spares others', async (t) => {
  const { port: origin } = await web(t);
  const daemon = await withAlice(t, '--ban-after', String(BAN_AFTER));
  const guesses = new Tally();
  const guess = async (source: string): Promise<void> => {
    const wire = await dialFrom(t, source, daemon.port).catch(() => undefined);
    if (wire === undefined) {
      guesses.add('closed');
      return;
    }
    // All at once: the second guess and the right password come too late.
    wire.send(['eve:a', 'eve:b', OWNER].map((each) => get(origin, '/', login(each))).join(''));
    guesses.add(await statusOf(wire));
    guesses.add(`then ${await statusOf(wire)}`);
    wire.socket.destroy();
  };
  const kept = await dialFrom(t, '127.0.0.70', daemon.port);
  kept.send(get(origin, '/', login(OWNER)) + get(origin, '/', login('alice:guess')));
  t.deepEqual([await statusOf(kept), await statusOf(kept), await statusOf(kept)], ['200', '407', 'closed']);
  await hammer(60, 4, () => guess('127.0.0.66'));
  t.true(
    guesses.count('407') >= BAN_AFTER && guesses.count('407') <= BAN_AFTER + 4,
    JSON.stringify(guesses.counts),
  );
  t.deepEqual([guesses.count('200'), guesses.count('then 200'), guesses.count('then 407')], [0, 0, 0]);
  // Of those that were being checked when the ban fell, not each is counted.
  const failed = (await countersOf(daemon))['logins-failed'] ?? 0;
  t.true(failed >= BAN_AFTER && failed <= guesses.count('407') + 1, `${failed} failed logins`);
  t.regex(await daemon.line(/ banned client=/), /client=127\.0\.0\.66 /);
  const honest = await dialFrom(t, '127.0.0.71', daemon.port);
  honest.send(get(origin, '/', login(OWNER)));
  t.is(await statusOf(honest), '200');
});

test('the right password is wrong on a kept connection of a client that is banned meanwhile', async (t) => {
  const { port: origin, paths } = await web(t);
  const daemon = await withAlice(t, '--ban-after', '1');
  const kept = await dialFrom(t, '127.0.0.66', daemon.port);
  kept.send(get(origin, '/one', login(OWNER)));
  t.is(await statusOf(kept), '200');
  const other = await dialFrom(t, '127.0.0.66', daemon.port);
  other.send(get(origin, '/', login('eve:a')));
  t.is(await statusOf(other), '407');
  await daemon.line(/ banned client=/);
  kept.send(get(origin, '/two', login(OWNER)));
  t.deepEqual([await statusOf(kept), await statusOf(kept)], ['407', 'closed'], 'as a wrong password');
  t.deepEqual(paths, ['/one']);
});

test('questions for a login are three on a connection, and no failed logins, however many connections', async (t) => {
  const daemon = await withAlice(t, '--ban-after', '1');
  const answers = new Tally();
  await hammer(100, 8, async () => {
    const wire = await dialFrom(t, '127.0.0.66', daemon.port);
    wire.send(get(1, '/').repeat(5));
    for (let each = 0; each < 4; each++) answers.add(await statusOf(wire));
  });
  t.deepEqual(answers.counts, { 407: 300, closed: 100 });
  t.is((await countersOf(daemon))['logins-failed'] ?? 0, 0);
  const single = daemon.lines.filter((line) => / refused .*METHOD_UNACCEPTABLE/.test(line));
  t.true(single.length <= 20, `${single.length} records`);
});

/** Heads of a POST to `/first`, whose next request to `/second` some program would see. */
const SMUGGLED: Readonly<Record<string, readonly string[]>> = {
  'a length beside chunks': ['Content-Length: 4', 'Transfer-Encoding: chunked'],
  'chunks beside a length': ['Transfer-Encoding: chunked', 'Content-Length: 4'],
  'two lengths': ['Content-Length: 0', 'Content-Length: 44'],
  'a list of lengths': ['Content-Length: 0, 44'],
  'another coding': ['Transfer-Encoding: xchunked'],
  'a coding in quotes': ['Transfer-Encoding: "chunked"'],
  identity: ['Transfer-Encoding: identity'],
  'chunked twice': ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
  'a vertical tab before chunked': ['Transfer-Encoding: \x0bchunked'],
  'a blank before the colon': ['Transfer-Encoding : chunked'],
  'a folded field': ['X: y', ' Transfer-Encoding: chunked'],
  'a field after LF': ['X: y\nTransfer-Encoding: chunked'],
  'a field after CR': ['X: y\rTransfer-Encoding: chunked'],
  'a length with a sign': ['Content-Length: +0'],
};

test('requests that two programs read differently are refused, and nothing of them goes on', async (t) => {
  const origin = await web(t);
  const daemon = await startDaemon(t);
  for (const [what, fields] of Object.entries(SMUGGLED)) {
    const wire = await dialWire(daemon.port);
    const first = lines(`POST http://127.0.0.1:${origin.port}/first HTTP/1.1`, 'Host: a', ...fields);
    wire.send(Buffer.from(`${first}0\r\n\r\n${get(origin.port, '/second')}`, 'latin1'));
    t.deepEqual([await statusOf(wire), await statusOf(wire)], ['400', 'closed'], what);
    wire.socket.destroy();
  }
  t.deepEqual(origin.paths, []);
  for (const chunks of [
    '5;x\nhello\r\n0\r\n\r\n',
    '0x5\r\nhello\r\n0\r\n\r\n',
    '5\r\nhelloXX0\r\n\r\n',
    '-1\r\n\r\n',
  ]) {
    const wire = await dialWire(daemon.port);
    const first = `POST http://127.0.0.1:${origin.port}/first HTTP/1.1`;
    wire.send(
      `${lines(first, 'Host: a', 'Transfer-Encoding: chunked')}${chunks}${get(origin.port, '/second')}`,
    );
    await wire.ending();
  }
  t.false(origin.paths.includes('/second'), origin.paths.join(' '));
});

test('hundreds of requests ahead of their answers are answered in order, one at a time', async (t) => {
  const origin = await web(t);
  const { port } = await startDaemon(t);
  const wire = await dialWire(port);
  const asked = Array.from({ length: 300 }, (_, index) => `/${index}`);
  wire.send(asked.map((path) => get(origin.port, path)).join(''));
  for (const path of asked) t.is(await statusOf(wire), '200', path);
  t.deepEqual(origin.paths, asked);
  wire.socket.destroy();
});

test('who reads no answers gets no further than what is on its way, and others are served', async (t) => {
  const body = 'x'.repeat(1_000_000);
  const origin = await web(t, body);
  const { port } = await startDaemon(t);
  const greedy = await dialWire(port);
  greedy.socket.pause();
  greedy.send(get(origin.port, '/greedy').repeat(500));
  const honest = await dialWire(port);
  for (let each = 0; each < 10; each++) {
    honest.send(get(origin.port, '/honest'));
    t.is(await statusOf(honest), '200');
  }
  const greedily = origin.paths.filter((path) => path === '/greedy').length;
  t.true(greedily < 100, `${greedily} answers of 500 were fetched`);
  honest.socket.destroy();
  greedy.socket.destroy();
});

test('a body that does not come is ended by the idle limit, as any session', async (t) => {
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const daemon = await startDaemon(t, ['--idle-timeout', '1']);
  const wire = await dialWire(daemon.port);
  wire.send(`${lines(`POST http://127.0.0.1:${port}/ HTTP/1.1`, 'Host: a', 'Content-Length: 9')}x`);
  await wire.ending();
  t.regex(await daemon.line(/ ended /), /why=idle-timeout$/);
});
