// The Transport contract: relaying, once for each implementation, and once more with a target that is a stream of Node.
import test from 'ava';
import { accepted, at, endOf, listening, NO_LIMITS, relayed, soon, text } from '../support/legs.ts';
import type { Wire } from '../support/sockets.ts';
import { transfer } from '../support/transfer.ts';
import { KIB, KINDS } from '../support/net/relaykinds.ts';

for (const { name, create } of KINDS) {
  const transport = create();

  const title = (sentence: string) => `${name}: ${sentence}`;

  test(title('relay() delivers early bytes first and counts both directions'), async (t) => {
    const { client, target, relay } = await relayed(t, transport, NO_LIMITS, 'early');
    t.is(text(await target.take(5)), 'early');
    client.send('more');
    t.is(text(await target.take(4)), 'more');
    target.send('answer');
    t.is(text(await client.take(6)), 'answer');
    client.socket.end();
    t.is(await target.ending(), 'fin');
    target.socket.end();
    t.deepEqual(await endOf(relay), { bytesUp: 9, bytesDown: 6, endedBy: 'client-fin' });
  });

  test(title('relay() passes a half close in each direction and keeps the other open'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    target.socket.end('bye');
    t.is(text(await client.rest()), 'bye');
    client.send('still here');
    t.is(text(await target.take(10)), 'still here');
    client.socket.end('last');
    t.is(text(await target.rest()), 'last');
    t.deepEqual(await endOf(relay), { bytesUp: 14, bytesDown: 3, endedBy: 'target-fin' });
  });

  test(title('relay() keeps a FIN that came before it'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    wire.socket.end('request');
    const bytes = await leg.read();
    t.is(await leg.read(), undefined);
    const server = await listening(t);
    const outgoing = await transport.dial(at(server.port), {}, soon());
    const target = await server.accept();
    leg.unread(bytes!);
    const relay = transport.relay(leg, outgoing, NO_LIMITS);
    t.is(text(await target.rest()), 'request');
    target.socket.end('late answer');
    t.is(text(await wire.rest()), 'late answer');
    t.is((await endOf(relay)).endedBy, 'client-fin');
  });

  test(title('relay() mirrors a reset of the client'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    client.socket.resetAndDestroy();
    t.is(await target.ending(), 'reset');
    t.is((await endOf(relay)).endedBy, 'client-reset');
  });

  test(title('relay() mirrors a reset of the target'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    target.socket.resetAndDestroy();
    t.is(await client.ending(), 'reset');
    t.is((await endOf(relay)).endedBy, 'target-reset');
  });

  test(title('relay() ends when both sides are silent for the idle limit'), async (t) => {
    const { client, target, relay } = await relayed(t, transport, {
      idleTimeoutMs: 150,
      halfClosedTimeoutMs: 0,
    });
    t.is((await endOf(relay)).endedBy, 'idle-timeout');
    t.is(await client.ending(), 'fin');
    t.is(await target.ending(), 'fin');
  });

  test(title('relay() ends a half-closed pair that stays silent'), async (t) => {
    const { client, target, relay } = await relayed(t, transport, {
      idleTimeoutMs: 60_000,
      halfClosedTimeoutMs: 150,
    });
    client.socket.end();
    t.is(await target.ending(), 'fin');
    t.is((await endOf(relay)).endedBy, 'half-closed-timeout');
  });

  test(title('relay() counts activity in either direction against the idle limit'), async (t) => {
    const idleTimeoutMs = 2500;
    const { client, target, relay } = await relayed(t, transport, { idleTimeoutMs, halfClosedTimeoutMs: 0 });
    const beganAt = performance.now();
    let rounds = 0;
    for (; performance.now() - beganAt < 1.2 * idleTimeoutMs; rounds++) {
      target.send('x');
      await client.take(1);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    t.is(relay.progress().bytesDown, rounds);
    t.is((await endOf(relay)).endedBy, 'idle-timeout');
  });

  test(title('relay() can be cut from outside'), async (t) => {
    const soft = await relayed(t, transport);
    soft.relay.cut('fin');
    t.is(await soft.client.ending(), 'fin');
    t.is((await endOf(soft.relay)).endedBy, 'cut');
    const hard = await relayed(t, transport);
    hard.relay.cut('reset');
    t.is(await hard.target.ending(), 'reset');
    t.is((await endOf(hard.relay)).endedBy, 'cut');
  });

  test(title('relay() can be cut while it passes a FIN on'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    wire.socket.end();
    t.is(await leg.read(), undefined);
    const server = await listening(t);
    const relay = transport.relay(leg, await transport.dial(at(server.port), {}, soon()), NO_LIMITS);
    relay.cut('reset');
    t.is((await endOf(relay)).endedBy, 'cut');
  });

  for (const half of ['client', 'target'] as const) {
    const other = half === 'client' ? 'target' : 'client';
    test(title(`relay() ends when the ${half} has sent FIN and is then gone`), async (t) => {
      const pair = await relayed(t, transport);
      // close(2): FIN now, and RST for whatever comes later.
      pair[half].socket.destroy();
      t.is(await pair[other].ending(), 'fin');
      const sending = setInterval(() => pair[other].send('anybody there?'), 5);
      t.teardown(() => clearInterval(sending));
      t.is((await endOf(pair.relay)).endedBy, `${half}-reset`);
    });
  }

  test(title('relay() carries 64 MiB in both directions at once unchanged'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    const size = 64 * 1024 * 1024;
    const [up, down] = await Promise.all([transfer(client, target, size), transfer(target, client, size)]);
    t.is(up.received, up.sent);
    t.is(down.received, down.sent);
    const end = await endOf(relay);
    t.deepEqual([end.bytesUp, end.bytesDown], [size, size]);
  });

  test(title('relay() stops reading a sender whose receiver has stopped'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    client.socket.pause();
    const chunk = Buffer.alloc(65_536);
    let sent = 0;
    while (target.socket.write(chunk) || (await drained(target))) sent += chunk.length;
    t.true(sent < 32 * 1024 * 1024, `sender was stopped after ${sent} bytes`);
    client.socket.resume();
    await drained(target);
    relay.cut('reset');
    await endOf(relay);
  });

  for (const way of ['up', 'down'] as const) {
    test(title(`relay() keeps the rate ${way} and leaves the other way alone`), async (t) => {
      const rate = { up: 0, down: 0, [way]: 200 * KIB };
      const startedMs = performance.now();
      const { client, target, relay } = await relayed(t, transport, { ...NO_LIMITS, rate });
      const [from, to] = way === 'up' ? [client, target] : [target, client];
      from.send(Buffer.alloc(512 * KIB));
      to.send(Buffer.alloc(1024 * KIB));
      await from.take(1024 * KIB);
      await to.take(300 * KIB);
      const elapsedMs = performance.now() - startedMs;
      t.true(elapsedMs > 1300, `300 KiB at 200 KiB/s took ${elapsedMs} ms`);
      const { bytesUp, bytesDown } = relay.progress();
      const [slow, fast] = way === 'up' ? [bytesUp, bytesDown] : [bytesDown, bytesUp];
      t.is(fast, 1024 * KIB);
      t.true(slow < (elapsedMs + 200) * 0.2 * KIB, `${slow} bytes in ${elapsedMs} ms`);
      relay.cut('reset');
      await endOf(relay);
    });
  }

  test(title('a relay at its stop is not idle, and a reset ends it'), async (t) => {
    const limits = { idleTimeoutMs: 700, halfClosedTimeoutMs: 0, stop: 10 };
    const { client, target, relay } = await relayed(t, transport, limits);
    client.send(Buffer.alloc(20));
    await target.take(10);
    const end = endOf(relay);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    relay.setStop(15);
    await target.take(5);
    target.socket.resetAndDestroy();
    t.is((await end).endedBy, 'target-reset');
  });
}

/** Whether the socket drains within a moment; false says that the other side has stopped taking. */
function drained(wire: Wire): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 1000);
    wire.socket.once('drain', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
