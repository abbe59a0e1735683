// The Transport contract: UDP sockets, once for each implementation.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import test from 'ava';
import type { UdpSocket } from '../../src/net/transport.ts';
import { testAt } from '../support/ipv6.ts';
import { at } from '../support/legs.ts';
import { openEcho, openUdp, udpPeer } from '../support/udp.ts';
import { transports } from '../support/transports.ts';
import { onLinuxInTurn } from '../support/needing.ts';

const NOTHING = new Uint8Array();
/** The most that fits into an IPv4 packet: 65,535 less 20 of IP and 8 of UDP. */
const MOST_BYTES = 65_507;

const descriptors = () => readdirSync('/proc/self/fd').length;

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  for (const host of ['127.0.0.1', '::1']) {
    testAt(host)(title(`datagrams come and go over ${host}`), async (t) => {
      const echo = await openEcho(t, transport, host);
      const peer = await udpPeer(t, host);
      await peer.send('there and back', echo.local);
      const [answer] = await peer.take(1);
      t.is(answer?.bytes.toString(), 'there and back');
      t.deepEqual(answer?.from, echo.local);
    });
  }

  for (const size of [0, 1, 1400, MOST_BYTES]) {
    test(title(`a payload of ${size} bytes arrives whole`), async (t) => {
      const echo = await openEcho(t, transport);
      const peer = await udpPeer(t);
      const bytes = randomBytes(size);
      await peer.send(bytes, echo.local);
      const [answer] = await peer.take(1);
      t.true(answer?.bytes.equals(bytes));
    });
  }

  test(title('head and payload leave as one datagram, and are the caller’s again at once'), async (t) => {
    const peer = await udpPeer(t);
    const socket = await openUdp(t, transport, () => undefined);
    const head = Buffer.from('head, ');
    const payload = Buffer.from('payload');
    socket.send(head, payload, peer.local);
    head.fill(0);
    payload.fill(0);
    const [datagram] = await peer.take(1);
    t.is(datagram?.bytes.toString(), 'head, payload');
    t.deepEqual(datagram?.from, socket.local);
  });

  test(title('1,000 datagrams of four peers come in order, each with its source'), async (t) => {
    const heard = new Map<number, string[]>();
    const echo: UdpSocket = await openUdp(t, transport, (bytes, from) => {
      heard.set(from.port, [...(heard.get(from.port) ?? []), Buffer.from(bytes).toString()]);
      echo.send(bytes.subarray(0, 0), bytes, from);
    });
    const peers = await Promise.all([1, 2, 3, 4].map(() => udpPeer(t)));
    const waves = Array.from({ length: 10 }, (_, wave) =>
      Array.from({ length: 25 }, (_, at) => wave * 25 + at),
    );
    for (const wave of waves) {
      for (const number of wave) for (const peer of peers) void peer.send(`${number}`, echo.local);
      for (const peer of peers) {
        const answers = await peer.take(wave.length);
        t.deepEqual(
          answers.map(({ bytes }) => bytes.toString()),
          wave.map(String),
        );
      }
    }
    const sent = waves.flat().map(String);
    for (const peer of peers) t.deepEqual(heard.get(peer.local.port), sent);
  });

  test(title('many sends at once all arrive, in order'), async (t) => {
    const peer = await udpPeer(t);
    const socket = await openUdp(t, transport, () => undefined);
    const bodies = Array.from({ length: 300 }, (_, at) => `${at}`.padStart(1200, '.'));
    for (const body of bodies) socket.send(NOTHING, Buffer.from(body), peer.local);
    const arrived = await peer.take(bodies.length);
    t.deepEqual(
      arrived.map(({ bytes }) => bytes.toString()),
      bodies,
    );
  });

  test(title('sends of several sockets in turn keep to their sockets'), async (t) => {
    const peer = await udpPeer(t);
    const sockets = await Promise.all([1, 2, 3].map(() => openUdp(t, transport, () => undefined)));
    for (let round = 0; round < 20; round++) {
      for (const socket of sockets)
        socket.send(NOTHING, Buffer.from(`${socket.local.port} ${round}`), peer.local);
    }
    const arrived = await peer.take(60);
    for (const { local } of sockets) {
      t.deepEqual(
        arrived.filter(({ from }) => from.port === local.port).map(({ bytes }) => bytes.toString()),
        Array.from({ length: 20 }, (_, round) => `${local.port} ${round}`),
      );
    }
  });

  test(title('what cannot be sent harms nothing'), async (t) => {
    const peer = await udpPeer(t);
    const echo = await openEcho(t, transport);
    const gone = await openUdp(t, transport, () => undefined);
    gone.close();
    const bytes = Buffer.from('lost');
    echo.send(NOTHING, bytes, gone.local);
    echo.send(NOTHING, bytes, at(0));
    echo.send(NOTHING, bytes, at(9, '::1'));
    echo.send(NOTHING, bytes, at(9, '255.255.255.255'));
    echo.send(NOTHING, Buffer.alloc(MOST_BYTES + 1), peer.local);
    echo.send(NOTHING, Buffer.alloc(300_000), peer.local);
    for (let round = 0; round < 3; round++) {
      await peer.send(`still here ${round}`, echo.local);
      const [answer] = await peer.take(1);
      t.is(answer?.bytes.toString(), `still here ${round}`);
    }
  });

  test(title('a socket that is closed in its callback hears nothing more'), async (t) => {
    const peer = await udpPeer(t);
    let heard = 0;
    const socket: UdpSocket = await openUdp(t, transport, (_, from) => {
      heard += 1;
      socket.close();
      socket.send(NOTHING, Buffer.from('too late'), from);
    });
    await Promise.all(Array.from({ length: 50 }, () => peer.send('x', socket.local)));
    const echo = await openEcho(t, transport);
    await peer.send('after', echo.local);
    const [answer] = await peer.take(1);
    t.is(answer?.bytes.toString(), 'after');
    t.is(heard, 1);
  });

  test(title('closing twice is allowed, and sending after it is nothing'), async (t) => {
    const peer = await udpPeer(t);
    const socket = await openUdp(t, transport, () => undefined);
    socket.close();
    t.notThrows(() => socket.close());
    t.notThrows(() => socket.send(NOTHING, Buffer.from('x'), peer.local));
  });

  onLinuxInTurn(title('openUdp() rejects with the system’s error, and keeps no descriptor'), async (t) => {
    const busy = createSocket('udp4');
    busy.bind(0, '127.0.0.1');
    await once(busy, 'listening');
    const before = descriptors();
    const { port } = busy.address();
    for (let round = 0; round < 20; round++) {
      const error = await t.throwsAsync(transport.openUdp(at(port), () => undefined));
      t.is((error as NodeJS.ErrnoException).code, 'EADDRINUSE');
    }
    const elsewhere = await t.throwsAsync(transport.openUdp(at(0, '192.0.2.1'), () => undefined));
    t.is((elsewhere as NodeJS.ErrnoException).code, 'EADDRNOTAVAIL');
    await new Promise(setImmediate);
    t.true(descriptors() <= before + 2, `${descriptors()} descriptors, ${before} before`);
    busy.close();
  });

  onLinuxInTurn(title('thousands of sockets come and go without leaving descriptors'), async (t) => {
    const open = () => transport.openUdp(at(0), () => undefined);
    (await open()).close();
    const before = descriptors();
    for (let round = 0; round < 50; round++) {
      const sockets = await Promise.all(Array.from({ length: 60 }, open));
      for (const socket of sockets) socket.close();
    }
    await new Promise(setImmediate);
    t.true(descriptors() <= before + 2, `${descriptors()} descriptors, ${before} before`);
  });
}
