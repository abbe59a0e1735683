// UDP ASSOCIATE through proxies: which answers pass, and how much may wait.
import test from 'ava';
import type { WayChange } from '../../src/net/routes/ways.ts';
import { datagram, mustEcho, openAssociation } from '../support/associations.ts';
import { at } from '../support/legs.ts';
import { transports } from '../support/transports.ts';
import { udpEcho, udpPeer } from '../support/udp.ts';
import { scriptedServer } from '../support/upstreams.ts';
import { grants, endOf, startRouted } from '../support/session/udproutes.ts';

for (const { name, create } of transports) {
  const transport = create();

  const title = (sentence: string) => `${name}: ${sentence}`;

  const start = startRouted(transport);

  test(
    title('of what a proxy sends only whole answers of targets that were sent to get to the client'),
    async (t) => {
      const straight = await udpEcho(t);
      const relay = await udpPeer(t);
      const liar = await scriptedServer(t, grants(relay));
      const front = await start(t, { routes: [`127.0.0.2 any 127.0.0.1 ${liar.port}/5`] });
      const each = await openAssociation(t, front.port);
      await mustEcho(t, each, straight, 'straight');
      await each.send('asked', at(53, '127.0.0.2'));
      const [arrived] = await relay.take(1);
      t.true(arrived!.bytes.equals(datagram('asked', at(53, '127.0.0.2'))));
      const right = datagram('answer', at(53, '127.0.0.2'));
      const stranger = await udpPeer(t);
      await stranger.send(right, arrived!.from);
      const wrong = [
        Buffer.alloc(0),
        Buffer.from('garbage'),
        right.subarray(0, 9),
        Buffer.concat([Uint8Array.of(0, 0, 1), right.subarray(3)]),
        datagram('another port', at(54, '127.0.0.2')),
        datagram('another host', at(53, '127.0.0.3')),
        // It was sent to, but not by this proxy.
        datagram('stolen', straight.local),
        datagram('a name', { name: 'a.test', port: 53 }),
      ];
      for (const bytes of wrong) await relay.send(bytes, arrived!.from);
      await relay.send(right, arrived!.from);
      t.is((await each.answer()).payload.toString(), 'answer');
      t.deepEqual((await endOf(front, each)).dropped, { stranger: 5, malformed: 3, fragment: 1 });
    },
  );

  for (const [count, most] of [
    [1, 65_497],
    [2, 65_487],
  ] as const) {
    test(title(`${count} proxies have room for ${most} bytes, and what has more is dropped`), async (t) => {
      const target = await udpPeer(t);
      const hops = await Promise.all(Array.from({ length: count }, () => start(t)));
      const chain = hops.map(({ port }) => `127.0.0.1 ${port}`).join(' ');
      const front = await start(t, { routes: [`* any ${chain}`] });
      const each = await openAssociation(t, front.port);
      const largest = Buffer.alloc(most, 'x');
      await each.send(largest, target.local);
      const [arrived] = await target.take(1);
      t.true(arrived!.bytes.equals(largest));
      await target.send(largest, arrived!.from);
      t.true((await each.answer()).payload.equals(largest));
      // Through one proxy there is room for whatever a client can send.
      if (count === 1) return;
      await each.send(Buffer.alloc(most + 1), target.local);
      await each.send('behind it', target.local);
      t.is((await target.take(1))[0]?.bytes.toString(), 'behind it');
      t.deepEqual((await endOf(front, each)).dropped, { 'too-long': 1 });
    });
  }

  test(title('a client that leaves while proxies are asked leaves nothing behind'), async (t) => {
    const changes: WayChange[] = [];
    const silent = await scriptedServer(t, [3, '0500', 10, 1]);
    const front = await start(t, { routes: [`* any 127.0.0.1 ${silent.port}/5`], changes });
    const each = await openAssociation(t, front.port);
    await each.send('?', at(53));
    const isAsked = () => silent.taken.some((bytes) => bytes.length >= 26);
    while (!isAsked()) await new Promise((resolve) => setImmediate(resolve));
    each.wire.socket.end();
    // It takes a byte more, or the end.
    await silent.played(1);
    t.is((await front.event('ended')).dropped, undefined);
    t.deepEqual(changes, []);
  });

  test(title('what waits for proxies is bounded'), async (t) => {
    const silent = await scriptedServer(t, []);
    const front = await start(t, { routes: [`127.0.0.2 any 127.0.0.1 ${silent.port}/5`] });
    const echo = await udpEcho(t);
    const each = await openAssociation(t, front.port);
    for (let count = 0; count < 70; count++) await each.send('?', at(53, '127.0.0.2'));
    await mustEcho(t, each, echo, 'others go on');
    t.deepEqual((await endOf(front, each)).dropped, { busy: 6 });
  });
}
