// TLS in front of a listener, over each transport: how the ends of a stream come through.
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { Duplex } from 'node:stream';
import test from 'ava';
import { ask, listening, REQUIRED, secured, SETTINGS, take } from '../../support/tlsserver.ts';
import { transports } from '../../support/transports.ts';

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  test(
    title('a client speaks SOCKS5 in TLS, ahead of the answers, and each side ends by close_notify'),
    async (t) => {
      const { port, echo, ...server } = await listening(t, transport, SETTINGS);
      const socket = await secured(t, port);
      socket.end(ask(echo));
      t.is((await take(socket, 16)).subarray(12).toString(), 'ping');
      await once(socket, 'end');
      t.like(await server.event('ended'), { bytesUp: 4, bytesDown: 4, endedBy: 'client-fin' });
    },
  );

  for (const [which, settings] of [
    ['without certificates of clients', SETTINGS],
    ['with certificates of clients', { ...REQUIRED, client: 'ask' }],
  ] as const) {
    test(title(`FIN without close_notify is a reset, also behind much, ${which}`), async (t) => {
      for (const size of [4, 1024 * 1024]) {
        const { port, echo, ...server } = await listening(t, transport, settings);
        const raw = connectPlain(port, '127.0.0.1');
        raw.on('error', () => undefined);
        const below = Duplex.from({ readable: raw, writable: raw });
        below.on('error', () => undefined);
        const socket = await secured(t, port, { socket: below });
        socket.on('error', () => undefined);
        socket.write(ask(echo, ''));
        await take(socket, 12);
        socket.write(Buffer.alloc(size, 7), () => raw.end());
        t.like(await server.event('ended'), { endedBy: 'client-reset', bytesUp: size });
      }
    });

    test(title(`close_notify is an end, also behind much and together with FIN, ${which}`), async (t) => {
      const { port, echo, ...server } = await listening(t, transport, settings);
      const socket = await secured(t, port);
      const much = 1024 * 1024;
      socket.end(ask(echo, '\x07'.repeat(much)));
      t.is((await take(socket, 12 + much)).length, 12 + much);
      await once(socket, 'end');
      t.like(await server.event('ended'), { bytesUp: much, bytesDown: much, endedBy: 'client-fin' });
    });
  }

  test(title('much passes in both directions, and a reset of the client is one'), async (t) => {
    const { port, echo, ...server } = await listening(t, transport, SETTINGS);
    const socket = await secured(t, port);
    const much = 1024 * 1024;
    socket.write(ask(echo, ''));
    await take(socket, 12);
    socket.write(Buffer.alloc(much, 7));
    const back = await take(socket, much);
    t.true(back.every((byte) => byte === 7));
    socket.destroy();
    t.like(await server.event('ended'), { bytesUp: much, bytesDown: much });
  });
}
