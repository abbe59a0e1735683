// Clients that go through the server to the server: the second time they would come from this host, with its rights.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import test from 'ava';
import { askBind, takeReply } from '../support/bind.ts';
import { datagram, openAssociation } from '../support/associations.ts';
import { startServerFor } from '../support/server.ts';
import { connectThrough, enter } from '../support/socks.ts';
import { dialWire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';
import { udpEcho, udpPeer } from '../support/udp.ts';

/** Clients that leave before their second connection is accepted, as far as they are quick enough. */
const HURRIES = 60;

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  for (const [dialect, first] of [
    ['SOCKS5', Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 80)],
    ['SOCKS4', Uint8Array.of(4, 1, 0, 80, 127, 0, 0, 1, 0)],
  ] as const) {
    test(
      title(`a client of ${dialect} that comes out of the server itself is closed without a word`),
      async (t) => {
        const server = await startServerFor(t, transport);
        const wire = await connectThrough(server.port, server.port);
        wire.send(first);
        t.is((await wire.rest()).length, 0);
        const { fault, rep } = await server.event('refused');
        t.deepEqual([fault.code, rep], ['CLIENT_IS_SELF', undefined]);
        // An honest client is served as before.
        const other = await dialWire(server.port);
        await t.notThrowsAsync(enter(other));
        other.socket.destroy();
      },
    );
  }

  for (const [dialect, request] of [
    ['SOCKS5', (...port: readonly number[]) => [5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, ...port]],
    ['SOCKS4', (...port: readonly number[]) => [4, 1, ...port, 127, 0, 0, 1, 0]],
  ] as const) {
    test(
      title(`clients of ${dialect} that reset their way through it at once get nowhere, either`),
      async (t) => {
        const server = await startServerFor(t, transport);
        let met = 0;
        const target = createServer((socket) => {
          met += 1;
          socket.destroy();
        }).listen(0, '127.0.0.1');
        t.teardown(() => target.close());
        await once(target, 'listening');
        const { port } = target.address() as AddressInfo;
        const toPort = (to: number): Uint8Array => Uint8Array.from(request(to >> 8, to & 0xff));
        // All of it at once, so that connections wait to be accepted while others of the crowd are reset.
        const wires = await Promise.all(Array.from({ length: HURRIES }, () => dialWire(server.port)));
        for (const wire of wires) wire.send(Buffer.concat([toPort(server.port), toPort(port)]));
        const left = wires.map((wire) => once(wire.socket, 'close'));
        for (const [at, wire] of wires.entries()) {
          for (let turn = 0; turn < at % 4; turn++) await new Promise(setImmediate);
          wire.socket.resetAndDestroy();
        }
        await Promise.all(left);
        // It is accepted after those.
        const honest = await connectThrough(server.port, port);
        await honest.ending();
        t.is(met, 1);
        const own = server.events.filter(({ kind }) => kind === 'refused').length;
        t.log(`${own} of ${HURRIES} were refused`);
      },
    );
  }

  test(title('a connection of another client is no peer of BIND'), async (t) => {
    const server = await startServerFor(t, transport);
    const waiting = await askBind(server.port);
    const { bound } = await takeReply(waiting);
    // The reset may come before the way there is open.
    const detour = await connectThrough(server.port, bound.port).catch(() => undefined);
    await detour?.ending();
    const peer = await dialWire(bound.port);
    t.is((await takeReply(waiting)).bound.port, peer.socket.localPort!);
    const { fault } = await server.event('stranger');
    t.is(fault.code, 'CLIENT_IS_SELF');
    for (const each of [waiting, detour, peer]) each?.socket.destroy();
  });

  test(title('an association takes no orders from the socket of another one'), async (t) => {
    const server = await startServerFor(t, transport);
    const echo = await udpEcho(t);
    const victim = await openAssociation(t, server.port);
    const attacker = await openAssociation(t, server.port);
    const target = await udpPeer(t);
    // Whoever sends first is the client of an association that has named no port.
    await attacker.send(datagram('stolen', target.local), victim.bound);
    // What came before has been handled when this is back.
    await attacker.send('after', echo.local);
    await attacker.answer();
    await victim.send('mine', echo.local);
    t.is((await victim.answer()).payload.toString(), 'mine');
    victim.wire.socket.end();
    const { dropped } = await server.event('ended');
    t.deepEqual(dropped, { stranger: 1 });
  });
}
