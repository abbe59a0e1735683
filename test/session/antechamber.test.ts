// Clients of listeners with layers, before anybody knows who they are. The layers are those of this test: none exists yet.
import test, { type ExecutionContext } from 'ava';
import { Fault } from '../../src/base/fault.ts';
import type { Layer } from '../../src/net/layer.ts';
import { carrierOfLeg } from '../../src/net/streams/legstream.ts';
import { StreamLeg } from '../../src/net/streams/streamleg.ts';
import type { Leg, Listener, Transport } from '../../src/net/transport.ts';
import { Antechamber, ANTECHAMBER, type AntechamberPlan } from '../../src/session/gate/antechamber.ts';
import { Server } from '../../src/session/server/server.ts';
import { loopback, SNAPSHOT, startServer } from '../support/server.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';

/** Counts those who have come to it, and does with them what the test wants. */
class TestLayer implements Layer {
  readonly name = 'test';
  readonly cover: Layer['cover'];
  count = 0;
  #waiting: (() => void)[] = [];

  constructor(cover: Layer['cover']) {
    this.cover = (leg, deadline) => {
      this.count += 1;
      for (const look of this.#waiting.splice(0)) look();
      return cover(leg, deadline);
    };
  }

  async reached(count: number): Promise<void> {
    while (this.count < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

const hanging = () => new TestLayer(() => new Promise(() => undefined));
const failing = () =>
  new TestLayer(async (leg) => {
    await leg.read();
    throw new Fault('MESSAGE_MALFORMED', 'no header');
  });

/** Reads on for as long as anything comes, and would never have enough. */
const endless = () =>
  new TestLayer(async (leg) => {
    for (;;) if ((await leg.read()) === undefined) throw new Fault('CLIENT_CLOSED');
  });

/** Whom a header names. */
const TOLD = loopback(4242, '127.0.0.77');

/** Waits for a header, which is `x!`, and covers the leg. */
const header = () =>
  new TestLayer(async (leg) => {
    let text = '';
    while (text.length < 2) text += Buffer.from((await leg.read()) ?? '??').toString('latin1');
    if (!text.startsWith('x!')) throw new Fault('MESSAGE_MALFORMED', 'no header');
    if (text.length > 2) leg.unread(Buffer.from(text.slice(2), 'latin1'));
    return new StreamLeg(carrierOfLeg(leg), TOLD, leg.local);
  });

/** A client that has sent something: the engine gives no leg before. */
async function knock(port: number, from = '127.0.0.1'): Promise<Wire> {
  const wire = await dialWire(port, '127.0.0.1', from);
  wire.send('x');
  return wire;
}

async function endOf(wire: Wire): Promise<string> {
  return wire.ending().catch(() => 'reset');
}

interface Room {
  readonly port: number;
  readonly antechamber: Antechamber;
  readonly entered: Leg[];
  onEntered: (leg: Leg) => void;
  readonly turnedAway: string[];
}

async function antechamberFor(
  t: ExecutionContext,
  transport: Transport,
  layer: Layer,
  limits: Partial<AntechamberPlan>,
): Promise<Room> {
  const [entered, turnedAway]: [Leg[], string[]] = [[], []];
  const antechamber = new Antechamber({
    ...ANTECHAMBER,
    ...limits,
    turnedAway: ({ ip }, { code }) => turnedAway.push(`${ip} ${code}`),
  });
  const enter = (leg: Leg): void => {
    entered.push(leg);
    room.onEntered(leg);
  };
  const listener = await transport.listen(loopback(0), (leg) => antechamber.prepare(leg, [layer], enter));
  const { port } = listener.local;
  const room: Room = { port, antechamber, entered, turnedAway, onEntered: () => undefined };
  t.teardown(() => {
    listener.close();
    antechamber.stop();
    for (const leg of entered) leg.close('reset');
  });
  return room;
}

test('a client of a plain listener is accepted at once, in the same turn', async (t) => {
  const transport = transports[0]!.create();
  let arrive: (leg: Leg) => void = () => undefined;
  const listen: Transport['listen'] = (endpoint, onLeg) => {
    arrive = onLeg;
    return Promise.resolve({ local: endpoint, descriptor: undefined, close: () => undefined } as Listener);
  };
  const events: string[] = [];
  const { server } = await startServer(transport);
  t.teardown(() => server.stop(0));
  const own = { tcp: { recognise: () => true }, udp: {} };
  const bare = { ...transport, own, stalls: transport.stalls, listen } as unknown as Transport;
  const surroundings = { transport: bare, report: ({ kind }: { kind: string }) => events.push(kind) };
  const plain = new Server({ ...surroundings, logins: { bans: { holds: () => false } } } as never, SNAPSHOT);
  await plain.listen({ endpoint: loopback(1), layers: [] });
  plain.open();
  const leg = { remote: TOLD, local: loopback(1), close: () => undefined } as unknown as Leg;
  arrive(leg);
  t.deepEqual(events, ['accepted', 'refused']);
  await plain.stop(0);
});

for (const { name, create } of transports) {
  const transport = create();
  const title = (text: string): string => `${name}: ${text}`;

  test(
    title('a client is accepted once its layer is through, as whom that names, and loses no byte'),
    async (t) => {
      const echo = await echoServer(t);
      const server = await startServer(transport);
      t.teardown(() => server.stop());
      const layer = header();
      const { port } = await server.server.listen({ endpoint: loopback(0), layers: [layer] });
      const wire = await dialWire(port);
      const request = Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, echo >> 8, echo & 255]);
      wire.send(Buffer.concat([Buffer.from('x!'), request, Buffer.from('ping')]));
      t.is((await wire.take(2 + 10 + 4)).subarray(12).toString(), 'ping');
      const { session } = await server.event('accepted');
      t.deepEqual(session.client, TOLD);
      wire.socket.end();
      t.like(await server.event('ended'), { endedBy: 'client-fin', bytesUp: 4, bytesDown: 4 });
    },
  );

  test(title('a layer that fails turns its client away, which is told with the reason'), async (t) => {
    const server = await startServer(transport);
    t.teardown(() => server.stop());
    const { port } = await server.server.listen({ endpoint: loopback(0), layers: [failing()] });
    t.is(await endOf(await knock(port)), 'reset');
    const { fault, client } = await server.event('turnedAway');
    t.is(`${fault.code} ${String(fault.cause)} ${client?.ip}`, 'MESSAGE_MALFORMED no header 127.0.0.1');
    t.is(server.events.filter(({ kind }) => kind === 'accepted').length, 0);
  });

  for (const [what, create] of [
    ['hangs', hanging],
    ['never has enough', endless],
  ] as const) {
    test(title(`a layer that ${what} is ended by the time of the antechamber`), async (t) => {
      const room = await antechamberFor(t, transport, create(), { timeoutMs: 50 });
      const wire = await knock(room.port);
      const feeding = setInterval(() => wire.send('more'), 5);
      t.teardown(() => clearInterval(feeding));
      t.is(await endOf(wire), 'reset');
      t.deepEqual(room.turnedAway, ['127.0.0.1 HANDSHAKE_TIMEOUT']);
      t.deepEqual([room.antechamber.size, room.entered.length], [0, 0]);
    });
  }

  test(title('what a layer makes after its time is closed'), async (t) => {
    let finish: () => void = () => undefined;
    const closed = new Promise<string>((resolve) => {
      const late = { close: resolve } as unknown as Leg;
      finish = () => made(late);
    });
    let made: (leg: Leg) => void = () => undefined;
    const layer = new TestLayer(() => new Promise((resolve) => (made = resolve)));
    const room = await antechamberFor(t, transport, layer, { timeoutMs: 50 });
    t.is(await endOf(await knock(room.port)), 'reset');
    finish();
    t.is(await closed, 'reset');
    t.is(room.entered.length, 0);
  });

  test(
    title('a client that fills the antechamber drives out its own, and a slow one beside it comes in'),
    async (t) => {
      const layer = header();
      const room = await antechamberFor(t, transport, layer, { maxGuests: 4, maxGuestsPerClient: 3 });
      // The first byte of a header of two; the layer waits for the other one.
      const honest = await knock(room.port, '127.0.1.1');
      await layer.reached(1);
      const flood: Wire[] = [];
      for (let count = 2; count <= 9; count++) {
        flood.push(await knock(room.port));
        await layer.reached(count);
      }
      t.is(room.antechamber.size, 4);
      t.is(await endOf(flood[4]!), 'reset');
      t.deepEqual(
        room.turnedAway,
        Array.from({ length: 5 }, () => '127.0.0.1 PRESSED_OUT'),
      );
      const came = new Promise<Leg>((resolve) => (room.onEntered = resolve));
      honest.send('!');
      t.deepEqual((await came).remote, TOLD);
      for (const wire of [honest, ...flood]) wire.socket.destroy();
    },
  );

  test(title('guests are the first to make room, unless a flood of handshakes is larger'), async (t) => {
    const server = await startServer(transport, {}, 3);
    t.teardown(() => server.stop());
    const layer = hanging();
    const { port } = await server.server.listen({ endpoint: loopback(0), layers: [layer] });
    const guests = [await knock(port, '127.0.1.1'), await knock(port, '127.0.1.1')];
    await layer.reached(2);
    const greet = async (from: string): Promise<Wire> => {
      const wire = await dialWire(server.port, '127.0.0.1', from);
      wire.send(Uint8Array.of(5, 1, 0));
      await wire.take(2);
      return wire;
    };
    // Full with the first; each of the next two takes a place.
    const strangers = [await greet('127.0.0.1'), await greet('127.0.0.1')];
    t.is(await endOf(guests[0]!), 'reset');
    t.is((await server.event('turnedAway')).fault.code, 'PRESSED_OUT');
    // Two handshakes against one guest: the handshakes make room for each other.
    strangers.push(await greet('127.0.0.1'));
    t.is(await endOf(strangers[0]!), 'reset');
    await server.stop();
    t.is(await endOf(guests[1]!), 'reset');
    for (const wire of [...guests, ...strangers]) wire.socket.destroy();
  });
}
