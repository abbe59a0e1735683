// Streams of the program: clients that it brings with accept(), connections that it makes with dial(), names that it looks up.
import { once } from 'node:events';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import type { ServerOptions, SessionEvent } from '../../src/index.ts';
import { startEmbedded, TRANSPORTS } from '../support/embedded.ts';
import { CLOSED_PORT, dialWire, listenTarget } from '../support/sockets.ts';
import { connectThrough, enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

/** One end of a connection in memory. */
class End extends Duplex {
  peer: End | undefined;

  override _read(): void {
    // The peer pushes.
  }

  override _write(bytes: Buffer, _encoding: unknown, done: () => void): void {
    this.peer?.push(bytes);
    done();
  }

  override _final(done: () => void): void {
    this.peer?.push(null);
    done();
  }
}

function pipePair(): readonly [Duplex, Duplex] {
  const [one, other] = [new End(), new End()];
  one.peer = other;
  other.peer = one;
  return [one, other];
}

/** What the client at `stream` reads until there are `size` bytes, or the end. */
async function take(stream: Duplex, size: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    if (bytes.length >= size) break;
  }
  return bytes;
}

const requestFor = (port: number) => Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255);

const fits =
  <Kind extends SessionEvent['kind']>(kind: Kind) =>
  (event: SessionEvent): event is Extract<SessionEvent, { kind: Kind }> =>
    event.kind === kind;

for (const transport of TRANSPORTS) {
  const start = (t: ExecutionContext, options: ServerOptions = {}) =>
    startEmbedded(t, { transport, ...options });

  test(`accept() serves a stream in memory, from request to FIN (${transport})`, async (t) => {
    const { server, event } = await start(t);
    const [client, served] = pipePair();
    server.accept(served, { client: { ip: '127.0.0.1', port: 5000 } });
    client.write(requestFor(await echoServer(t)));
    client.write('hello');
    const answer = await take(client, 2 + 10 + 5);
    t.is(answer.subarray(12).toString(), 'hello');
    t.deepEqual(
      server.sessions().map(({ client: { ip, port } }) => `${ip}:${port}`),
      ['127.0.0.1:5000'],
    );
    client.end();
    const ended = (await event(fits('ended'))) as Extract<SessionEvent, { kind: 'ended' }>;
    t.like(ended, { bytesUp: 5, bytesDown: 5, endedBy: 'client-fin' });
    client.destroy();
  });

  test(`accept() takes a socket of another listener with its own address (${transport})`, async (t) => {
    const { server } = await start(t);
    const door = createTcpServer((socket) => server.accept(socket)).listen(0, '127.0.0.1');
    await once(door, 'listening');
    t.teardown(() => door.close());
    const { port } = door.address() as AddressInfo;
    const wire = await connectThrough(port, await echoServer(t), undefined, '127.0.0.7');
    wire.send('hello');
    t.is((await wire.take(5)).toString(), 'hello');
    t.is(String(server.sessions()[0]?.client.ip), '127.0.0.7');
    wire.socket.destroy();
  });

  test(`whom accept() brings counts in limits, bans and the guard (${transport})`, async (t) => {
    const { server, words, event } = await start(t, { network: '*', limits: ['client sessions=1'] });
    const echo = await echoServer(t);
    const [first, served] = pipePair();
    server.accept(served, { client: { ip: '203.0.113.5' } });
    const [second, refused] = pipePair();
    server.accept(refused, { client: { ip: '203.0.113.5' } });
    await once(refused, 'close');
    t.is(server.sessionCount, 1);
    t.deepEqual(words(), ['accepted', 'turnedAway:LIMIT_REACHED']);
    // Nobody from outside reaches this host.
    first.write(requestFor(echo));
    t.is((await take(first, 12))[3], 2);
    await event((each) => each.kind === 'refused' && each.fault.code === 'GUARD_DENIED');
    for (const stream of [first, second]) stream.destroy();
  });

  test(`dial() makes the connections, to addresses that the rules have allowed (${transport})`, async (t) => {
    const echo = await echoServer(t);
    const dialled: string[] = [];
    const { port, event, server } = await start(t, {
      request: '!connect:127.0.0.9/32,connect:*',
      dial: ({ ip, port: asked }, { session }) => {
        dialled.push(`${session.command} ${ip}:${asked}`);
        return connect({ host: '127.0.0.1', port: echo });
      },
    });
    const wire = await connectThrough(port, 4711);
    wire.send('hello');
    t.is((await wire.take(5)).toString(), 'hello');
    t.is(server.sessions()[0]?.dialled?.port, 4711);
    await event(fits('connected'));
    wire.socket.end();
    await event(fits('ended'));
    wire.socket.destroy();
    const forbidden = await dialWire(port);
    await enter(forbidden);
    forbidden.send(Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 9, 0, 80));
    t.is((await forbidden.take(10))[1], 2);
    forbidden.socket.destroy();
    t.deepEqual(dialled, ['connect 127.0.0.1:4711']);
  });

  test(`dial() may give a stream that is no socket, and FIN passes each way by itself (${transport})`, async (t) => {
    const [near, far] = pipePair();
    const { port, event } = await start(t, { dial: () => Promise.resolve(near) });
    const wire = await connectThrough(port, 80);
    wire.socket.end('question');
    t.is((await take(far, 100)).toString(), 'question');
    far.end('answer');
    t.is((await wire.rest()).toString(), 'answer');
    const ended = (await event(fits('ended'))) as Extract<SessionEvent, { kind: 'ended' }>;
    t.like(ended, { bytesUp: 8, bytesDown: 6 });
    wire.socket.destroy();
  });

  test(`dial() reaches the proxies of routes, too (${transport})`, async (t) => {
    const proxy = await start(t);
    const { port } = await start(t, {
      routes: ['* any 192.0.2.1 1080/5'],
      dial: ({ ip }) =>
        connect({ host: String(ip) === '192.0.2.1' ? '127.0.0.1' : '0.0.0.0', port: proxy.port }),
    });
    const wire = await connectThrough(port, await echoServer(t));
    wire.send('hello');
    t.is((await wire.take(5)).toString(), 'hello');
    wire.socket.destroy();
  });

  test(`what dial() gives in vain is closed, and said (${transport})`, async (t) => {
    const given: Duplex[] = [];
    const keep = (stream: Duplex): Duplex => {
      given.push(stream);
      return stream;
    };
    const over = new PassThrough();
    over.destroy();
    const answers: readonly (readonly [ServerOptions['dial'], rep: number])[] = [
      [() => keep(connect(CLOSED_PORT, '127.0.0.1')), 5],
      [() => keep(over), 1],
      [() => new PassThrough({ objectMode: true }), 2],
      [() => keep(new PassThrough().setEncoding('utf8')), 2],
    ];
    for (const [dial, rep] of answers) {
      const { port } = await start(t, { ...(dial && { dial }) });
      await t.throwsAsync(connectThrough(port, 80), { message: `REP ${rep}` });
    }
    // Too late: nobody waits for it any more.
    const late = new PassThrough();
    let give: (stream: Duplex) => void = () => undefined;
    const dial = () => new Promise<Duplex>((resolve) => (give = resolve));
    const { port } = await start(t, { dial, connectTimeoutMs: 50 });
    await t.throwsAsync(connectThrough(port, 80), { message: 'REP 6' });
    give(late);
    await once(late, 'close');
    t.true(given[0]?.destroyed);
  });

  test(`resolve() says which addresses a name has, within rules and guard (${transport})`, async (t) => {
    const target = await listenTarget();
    t.teardown(() => target.close());
    const asked: string[] = [];
    const answers: Readonly<Record<string, readonly string[]>> = {
      'here.test': ['127.0.0.1'],
      'nowhere.test': [],
      'mapped.test': ['::ffff:127.0.0.9'],
      'junk.test': ['127.0.0.1', 'junk'],
    };
    const { port, words } = await start(t, {
      request: '!connect:127.0.0.9/32,connect:*',
      resolve: (name, { session }) => {
        asked.push(`${session.command} ${name}`);
        return Promise.resolve(answers[name] ?? []);
      },
    });
    const ask = async (name: string): Promise<number | undefined> => {
      const wire = await dialWire(port);
      await enter(wire);
      wire.send(
        Uint8Array.of(5, 1, 0, 3, name.length, ...Buffer.from(name), target.port >> 8, target.port & 255),
      );
      const rep = (await wire.take(10))[1];
      wire.socket.destroy();
      return rep;
    };
    t.is(await ask('here.test'), 0);
    t.is(await ask('nowhere.test'), 4);
    t.is(await ask('mapped.test'), 2);
    t.is(await ask('junk.test'), 2);
    t.deepEqual(
      asked,
      Object.keys(answers).map((name) => `connect ${name}`),
    );
    t.deepEqual(
      words().filter((word) => word.startsWith('refused')),
      ['refused:NAME_NOT_FOUND', 'refused:REQUEST_DENIED', 'refused:REQUEST_DENIED'],
    );
  });
}

test('accept() wants to know whose a stream is, and takes streams of bytes only', async (t) => {
  const { server } = await startEmbedded(t, {});
  const [, served] = pipePair();
  t.throws(() => server.accept(served), { instanceOf: TypeError, message: /^client: / });
  t.throws(() => server.accept(served, { client: { ip: 'alice' } }), {
    instanceOf: TypeError,
    message: /^client: /,
  });
  const client = { ip: '127.0.0.1' };
  t.throws(() => server.accept(new PassThrough({ objectMode: true }), { client }), { instanceOf: TypeError });
  t.throws(() => server.accept(5 as unknown as Duplex, { client }), { instanceOf: TypeError });
  t.is(server.sessionCount, 0);
});

test('accept() after close() destroys the stream', async (t) => {
  const { server } = await startEmbedded(t, {});
  await server.close();
  const [, served] = pipePair();
  server.accept(served, { client: { ip: '127.0.0.1' } });
  t.true(served.destroyed);
});
