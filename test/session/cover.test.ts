// The leg of a handshake, covered by another one over it: as protection after a login does.
import { Duplex } from 'node:stream';
import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { carrierOfLeg } from '../../src/net/streams/legstream.ts';
import { StreamLeg } from '../../src/net/streams/streamleg.ts';
import type { Leg } from '../../src/net/transport.ts';
import { Handshake, type Home, type Program, type Session } from '../../src/session/session.ts';
import { SNAPSHOT, startServerFor } from '../support/server.ts';
import { CLOSED_PORT, dialWire } from '../support/sockets.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';

function legNamed(name: string, told: string[]): Leg {
  return { abort: ({ code }: Fault) => told.push(`${name} ${code}`) } as unknown as Leg;
}

test('the end of a handshake reaches the leg that covers it, early or late', (t) => {
  const told: string[] = [];
  const handshake = new Handshake({} as Session, legNamed('first', told), SNAPSHOT, {} as Home);
  handshake.cover(legNamed('second', told));
  handshake.deadline.end(new Fault('KICKED'));
  t.deepEqual(told, ['second KICKED']);
  handshake.cover(legNamed('third', told));
  t.deepEqual(told, ['second KICKED', 'third KICKED']);
});

const turned = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0xff));

/** A leg over `leg` on which the bits of every byte are turned over, both ways. */
function coverOf(leg: Leg): Leg {
  const below = carrierOfLeg(leg);
  const stream: Duplex = new Duplex({
    read: () => below.stream.resume(),
    write: (bytes: Buffer, _, done) => void below.stream.write(turned(bytes), done),
    final: (done) => void below.stream.end(done),
    destroy: (error, done) => {
      below.stream.destroy();
      done(error);
    },
  });
  below.stream.on('data', (bytes: Buffer) => stream.push(turned(bytes)) || below.stream.pause());
  below.stream.on('end', () => stream.push(null));
  below.stream.on('error', (error) => stream.destroy(error));
  return new StreamLeg({ stream, reset: below.reset }, leg.remote, leg.local);
}

/** Covers the leg of each request once it is whole. */
const COVERING: Program = {
  decide: (handshake, destination) => {
    handshake.cover(coverOf(handshake.leg));
    return Promise.resolve(destination);
  },
  surroundingsOf: (_, shared) => shared,
};

for (const { name, create } of transports) {
  const transport = create();

  async function ask(port: number, target: number) {
    const wire = await dialWire(port);
    wire.send(Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, target >> 8, target & 255]));
    await wire.take(2);
    return wire;
  }

  test(`${name}: a reply and the bytes after it go through the leg that covers the first one`, async (t) => {
    const server = await startServerFor(t, transport, { program: COVERING });
    const wire = await ask(server.port, await echoServer(t));
    t.deepEqual([...turned(await wire.take(10)).subarray(0, 4)], [5, 0, 0, 1]);
    wire.send(turned(Buffer.from('ping')));
    t.is(turned(await wire.take(4)).toString(), 'ping');
    wire.socket.end();
    t.like(await server.event('ended'), { endedBy: 'client-fin', bytesUp: 4, bytesDown: 4 });
  });

  test(`${name}: a refusal goes through the leg that covers the first one`, async (t) => {
    const server = await startServerFor(t, transport, { program: COVERING });
    const wire = await ask(server.port, CLOSED_PORT);
    t.deepEqual([...turned(await wire.take(10)).subarray(0, 2)], [5, 5]);
    t.is(await wire.ending(), 'fin');
    t.is((await server.event('refused')).rep, 5);
  });
}
