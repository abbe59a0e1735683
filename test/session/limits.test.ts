// Limits of whole sessions, over every transport.
import test from 'ava';
import type { CheckLogin, Session } from '../../src/session/session.ts';
import { limits } from '../support/limits.ts';
import { startServer } from '../support/server.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';
import { EVERYBODY, USERS, ANN, BEN, start, echoes } from '../support/session/limitedserver.ts';

/** A client without users that has said its greeting, and no more. */
async function halfOpen(port: number): Promise<Wire> {
  const wire = await dialWire(port);
  wire.send(Uint8Array.of(5, 1, 0));
  await wire.take(2);
  return wire;
}

/** How it ends for a client that says nothing. */
async function knock(port: number): Promise<'fin' | 'reset'> {
  try {
    return await (await dialWire(port)).ending();
  } catch {
    return 'reset';
  }
}

test('stop() ends although a session does not', async (t) => {
  const server = await startServer(transports[0]!.create());
  const stuck = { id: 1, stage: 'over', handshake: undefined, activity: undefined } as Session;
  server.server.registry.add(stuck);
  await server.stop();
  t.is(server.server.registry.size, 1);
});

for (const { name, create } of transports) {
  const transport = create();

  test(`${name}: a client beyond its sessions is turned away, with the limit in the record`, async (t) => {
    const echo = await echoServer(t);
    const server = await start(t, transport, 'client sessions=1');
    const first = await connectThrough(server.port, echo, ANN);
    t.is(await knock(server.port), 'reset');
    const { fault } = await server.event('turnedAway');
    t.is(`${fault.code} ${String(fault.cause)}`, 'LIMIT_REACHED client sessions=1 (test.conf:1)');
    t.true(await echoes(first, 'still'));
    first.socket.end();
    await server.event('ended');
    t.true(await echoes(await connectThrough(server.port, echo, ANN), 'again'));
  });

  test(`${name}: a user beyond his sessions hears REP 01, others do not`, async (t) => {
    const echo = await echoServer(t);
    const server = await start(t, transport, 'user sessions=1', 'user:ben sessions=2');
    const first = await connectThrough(server.port, echo, ANN);
    const failure = await t.throwsAsync(connectThrough(server.port, echo, ANN));
    t.is(failure.message, 'REP 1');
    const { fault, session } = await server.event('refused');
    t.is(`${fault.code} ${String(fault.cause)}`, 'LIMIT_REACHED user sessions=1 (test.conf:1)');
    t.is(session.command, 'connect');
    await connectThrough(server.port, echo, BEN);
    await connectThrough(server.port, echo, BEN);
    first.socket.resetAndDestroy();
    await server.event('ended');
    t.true(await echoes(await connectThrough(server.port, echo, ANN), 'again'));
  });

  test(`${name}: a group shares its sessions`, async (t) => {
    const echo = await echoServer(t);
    const server = await start(t, transport, 'group:staff sessions=1');
    await connectThrough(server.port, echo, ANN);
    await t.throwsAsync(connectThrough(server.port, echo, BEN), { message: 'REP 1' });
  });

  test(`${name}: at the sessions of all together a client is turned away, where nobody can make room`, async (t) => {
    const echo = await echoServer(t);
    const server = await startServer(transport, { limits: limits('total sessions=1') });
    t.teardown(() => server.stop());
    const first = await dialWire(server.port);
    first.send(Uint8Array.of(4, 1, echo >> 8, echo & 0xff, 127, 0, 0, 1, 0));
    t.is((await first.take(8))[1], 0x5a);
    t.is(await knock(server.port), 'reset');
    t.is((await server.event('turnedAway')).fault.code, 'LIMIT_REACHED');
  });

  test(`${name}: the oldest stranger makes room for the next client`, async (t) => {
    const echo = await echoServer(t);
    const server = await startServer(transport, { limits: limits('total handshakes=3') });
    t.teardown(() => server.stop());
    const strangers = [await halfOpen(server.port), await halfOpen(server.port), await halfOpen(server.port)];
    const served = await connectThrough(server.port, echo);
    t.true(await echoes(served, 'hello'));
    t.is(await strangers[0]!.ending(), 'reset');
    const { fault, count } = await server.event('turnedAway');
    t.is(`${fault.code} ${String(fault.cause)} ${count}`, 'PRESSED_OUT total handshakes=3 (test.conf:1) 1');
    // Two strangers are left, and the one that was served is none: there is room for one more, and then for no other.
    await halfOpen(server.port);
    t.is(server.server.registry.size, 4);
    await halfOpen(server.port);
    t.is(await strangers[1]!.ending(), 'reset');
    t.false(server.events.some(({ kind }) => kind === 'refused'));
    t.true(await echoes(served, 'still here'));
  });

  test(`${name}: at maxSessions strangers make room, sessions do not`, async (t) => {
    const echo = await echoServer(t);
    const server = await startServer(transport, { maxSessions: 2 });
    t.teardown(() => server.stop());
    const held = await connectThrough(server.port, echo);
    const stranger = await halfOpen(server.port);
    const other = await connectThrough(server.port, echo);
    t.is(await stranger.ending(), 'reset');
    t.is(await knock(server.port), 'reset');
    const codes = [await server.event('turnedAway'), await server.event('turnedAway')].map(
      ({ fault }) => fault.code,
    );
    t.deepEqual(codes, ['PRESSED_OUT', 'SESSIONS_FULL']);
    t.true((await echoes(held, 'a')) && (await echoes(other, 'b')));
  });

  test(`${name}: who has logged in is no stranger, who waits for his password check is one`, async (t) => {
    const waiting: (() => void)[] = [];
    const checkLogin: CheckLogin = (user, password, client) =>
      Buffer.from(password).toString() === 'slow'
        ? new Promise((resolve) => waiting.push(() => resolve(EVERYBODY(user, password, client))))
        : EVERYBODY(user, password, client);
    const server = await startServer(transport, {
      ...USERS,
      checkLogin,
      limits: limits('total handshakes=2'),
    });
    t.teardown(() => server.stop());
    const login = (password: string) =>
      Buffer.concat([Uint8Array.of(5, 1, 2, 1, 1, 97, password.length), Buffer.from(password)]);
    const known = await dialWire(server.port);
    known.send(login('x'));
    t.is((await known.take(4))[3], 0);
    const slow = await dialWire(server.port);
    slow.send(login('slow'));
    await slow.take(2);
    const third = await dialWire(server.port);
    third.send(login('x'));
    t.is((await third.take(4))[3], 0);
    t.is(await slow.ending(), 'reset');
    for (const answer of waiting) answer();
    known.send(Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, 0, 0));
    t.is((await known.take(10))[1], 4);
  });

  test(`${name}: whoever is put out at whatever moment, nothing breaks and nobody is left`, async (t) => {
    const echo = await echoServer(t);
    const checkLogin: CheckLogin = async (...login) => {
      await new Promise(setImmediate);
      return EVERYBODY(...login);
    };
    const server = await startServer(transport, {
      ...USERS,
      checkLogin,
      limits: limits('total handshakes=3'),
    });
    t.teardown(() => server.stop());
    const served = { yes: 0, no: 0 };
    const client = async (): Promise<void> => {
      try {
        (await connectThrough(server.port, echo, ANN)).socket.resetAndDestroy();
        served.yes += 1;
      } catch {
        served.no += 1;
      }
    };
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 40 }, client));
    await server.server.registry.emptied();
    t.log(`${served.yes} of 400 were served`);
    t.true(served.yes > 0 && served.no > 0);
    t.true(await echoes(await connectThrough(server.port, echo, ANN), 'and on'));
  });

  test(`${name}: the handshakes of one client keep out nobody else`, async (t) => {
    const server = await startServer(transport, { limits: limits('client handshakes=2') });
    t.teardown(() => server.stop());
    const own = [await halfOpen(server.port), await halfOpen(server.port)];
    t.is(await knock(server.port), 'reset');
    t.is((await server.event('turnedAway')).fault.code, 'LIMIT_REACHED');
    own[0]!.socket.resetAndDestroy();
    await server.event('refused');
    await halfOpen(server.port);
    t.pass();
  });
}
