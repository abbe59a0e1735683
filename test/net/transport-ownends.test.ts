// The Transport contract: which local ends are our own, once for each implementation.
import test from 'ava';
import type { Leg } from '../../src/net/transport.ts';
import { codeOf, endOf, listening, at, NO_LIMITS, soon, accepted } from '../support/legs.ts';
import { CLOSED_PORT } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

for (const { name, create } of transports) {
  const transport = create();
  const { tcp, udp } = transport.own;
  const title = (sentence: string) => `${name}: ${sentence}`;

  test(title('who is accepted from our own leg is known, whoever of both is told first'), async (t) => {
    const seen: boolean[] = [];
    const met: Leg[] = [];
    let all: () => void = () => undefined;
    const allMet = new Promise<void>((resolve) => (all = resolve));
    const meet = (leg: Leg): void => {
      seen.push(tcp.has(leg.remote, leg.local));
      if (met.push(leg) === 50) all();
    };
    const listener = await transport.listen(at(0), meet, { firstWord: 'either' });
    const dials = Array.from({ length: 50 }, () => transport.dial(listener.local, {}, soon()));
    const legs = await Promise.all(dials);
    await allMet;
    t.deepEqual(new Set(seen), new Set([true]));
    for (const { local, remote } of legs) t.true(tcp.has(local, remote));
    for (const leg of [...legs, ...met]) leg.close('reset');
    listener.close();
  });

  test(title('who is accepted from a leg of ours that was reset at once is known'), async (t) => {
    const seen = new Map<number, boolean[]>();
    const met: Leg[] = [];
    const meet = (leg: Leg): void => {
      seen.set(leg.remote.port, [tcp.recognise(leg.remote, leg.local), tcp.has(leg.remote, leg.local)]);
      met.push(leg);
    };
    const listener = await transport.listen(at(0), meet, { firstWord: 'either' });
    const hurry = async (): Promise<void> => {
      const leg = await transport.dial(listener.local, {}, soon());
      leg.write(Buffer.from('in a hurry'));
      leg.close('reset');
    };
    await Promise.all(Array.from({ length: 100 }, hurry));
    // The listener has one queue: this leg is accepted last.
    const last = await transport.dial(listener.local, {}, soon());
    while (!seen.has(last.local.port)) await new Promise(setImmediate);
    const late = [...seen.values()].filter(([, isOwnStill]) => !isOwnStill);
    t.log(`${late.length} of ${seen.size} were accepted when they had gone`);
    t.true([...seen.values()].every(([isOwn]) => isOwn));
    for (const leg of [last, ...met]) leg.close('reset');
    listener.close();
  });

  test(title('an end is forgotten when its leg is closed'), async (t) => {
    const server = await listening(t);
    const leg = await transport.dial(at(server.port), {}, soon());
    const { local, remote } = leg;
    t.true(tcp.has(local, remote));
    const target = await server.accept();
    leg.close('reset');
    await target.ending();
    while (tcp.has(local, remote)) await new Promise(setImmediate);
    t.false(tcp.has(local, remote));
  });

  test(title('an end is forgotten when its relay has ended, and not before'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    const server = await listening(t);
    const outgoing = await transport.dial(at(server.port), {}, soon());
    const { local, remote } = outgoing;
    const target = await server.accept();
    const relay = transport.relay(leg, outgoing, NO_LIMITS);
    wire.send('on');
    await target.take(2);
    t.true(tcp.has(local, remote));
    const ended = endOf(relay);
    wire.socket.resetAndDestroy();
    await ended;
    while (tcp.has(local, remote)) await new Promise(setImmediate);
    t.false(tcp.has(local, remote));
  });

  test(title('a leg that was accepted is no end of ours'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    t.false(tcp.has(leg.local, leg.remote));
    t.false(tcp.has(leg.remote, leg.local));
    wire.socket.destroy();
    leg.close('reset');
  });

  test(title('nothing is kept of what could not be dialled'), async (t) => {
    const from = at(0, '127.0.0.77').ip;
    t.is(await codeOf(transport.dial(at(CLOSED_PORT), { source: from }, soon())), 'CONNECTION_REFUSED');
    const isKept = (): boolean =>
      Array.from({ length: 65_536 }, (_, port) => port).some((port) =>
        tcp.has({ ip: from, port }, at(CLOSED_PORT)),
      );
    // Node closes a socket a turn after it has failed.
    while (isKept()) await new Promise(setImmediate);
    t.false(isKept());
  });

  test(title('sockets towards targets are our own, those towards clients are not'), async (t) => {
    const outside = await transport.openUdp(at(0, '0.0.0.0'), () => undefined, 'outside');
    const inside = await transport.openUdp(at(0), () => undefined, 'client');
    t.true(udp.has(outside.local, inside.local));
    t.false(udp.has(inside.local, outside.local));
    outside.close();
    outside.close();
    inside.close();
    t.false(udp.has(outside.local, inside.local));
  });
}
