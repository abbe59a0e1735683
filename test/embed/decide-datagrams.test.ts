// decide() and what is no CONNECT: BIND, associations and their datagrams.
import test, { type ExecutionContext } from 'ava';
import type { Decision, ServerOptions, SessionEvent } from '../../src/index.ts';
import { openAssociation } from '../support/associations.ts';
import { askBind, takeReply } from '../support/bind.ts';
import { startEmbedded, TRANSPORTS } from '../support/embedded.ts';
import { dialWire } from '../support/sockets.ts';
import { connectThrough, enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { udpEcho } from '../support/udp.ts';

for (const transport of TRANSPORTS) {
  const start = (t: ExecutionContext, options: ServerOptions) => startEmbedded(t, { transport, ...options });

  test(`decide() holds for BIND (${transport})`, async (t) => {
    const decisions: Decision[] = [
      { kind: 'deny', reply: 7 },
      { kind: 'allow', destination: { host: '127.0.0.9', port: 0 } },
    ];
    const { port } = await start(t, { decide: () => decisions.shift() ?? false });
    t.is((await takeReply(await askBind(port))).code, 7);
    const wire = await askBind(port, { from: '127.0.0.1' });
    const { bound } = await takeReply(wire);
    // The peer that the client has named is a stranger now, the one that the program has named is not.
    const peer = await dialWire(bound.port, '127.0.0.1', '127.0.0.9');
    t.is((await takeReply(wire)).code, 0);
    for (const { socket } of [peer, wire]) socket.destroy();
  });

  test(`decide() holds for UDP ASSOCIATE, and is asked about each new target (${transport})`, async (t) => {
    const [open, closed] = [await udpEcho(t), await udpEcho(t)];
    const asked: string[] = [];
    const { port, event } = await start(t, {
      decide: (session, destination, { what }) => {
        asked.push(`${session.command} ${what} ${destination.port}`);
        return destination.port !== closed.local.port;
      },
    });
    const association = await openAssociation(t, port);
    for (const target of [closed.local, open.local, closed.local, open.local]) {
      await association.send('hello', target);
    }
    t.is((await association.answer()).source.port, open.local.port);
    t.is((await association.answer()).source.port, open.local.port);
    // A target that was denied is not asked about again at once, nor is one that answers.
    t.deepEqual(asked, [
      'assoc request 0',
      `assoc datagram ${closed.local.port}`,
      `assoc datagram ${open.local.port}`,
    ]);
    association.wire.socket.destroy();
    const ended = await event(({ kind }) => kind === 'ended');
    t.deepEqual((ended as Extract<SessionEvent, { kind: 'ended' }>).dropped, { denied: 2 });
  });

  test(`datagrams wait for decide(), in their order, and a name is looked up after it (${transport})`, async (t) => {
    const echo = await udpEcho(t);
    let answer: (is: Decision) => void = () => undefined;
    let asked: () => void = () => undefined;
    const { port } = await start(t, {
      decide: (_session, destination, { what }) => {
        if (what === 'request' || destination.kind === 'ip') return true;
        asked();
        return new Promise((resolve) => (answer = resolve));
      },
    });
    const association = await openAssociation(t, port);
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const target = { name: 'localhost', port: echo.local.port };
    await association.send('one', target);
    await isAsked;
    await association.send('two', target);
    // By way of another target: when this answer is there, both wait.
    await association.send('', (await udpEcho(t)).local);
    await association.answer();
    answer(true);
    const answers = [await association.answer(), await association.answer()];
    t.deepEqual(
      answers.map(({ payload }) => payload.toString()),
      ['one', 'two'],
    );
  });

  test(`what decide() says beyond yes is no for a datagram (${transport})`, async (t) => {
    const echo = await udpEcho(t);
    let asked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const { port, event } = await start(t, {
      decide: (_session, _destination, { what }) => {
        if (what === 'request') return true;
        asked();
        return { kind: 'allow', upstream: [] };
      },
    });
    const association = await openAssociation(t, port);
    await association.send('hello', echo.local);
    await isAsked;
    association.wire.socket.destroy();
    const ended = await event(({ kind }) => kind === 'ended');
    t.deepEqual((ended as Extract<SessionEvent, { kind: 'ended' }>).dropped, { denied: 1 });
  });
}

test('decide() cannot give UDP ASSOCIATE another destination, which it has none of', async (t) => {
  const { port, words } = await startEmbedded(t, {
    decide: () => ({ kind: 'allow', destination: { host: '192.0.2.1', port: 53 } }),
  });
  const wire = await dialWire(port);
  await enter(wire);
  wire.send(Uint8Array.of(5, 3, 0, 1, 0, 0, 0, 0, 0, 0));
  t.is((await wire.take(10))[1], 2);
  t.deepEqual(words(), ['accepted', 'refused:REQUEST_DENIED']);
  wire.socket.destroy();
});

test('decide() is asked within limits, and not about clients for whom there is no room', async (t) => {
  let asked = 0;
  const { port, words } = await startEmbedded(t, {
    authenticate: () => true,
    limits: ['user:alice sessions=1'],
    decide: () => {
      asked += 1;
      return true;
    },
  });
  const echo = await echoServer(t);
  const alice = { user: 'alice', password: 'x' };
  const first = await connectThrough(port, echo, alice);
  await t.throwsAsync(connectThrough(port, echo, alice), { message: 'REP 1' });
  t.is(asked, 1);
  t.true(words().includes('refused:LIMIT_REACHED'));
  first.socket.destroy();
});
