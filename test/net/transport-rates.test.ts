// Rates and stops of a relay, in each transport and between them.
import test from 'ava';
import type { Leg, Relay } from '../../src/net/transport.ts';
import { endOf, NO_LIMITS, relayed, text } from '../support/legs.ts';
import { KIB, KINDS } from '../support/net/relaykinds.ts';

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
