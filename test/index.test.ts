// The library as another program holds it. test/package.test.ts shows that it can be installed and imported.
import { EventEmitter, once } from 'node:events';
import { readdirSync } from 'node:fs';
import test from 'ava';
import { createServer, type ServerOptions } from '../src/index.ts';
import { CLOSED_PORT, dialWire } from './support/sockets.ts';
import { connectThrough } from './support/socks.ts';

test('every close() resolves, though several were asked for at once', async (t) => {
  const accepted = new EventEmitter();
  const server = createServer({ onEvent: ({ kind }) => accepted.emit(kind) });
  const { port } = await server.listen(0);
  const came = once(accepted, 'accepted');
  const wire = await dialWire(port);
  wire.send(Uint8Array.of(5));
  await came;
  await t.notThrowsAsync(Promise.all([server.close(), server.close()]));
  t.is(server.sessions, 0);
});

test('close() closes each of several listeners on ports of the system’s choice', async (t) => {
  const server = createServer();
  const ports = [(await server.listen(0)).port, (await server.listen(0)).port];
  await server.close();
  for (const port of ports) await t.throwsAsync(dialWire(port), { code: 'ECONNREFUSED' });
});

test('an option that is present but undefined means its default', async (t) => {
  const options = { maxSessions: undefined, handshakeTimeoutMs: undefined, connectTimeoutMs: undefined };
  const server = createServer(options as unknown as ServerOptions);
  t.teardown(() => server.close());
  const { port } = await server.listen(0);
  const closed = CLOSED_PORT;
  await t.throwsAsync(connectThrough(port, closed), { message: 'REP 5' });
});

for (const [option, value] of [
  ['network', '10.0.0.0/99'],
  ['request', 'fly:*'],
  ['source', ['here']],
] as const) {
  test(`createServer() names the option that makes no sense: ${option}`, (t) => {
    t.throws(() => createServer({ [option]: value }), {
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
