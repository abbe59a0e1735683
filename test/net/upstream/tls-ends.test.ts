// How a stream over TLS to a proxy ends: FIN, close_notify, resets, and forged records.
import type { Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { accepted, endOf, NO_LIMITS, text } from '../../support/legs.ts';
import { transports } from '../../support/transports.ts';
import { left, tlsProxy, cover } from '../../support/net/tlsproxies.ts';

/** More than all buffers between take. */
const MUCH = 8 * 1024 * 1024;

/** How the peer has ended the connection. Node.js may report a reset behind unread bytes as FIN; an empty write then fails. */
function endingOf(socket: Socket): Promise<'fin' | 'reset'> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve('reset'));
    socket.once('end', () => socket.write('', (error) => resolve(error ? 'reset' : 'fin')));
  });
}

for (const { name, create } of transports) {
  const transport = create();

  const title = (sentence: string) => `${name}: ${sentence}`;

  async function relayed(t: ExecutionContext) {
    const proxy = await tlsProxy(t);
    const { leg, wire } = await accepted(t, transport);
    const target = await cover(transport, proxy.port);
    return { wire, ...(await proxy.accept()), relay: transport.relay(leg, target, NO_LIMITS) };
  }

  test(title('close_notify is FIN, in each direction alone'), async (t) => {
    const { wire, secure, relay } = await relayed(t);
    secure.end('answer');
    t.is(text(await wire.rest()), 'answer');
    wire.socket.end('request');
    let heard = '';
    for await (const bytes of secure) heard += String(bytes);
    t.is(heard, 'request');
    t.deepEqual(await endOf(relay), { bytesUp: 7, bytesDown: 6, endedBy: 'target-fin' });
  });

  test(title('FIN of the client is close_notify, and the answer still comes'), async (t) => {
    const { wire, secure, relay } = await relayed(t);
    wire.socket.end('request');
    let heard = '';
    for await (const bytes of secure.iterator({ destroyOnReturn: false })) heard += String(bytes);
    t.is(heard, 'request');
    secure.end('late answer');
    t.is(text(await wire.rest()), 'late answer');
    t.is((await endOf(relay)).endedBy, 'client-fin');
  });

  test(title('FIN without close_notify is a reset'), async (t) => {
    const { wire, raw, secure, relay } = await relayed(t);
    secure.write('part');
    t.is(text(await wire.take(4)), 'part');
    raw.end();
    t.is(await wire.ending(), 'reset');
    t.is((await endOf(relay)).endedBy, 'target-reset');
  });

  test(
    title('FIN without close_notify is a reset behind much that the client has not read yet'),
    async (t) => {
      const { wire, raw, secure, relay } = await relayed(t);
      wire.socket.pause();
      secure.write(Buffer.alloc(MUCH), () => raw.end());
      await new Promise((resolve) => setTimeout(resolve, 100));
      wire.socket.resume();
      t.is(await wire.ending(), 'reset');
      t.is((await endOf(relay)).endedBy, 'target-reset');
    },
  );

  test(title('a reset of the proxy behind much is a reset'), async (t) => {
    const { wire, raw, secure, relay } = await relayed(t);
    secure.write(Buffer.alloc(MUCH), () => raw.resetAndDestroy());
    t.is(await wire.ending(), 'reset');
    t.is((await endOf(relay)).endedBy, 'target-reset');
  });

  test(title('a reset of the client behind much is no close_notify'), async (t) => {
    const { wire, raw, secure, relay } = await relayed(t);
    secure.resume();
    const ending = endingOf(raw);
    wire.socket.write(Buffer.alloc(MUCH), () => wire.socket.resetAndDestroy());
    t.is(await ending, 'reset');
    t.is((await endOf(relay)).endedBy, 'client-reset');
  });

  test(title('close_notify behind much that the client has not read yet is FIN'), async (t) => {
    const { wire, secure, relay } = await relayed(t);
    wire.socket.pause();
    secure.end(Buffer.alloc(MUCH));
    await new Promise((resolve) => setTimeout(resolve, 100));
    wire.socket.end();
    wire.socket.resume();
    t.is((await wire.rest()).length, MUCH);
    t.is((await endOf(relay)).endedBy, 'client-fin');
  });

  test(title('a reset of either side is one for the other'), async (t) => {
    const one = await relayed(t);
    one.raw.resetAndDestroy();
    t.is(await one.wire.ending(), 'reset');
    t.is((await endOf(one.relay)).endedBy, 'target-reset');
    const other = await relayed(t);
    other.wire.socket.resetAndDestroy();
    await left(other.secure);
    t.false(other.secure.readableEnded);
    t.is((await endOf(other.relay)).endedBy, 'client-reset');
  });

  test(title('a record that was tampered with ends the session'), async (t) => {
    const { wire, raw, relay } = await relayed(t);
    // Application data that no key has made.
    raw.write(Buffer.from(`1703030020${'00'.repeat(32)}`, 'hex'));
    t.is(await wire.ending(), 'reset');
    t.is((await endOf(relay)).endedBy, 'target-reset');
  });
}
