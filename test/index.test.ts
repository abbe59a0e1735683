// The library as another program holds it. test/package.test.ts shows that it can be installed and imported.
import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { createServer, type ServerOptions, type SessionEvent } from '../src/index.ts';
import { CLOSED_PORT, dialWire } from './support/sockets.ts';
import { connectThrough, enter } from './support/socks.ts';
import { echoServer } from './support/targets.ts';

test('every close() resolves, though several were asked for at once', async (t) => {
  const accepted = new EventEmitter();
  const server = createServer({ onEvent: ({ kind }) => accepted.emit(kind) });
  const { port } = await server.listen(0);
  const came = once(accepted, 'accepted');
  const wire = await dialWire(port);
  wire.send(Uint8Array.of(5));
  await came;
  await t.notThrowsAsync(Promise.all([server.close(), server.close()]));
  t.is(server.sessionCount, 0);
});

test('close() closes each of several listeners on ports of the system’s choice', async (t) => {
  const server = createServer();
  const ports = [(await server.listen(0)).port, (await server.listen(0)).port];
  await server.close();
  for (const port of ports) await t.throwsAsync(dialWire(port), { code: 'ECONNREFUSED' });
});

test('an option that is present but undefined means its default', async (t) => {
  const options = { maxSessions: undefined, handshakeTimeoutMs: undefined, connectTimeoutMs: undefined };
  const server = createServer(options);
  t.teardown(() => server.close());
  const { port } = await server.listen(0);
  const closed = CLOSED_PORT;
  await t.throwsAsync(connectThrough(port, closed), { message: 'REP 5' });
});

function optionsOf(option: string, value: unknown): ServerOptions {
  const [outer = '', inner] = option.split('.');
  return { [outer]: inner === undefined ? value : { failures: 1, [inner]: value } };
}

for (const [option, value] of [
  ['network', '10.0.0.0/99'],
  ['request', 'fly:*'],
  ['source', ['here']],
  ['limits', ['everybody sessions=1']],
  ['routes', ['* any proxy 1080/X']],
  ['bans.allow', 'there'],
  ['bans.windowMs', 0],
  ['maxSessions', -1],
  ['handshakeTimeoutMs', Infinity],
  ['connectTimeoutMs', NaN],
  ['idleTimeoutMs', 1.5],
  ['halfClosedTimeoutMs', 2 ** 31],
] as const) {
  test(`createServer() names the option that makes no sense: ${option}`, (t) => {
    t.throws(() => createServer(optionsOf(option, value)), {
      instanceOf: TypeError,
      message: new RegExp(`^${option}: `),
    });
  });
}

for (const transport of ['auto', 'streams'] as const) {
  test(`servers can be made and closed again and again (${transport})`, async (t) => {
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const cycle = async (): Promise<void> => {
      const server = createServer({ transport });
      const { port } = await server.listen(0);
      await t.throwsAsync(connectThrough(port, CLOSED_PORT), { message: 'REP 5' });
      await server.close();
    };
    await cycle();
    const before = descriptors();
    for (let each = 0; each < 20; each++) await cycle();
    t.true(descriptors() <= before + 5, `${descriptors()} descriptors, ${before} before`);
  });
}

/** A server on a free port, closed with the test; `events` are those so far. */
async function start(t: ExecutionContext, options: ServerOptions) {
  const events: SessionEvent[] = [];
  const server = createServer({ ...options, onEvent: (event) => events.push(event) });
  t.teardown(() => server.close());
  const { port } = await server.listen(0);
  const faults = (): string[] =>
    events.flatMap((event) => ('fault' in event ? (event.fault?.code ?? []) : []));
  return { port, events, faults };
}

test('limits hold as in the daemon', async (t) => {
  const { port, faults } = await start(t, { limits: ['client sessions=1'] });
  const first = await connectThrough(port, await echoServer(t));
  await t.throwsAsync(connectThrough(port, CLOSED_PORT));
  t.deepEqual(faults(), ['LIMIT_REACHED']);
  first.socket.destroy();
});

test('routes lead through other proxies, with the login that the program has for them', async (t) => {
  const authenticate = (user: string, password: string) => `${user}:${password}` === 'alice:secret';
  const proxy = await start(t, { authenticate });
  const asked: unknown[] = [];
  const { port, events } = await start(t, {
    routes: [`* any 127.0.0.1 ${proxy.port}/5`],
    proxyLogin: (hop) => {
      asked.push(hop);
      return { user: 'alice', password: 'secret' };
    },
  });
  const wire = await connectThrough(port, await echoServer(t));
  wire.send('hello');
  t.is((await wire.take(5)).toString(), 'hello');
  wire.socket.destroy();
  t.deepEqual(asked, [{ host: '127.0.0.1', port: proxy.port }]);
  t.true(proxy.events.some(({ kind }) => kind === 'connected'));
  t.true(events.some(({ kind }) => kind === 'connected'));
});

test('who fails to log in too often is not let in for a while', async (t) => {
  const { port, faults, events } = await start(t, {
    authenticate: () => false,
    bans: { failures: 2, allow: '192.0.2.0/24' },
  });
  for (const attempt of [1, 2]) {
    const wire = await dialWire(port);
    await t.throwsAsync(enter(wire, { user: 'mallory', password: `${attempt}` }), {
      message: 'login status 1',
    });
    wire.socket.destroy();
  }
  t.true(events.some(({ kind }) => kind === 'banned'));
  await t.throwsAsync(connectThrough(port, CLOSED_PORT));
  t.true(faults().includes('CLIENT_BANNED'), faults().join());
});

test('docs/embedding.md has the example as it is', (t) => {
  const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  t.true(read('docs/embedding.md').includes(`\`\`\`ts\n${read('examples/embed.ts')}\`\`\``));
});

test('docs/embedding.md has every option', (t) => {
  const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  const [, fields = ''] =
    /^export interface ServerOptions \{\n(.*?)^\}/ms.exec(read('src/serveroptions.ts')) ?? [];
  const names = [...fields.matchAll(/^ {2}readonly (\w+)\?/gm)].map(([, name = '']) => name);
  t.true(names.length > 10);
  const rows = read('docs/embedding.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  for (const name of names)
    t.true(
      rows.some((row) => row.startsWith(`| \`${name}`)),
      name,
    );
});
