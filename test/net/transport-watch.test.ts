// The Transport contract: watch(), once for each implementation.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { Fault } from '../../src/base/fault.ts';
import { READ_AHEAD_LIMIT, type Leg, type Transport } from '../../src/net/transport.ts';
import { accepted, at, codeOf, endOf, listening, NO_LIMITS, soon, text } from '../support/legs.ts';
import { transports } from '../support/transports.ts';

/** What watch() tells. */
const told = (leg: Leg) => new Promise<string>((resolve) => leg.watch(({ code }: Fault) => resolve(code)));

/** Sends until the other side takes no more within a moment; what was sent. */
async function fillUp(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let drains = true; drains;) {
    const chunk = randomBytes(READ_AHEAD_LIMIT);
    chunks.push(chunk);
    drains = socket.write(chunk) || (await drainsSoon(socket));
  }
  return Buffer.concat(chunks);
}

async function drainsSoon(socket: Socket): Promise<boolean> {
  try {
    await once(socket, 'drain', { signal: AbortSignal.timeout(500) });
    return true;
  } catch {
    return false;
  }
}

/** A leg to a plain socket, to relay to. */
async function outgoing(t: ExecutionContext, transport: Transport) {
  const server = await listening(t);
  const leg = await transport.dial(at(server.port), {}, soon());
  return { leg, wire: await server.accept() };
}

async function readAll(leg: Leg): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let piece = await leg.read(); piece !== undefined; piece = await leg.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  test(title('watch() tells of FIN once, and keeps what came before it for read()'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    const codes: string[] = [];
    const heard = new Promise<void>((resolve) =>
      leg.watch(({ code }) => {
        codes.push(code);
        resolve();
      }),
    );
    wire.socket.end('early words');
    await heard;
    t.is((await readAll(leg)).toString(), 'early words');
    t.is(await leg.read(), undefined);
    t.deepEqual(codes, ['CLIENT_CLOSED']);
    leg.close('fin');
  });

  test(title('watch() tells of a FIN that has come already'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    wire.socket.end();
    t.is(await leg.read(), undefined);
    t.is(await told(leg), 'CLIENT_CLOSED');
    leg.close('fin');
  });

  test(title('watch() tells of a reset, at once where it has come already'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    const heard = told(leg);
    wire.socket.resetAndDestroy();
    t.is(await heard, 'PEER_RESET');
    t.is(await told(leg), 'PEER_RESET');
    t.is(await codeOf(leg.read()), 'PEER_RESET');
    leg.close('fin');
  });

  test(title('watch() tells of a reset behind bytes that nobody has read'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    const heard = told(leg);
    wire.socket.write('early words', () => wire.socket.resetAndDestroy());
    // libuv takes a reset that comes with bytes for FIN.
    t.true(['PEER_RESET', ...(name === 'streams' ? ['CLIENT_CLOSED'] : [])].includes(await heard));
    leg.close('fin');
  });

  test(title('watch() leaves the order of bytes alone, those that were unread in front'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    wire.send('request and more');
    const first = await leg.read();
    leg.unread(first!.subarray('request '.length));
    const heard = told(leg);
    wire.socket.end(', and the rest');
    await heard;
    t.is((await readAll(leg)).toString(), 'and more, and the rest');
    leg.close('fin');
  });

  test(title('watch() keeps a bounded number of bytes, and none is lost'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    leg.watch(() => t.fail('FIN stands behind what nobody took in'));
    const sent = await fillUp(wire.socket);
    t.true(sent.length < 32 * 1024 * 1024, `${sent.length} bytes were taken in`);
    wire.socket.end();
    leg.watch(() => undefined);
    t.true(sent.equals(await readAll(leg)));
    leg.close('fin');
  });

  test(title('read() waits for what comes after watch()'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    leg.watch(() => undefined);
    const read = leg.read();
    wire.send('later');
    t.is(text(await read), 'later');
    leg.close('fin');
  });

  test(title('a relay gets what watch() kept, in order, and goes on'), async (t) => {
    const { leg, wire: client } = await accepted(t, transport);
    const { leg: target, wire: server } = await outgoing(t, transport);
    const kept = randomBytes(READ_AHEAD_LIMIT / 2);
    leg.watch(() => undefined);
    await new Promise((resolve) => client.socket.write(kept, resolve));
    const relay = transport.relay(leg, target, NO_LIMITS);
    client.send('and live');
    t.deepEqual(await server.take(kept.length), kept);
    t.is((await server.take(8)).toString(), 'and live');
    server.send('answer');
    t.is((await client.take(6)).toString(), 'answer');
    relay.cut('reset');
    await endOf(relay);
  });

  test(title('a relay passes on a FIN that watch() has told of, and what comes back'), async (t) => {
    const { leg, wire: client } = await accepted(t, transport);
    const { leg: target, wire: server } = await outgoing(t, transport);
    const heard = told(leg);
    client.socket.end('question');
    await heard;
    const relay = transport.relay(leg, target, NO_LIMITS);
    t.is((await server.rest()).toString(), 'question');
    server.socket.end('answer');
    t.is((await client.rest()).toString(), 'answer');
    t.deepEqual(await endOf(relay), { bytesUp: 8, bytesDown: 6, endedBy: 'client-fin' });
  });

  test(title('watch() wants no read pending, and an open leg'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    const read = leg.read();
    t.throws(() => leg.watch(() => undefined), { instanceOf: TypeError });
    wire.send('x');
    await read;
    leg.close('fin');
    t.throws(() => leg.watch(() => undefined), { instanceOf: TypeError });
  });

  test(title('a closed leg tells nobody anything'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    leg.watch(() => t.fail());
    leg.close('fin');
    wire.socket.end();
    await wire.rest();
    t.pass();
  });
}
