// The Transport contract: relaying, once for each implementation, and once more with a target that is a stream of Node.
import test from 'ava';
import { streamOf } from '../../src/net/streams/legstream.ts';
import { StreamLeg } from '../../src/net/streams/streamleg.ts';
import type { Leg, Relay, Transport } from '../../src/net/transport.ts';
import { accepted, at, endOf, listening, NO_LIMITS, relayed, soon, text } from '../support/legs.ts';
import type { Wire } from '../support/sockets.ts';
import { transfer } from '../support/transfer.ts';
import { transports } from '../support/transports.ts';

const KIB = 1024;

/** The same, except that what leads to the target is not the transport's own, as with TLS. */
function withStreams(transport: Transport): Transport {
  return {
    name: transport.name,
    stalls: transport.stalls,
    own: transport.own,
    listen: (...asked) => transport.listen(...asked),
    listenOn: (...asked) => transport.listenOn(...asked),
    listenUnix: (...asked) => transport.listenUnix(...asked),
    openUdp: (...asked) => transport.openUdp(...asked),
    departureTo: (...asked) => transport.departureTo(...asked),
    dial: (...asked) => transport.dial(...asked),
    relay: (client, target, limits) => {
      const { remote, local } = target;
      return transport.relay(client, new StreamLeg(streamOf(target).carrier, remote, local), limits);
    },
    close: () => transport.close(),
  };
}

const KINDS = transports.flatMap(({ name, create }) => [
  { name, create },
  { name: `${name}, to a stream of Node`, create: () => withStreams(create()) },
]);

function sum({ bytesUp, bytesDown }: ReturnType<Relay['progress']>): number {
  return bytesUp + bytesDown;
}

/** Waits until so many bytes have moved; more must not. */
async function moves(relay: Relay, bytes: number): Promise<void> {
  for (let past = 0; past < 5; past += sum(relay.progress()) >= bytes ? 1 : 0) {
    if (sum(relay.progress()) > bytes) throw new Error(`${sum(relay.progress())} bytes, not ${bytes}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

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

  test(title('setRate() slows a relay that runs, and lets it go again at once'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    target.send(Buffer.alloc(256 * KIB));
    await client.take(256 * KIB);
    relay.setRate({ up: 0, down: 10 * KIB });
    // What is sent in the same moment may still come before it.
    target.send('now');
    await client.take(3);
    const startedMs = performance.now();
    target.send(Buffer.alloc(256 * KIB));
    await client.take(20 * KIB);
    t.true(performance.now() - startedMs > 1500);
    t.true(relay.progress().bytesDown < 400 * KIB);
    relay.setRate({ up: 0, down: 0 });
    await client.take(236 * KIB);
    t.true(performance.now() - startedMs < 20_000);
    client.socket.end();
    target.socket.end();
    t.is((await endOf(relay)).bytesDown, 512 * KIB + 3);
    relay.setRate({ up: 1, down: 1 });
  });

  test(title('setStop() stops both directions together at a byte, and lets them go on'), async (t) => {
    const { client, target, relay } = await relayed(t, transport, { ...NO_LIMITS, stop: 1000 });
    target.send(Buffer.alloc(600));
    await client.take(600);
    client.send(Buffer.alloc(256 * KIB));
    await target.take(400);
    target.send(Buffer.alloc(256 * KIB));
    relay.setStop(1001);
    relay.setStop(50 * KIB);
    await moves(relay, 50 * KIB);
    // Past the relay threads' beginning, and from there on.
    relay.setStop(200 * KIB);
    await moves(relay, 200 * KIB);
    relay.setStop(200 * KIB + 1);
    await moves(relay, 200 * KIB + 1);
    const more = [client.rest(), target.rest()];
    client.socket.end();
    target.socket.end();
    relay.setStop(Infinity);
    t.is(sum(await endOf(relay)), 512 * KIB + 600);
    await Promise.all(more);
    relay.setStop(1);
  });

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

  test(title('relay() counts early bytes against the rate'), async (t) => {
    const rate = { up: 25_000, down: 0 };
    const startedMs = performance.now();
    const limits = { ...NO_LIMITS, rate };
    const { client, target, relay } = await relayed(t, transport, limits, 'x'.repeat(40_000));
    client.send(Buffer.alloc(10_000));
    await target.take(50_000);
    const elapsedMs = performance.now() - startedMs;
    t.true(elapsedMs > 1800, `50 KB at 25 KB/s took ${elapsedMs} ms`);
    relay.cut('reset');
    await endOf(relay);
  });

  test(title('a relay that waits for its rate is not idle, and FIN comes after its bytes'), async (t) => {
    const rate = { up: 3000, down: 0 };
    const limits = { idleTimeoutMs: 150, halfClosedTimeoutMs: 150, rate };
    const startedMs = performance.now();
    const { client, target, relay } = await relayed(t, transport, limits);
    client.socket.end(Buffer.alloc(5000, 7));
    t.deepEqual(await target.rest(), Buffer.alloc(5000, 7));
    t.true(performance.now() - startedMs > 900);
    const { bytesUp, endedBy } = await endOf(relay);
    t.is(bytesUp, 5000);
    t.is(endedBy, 'half-closed-timeout');
  });

  test(title('bytes that come while the loop is late are no silence'), async (t) => {
    const { client, target, relay } = await relayed(t, transport, {
      idleTimeoutMs: 300,
      halfClosedTimeoutMs: 0,
    });
    client.send('x');
    for (const untilMs = performance.now() + 400; performance.now() < untilMs;);
    t.is(text(await target.take(1)), 'x');
    relay.cut('reset');
    await endOf(relay);
  });

  test(title('a relay that waits for its rate passes a reset of the receiver on'), async (t) => {
    const rate = { up: 1, down: 0 };
    const { client, target, relay } = await relayed(t, transport, { ...NO_LIMITS, rate });
    client.send(Buffer.alloc(5000));
    await target.take(2000);
    target.socket.resetAndDestroy();
    t.is(await client.ending(), 'reset');
    t.is((await endOf(relay)).endedBy, 'target-reset');
  });

  test(title('a leg of another transport is refused'), (t) => {
    const stranger = {} as Leg;
    t.throws(() => transport.relay(stranger, stranger, NO_LIMITS), { instanceOf: TypeError });
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
