// Quotas and rates of live sessions, and limits that a reload changes.
import test from 'ava';
import { limits } from '../support/limits.ts';
import { SNAPSHOT } from '../support/server.ts';
import { dialWire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';
import { USERS, ANN, BEN, start, echoes } from '../support/session/limitedserver.ts';

const M = 2 ** 20;

for (const { name, create } of transports) {
  const transport = create();

  test(`${name}: a quota ends the sessions of its user, and refuses new ones`, async (t) => {
    const echo = await echoServer(t);
    const server = await start(t, transport, 'user day=1M');
    const wire = await connectThrough(server.port, echo, ANN);
    const other = await connectThrough(server.port, echo, BEN);
    wire.send(Buffer.alloc(M));
    const { endedBy, bytesUp } = await server.event('ended');
    t.is(endedBy, 'quota');
    t.true(bytesUp > 0);
    await t.throwsAsync(connectThrough(server.port, echo, ANN), { message: 'REP 1' });
    t.is((await server.event('refused')).fault.cause, 'user day=1M (test.conf:1)');
    t.true(await echoes(other, 'mine is another'));
    other.socket.end('x');
    await server.event('ended');
    const used = server.server.usage.of({ scope: 'user', name: 'ben' });
    t.is(used.dayBytes, 2 * 'mine is another'.length + 2);
  });

  test(`${name}: a session of the past ends, and a young one does not`, async (t) => {
    const echo = await echoServer(t);
    const server = await start(t, transport, 'user:ann duration=500ms');
    const wire = await connectThrough(server.port, echo, ANN);
    const other = await connectThrough(server.port, echo, BEN);
    const { endedBy, session } = await server.event('ended');
    t.is(endedBy, 'duration-limit');
    t.like(session.identity, { name: 'ann' });
    t.is(await wire.ending(), 'reset');
    t.true(await echoes(other, 'young'));
  });

  test(`${name}: limits of a reload hold for live sessions`, async (t) => {
    const echo = await echoServer(t);
    const server = await start(t, transport);
    await connectThrough(server.port, echo, ANN);
    server.server.replace({ ...SNAPSHOT, ...USERS, limits: limits('total duration=1ms') });
    t.is((await server.event('ended')).endedBy, 'duration-limit');
  });

  test(`${name}: a quota that a reload brings does not count what was moved before`, async (t) => {
    const echo = await echoServer(t);
    const server = await start(t, transport);
    const wire = await connectThrough(server.port, echo, ANN);
    wire.send(Buffer.alloc(M));
    await wire.take(M);
    server.server.replace({ ...SNAPSHOT, ...USERS, limits: limits('user day=1M') });
    t.true(await echoes(wire, 'from now on'));
    wire.socket.end();
    t.is((await server.event('ended')).endedBy, 'client-fin');
    t.is(server.server.usage.of({ scope: 'user', name: 'ann' }).dayBytes, 2 * 'from now on'.length);
  });

  test(`${name}: sessions of a user share his rate`, async (t) => {
    const echo = await echoServer(t);
    const server = await start(t, transport, 'user up=256K');
    const wires = [
      await connectThrough(server.port, echo, ANN),
      await connectThrough(server.port, echo, ANN),
    ];
    const startedAt = performance.now();
    const size = 192 * 1024;
    await Promise.all(
      wires.map(async (wire) => {
        wire.send(Buffer.alloc(size));
        await wire.take(size);
      }),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const rate = (2 * size) / seconds;
    t.log(`${Math.round(rate / 1024)} KiB/s of 256`);
    t.true(rate < 1.4 * 256 * 1024 && rate > 0.5 * 256 * 1024, `${rate} bytes per second`);
  });

  test(`${name}: a session is ended for a reason, in its handshake and after it`, async (t) => {
    const echo = await echoServer(t);
    const server = await start(t, transport);
    const { registry } = server.server;
    await connectThrough(server.port, echo, ANN);
    for (const session of registry.list()) registry.end(session, 'kicked');
    t.is((await server.event('ended')).endedBy, 'kicked');
    const wire = await dialWire(server.port);
    wire.send(Uint8Array.of(5, 1, 2));
    await wire.take(2);
    for (const session of registry.list()) registry.end(session, 'not-allowed');
    t.is((await server.event('refused')).fault.code, 'NO_LONGER_ALLOWED');
  });
}
