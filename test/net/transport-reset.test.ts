// The Transport contract: a reset arrives as a reset, whatever is under way before it. What FIN ends is whole.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { streamOf } from '../../src/net/streams/legstream.ts';
import { StreamLeg } from '../../src/net/streams/streamleg.ts';
import { createStreamsTransport } from '../../src/net/streams/streams.ts';
import type { Leg } from '../../src/net/transport.ts';
import { accepted, at, codeOf, endOf, listening, NO_LIMITS, relayed, soon } from '../support/legs.ts';
import { Wire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

/** More than socket buffers take, so that some of it always waits in front of the end. */
const MUCH = Buffer.alloc(8 * 1024 * 1024, 'z');
const TIMES = 30;

/** What came, and how it ended. */
interface Heard {
  readonly bytes: number;
  readonly ending: 'fin' | 'reset';
}

async function hear(wire: Wire): Promise<Heard> {
  let bytes = 0;
  wire.socket.removeAllListeners('data');
  wire.socket.on('data', (piece) => (bytes += piece.length));
  wire.socket.resume();
  const ending = await wire.ending();
  return { bytes, ending };
}

function allOf(one: () => Promise<string>): Promise<string[]> {
  return Promise.all(Array.from({ length: TIMES }, one));
}

/** Sends everything, and breaks off as soon as the kernel has the last byte. */
function sendAndBreak(socket: Socket): void {
  socket.write(MUCH, () => socket.resetAndDestroy());
}

/** The leg as one over a stream of Node, as TLS makes them. */
function asStream(leg: Leg): Leg {
  return new StreamLeg(streamOf(leg).carrier, leg.remote, leg.local);
}

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  for (const [way, from, to] of [
    ['up', 'client', 'target'],
    ['down', 'target', 'client'],
  ] as const) {
    test.serial(title(`${TIMES} of ${TIMES} resets behind 8 MB arrive as resets, ${way}`), async (t) => {
      const one = async () => {
        const pair = await relayed(t, transport);
        const heard = hear(pair[to]);
        sendAndBreak(pair[from].socket);
        const { ending } = await heard;
        return ending === 'fin' ? ending : (await endOf(pair.relay)).endedBy;
      };
      t.deepEqual(await allOf(one), Array<string>(TIMES).fill(`${from}-reset`));
    });

    test.serial(title(`a reset behind 8 MB arrives where the other side has sent FIN, ${way}`), async (t) => {
      for (let time = 0; time < 5; time++) {
        const pair = await relayed(t, transport);
        pair[to].socket.end();
        t.is(await pair[from].ending(), 'fin');
        const heard = hear(pair[to]);
        sendAndBreak(pair[from].socket);
        t.is((await heard).ending, 'reset');
        t.is((await endOf(pair.relay)).endedBy, `${from}-reset`);
      }
    });
  }

  test.serial(title('a reset behind 8 MB passes a relay to a stream of Node'), async (t) => {
    for (let time = 0; time < 5; time++) {
      const { leg, wire } = await accepted(t, transport);
      const server = await listening(t);
      const outgoing = await transport.dial(at(server.port), {}, soon());
      const target = await server.accept();
      transport.relay(leg, asStream(outgoing), NO_LIMITS);
      const heard = hear(wire);
      sendAndBreak(target.socket);
      t.is((await heard).ending, 'reset');
    }
  });

  test.serial(title('a leg reads no FIN where its peer has reset behind bytes'), async (t) => {
    for (let time = 0; time < TIMES; time++) {
      const { leg, wire } = await accepted(t, transport);
      wire.socket.write(Buffer.alloc(100_000), () => wire.socket.resetAndDestroy());
      t.is(await codeOf(readAll(leg)), 'PEER_RESET');
      leg.close('fin');
    }
  });
}

async function readAll(leg: Leg): Promise<void> {
  while ((await leg.read()) !== undefined);
}

// The engine asks for FIN behind the last byte that the kernel has; Node is asked for it before.
test.serial(
  'streams: what is broken off behind FIN that waits for a slow reader does not look whole',
  async (t) => {
    const { target, relay } = await heldBack(t, MUCH);
    // Some of it has left, so that the reader gets part of it in any case.
    while (target.bytesRead === 0) {
      target.resume();
      await new Promise(setImmediate);
    }
    target.pause();
    relay.cut('reset');
    t.is((await hear(new Wire(target))).ending, 'reset');
    t.is((await endOf(relay)).endedBy, 'cut');
  },
);

test.serial('streams: a reader who is slow gets all that FIN stands behind', async (t) => {
  const { target, relay } = await heldBack(t, MUCH);
  t.deepEqual(await hear(new Wire(target)), { bytes: MUCH.length, ending: 'fin' });
  target.end();
  t.is((await endOf(relay)).endedBy, 'client-fin');
});

/** A relay of streams from a client of which `early` has been read and that has sent FIN, to a target that does not read yet. */
async function heldBack(t: ExecutionContext, early: Uint8Array) {
  const transport = createStreamsTransport();
  const { leg, wire } = await accepted(t, transport);
  wire.socket.end();
  t.is(await leg.read(), undefined);
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const [outgoing, [target]] = await Promise.all([
    transport.dial(at((server.address() as AddressInfo).port), {}, soon()),
    once(server, 'connection') as Promise<[Socket]>,
  ]);
  t.teardown(() => target.destroy());
  leg.unread(early);
  return { target, relay: transport.relay(leg, outgoing, NO_LIMITS) };
}
