// Where sessions leave from, as the target sees it.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { Section } from '../../src/config/config.ts';
import { startDnsServer, type DnsRecord } from '../support/dns.ts';
import { policy, section } from '../support/policy.ts';
import { loopback, onlyUser, startServer, type TestServer } from '../support/server.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
import { connectThrough, enter } from '../support/socks.ts';
import { transports } from '../support/transports.ts';

/** A target that tells each peer its address; the port. */
async function mirror(t: ExecutionContext, host = '127.0.0.1'): Promise<number> {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(socket.remoteAddress ?? '');
  });
  server.listen(0, host);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

function from(source: string, ...named: Section[]) {
  return { policy: policy({ rules: section('', { source }), named }) };
}

async function restOf(wire: Wire): Promise<string> {
  const rest = (await wire.rest()).toString();
  wire.socket.destroy();
  return rest;
}

async function seen(server: TestServer, port: number, login?: { user: string; password: string }) {
  return restOf(await connectThrough(server.port, port, login));
}

/** CONNECT to `a.test`: the REP, and what the target says. */
async function byName(proxyPort: number, port: number): Promise<string> {
  const wire = await dialWire(proxyPort);
  await enter(wire);
  const name = Buffer.from('a.test');
  wire.send(
    Buffer.concat([Uint8Array.of(5, 1, 0, 3, name.length), name, Uint8Array.of(port >> 8, port & 255)]),
  );
  const [, rep, , atyp] = await wire.take(4);
  if (rep !== 0) wire.socket.destroy();
  if (rep !== 0) return `REP ${String(rep)}`;
  await wire.take(atyp === 4 ? 18 : 6);
  return await restOf(wire);
}

async function nameServer(t: ExecutionContext, record: DnsRecord) {
  const server = await startDnsServer({ 'a.test': record });
  t.teardown(() => server.close());
  return [server.endpoint];
}

for (const { name, create } of transports) {
  const transport = create();

  test(`${name}: sessions leave from the addresses of a pool in turn`, async (t) => {
    const server = await startServer(transport, from('127.0.0.2,127.0.0.3'));
    t.teardown(() => server.stop());
    const port = await mirror(t);
    const addresses = [await seen(server, port), await seen(server, port), await seen(server, port)];
    t.deepEqual(addresses, ['127.0.0.2', '127.0.0.3', '127.0.0.2']);
  });

  test(`${name}: a user has a pool of his own and keeps his address of it`, async (t) => {
    const own = section('user ann', { source: '127.0.1.0/24,sticky' });
    const server = await startServer(transport, {
      policy: policy({
        rules: section('', { source: '127.0.0.2' }),
        named: [own],
        hasUsers: true,
        anonymous: true,
      }),
      checkLogin: onlyUser('ann', 'x'),
    });
    t.teardown(() => server.stop());
    const port = await mirror(t);
    const login = { user: 'ann', password: 'x' };
    const first = await seen(server, port, login);
    t.regex(first, /^127\.0\.1\./);
    t.is(await seen(server, port, login), first);
    t.is(await seen(server, port), '127.0.0.2');
  });

  test(`${name}: with client a session leaves from where it came in, and only in that family`, async (t) => {
    const dns = await nameServer(t, { a: ['127.0.0.1'], aaaa: ['::1'] });
    const server = await startServer(transport, from('client'), undefined, dns);
    t.teardown(() => server.stop());
    const { port } = await server.server.listen(loopback(0, '127.0.0.5'));
    const wire = await dialWire(port, '127.0.0.5');
    await enter(wire);
    const target = await mirror(t);
    wire.send(Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, target >> 8, target & 255));
    await wire.take(10);
    t.is(await restOf(wire), '127.0.0.5');
    t.is(await byName(server.port, target), '127.0.0.1');
  });

  test(`${name}: RFC 3089: a client of one family reaches a name of the other`, async (t) => {
    for (const [record, target, own] of [
      [{ aaaa: ['::1'] }, '::1', '127.0.0.1'],
      [{ a: ['127.0.0.1'] }, '127.0.0.1', '::1'],
    ] as const) {
      const server = await startServer(transport, {}, undefined, await nameServer(t, record));
      t.teardown(() => server.stop());
      const port = own === '::1' ? (await server.server.listen(loopback(0, own))).port : server.port;
      const wire = await dialWire(port, own);
      t.teardown(() => wire.socket.destroy());
      const targetPort = await mirror(t, target);
      await enter(wire);
      wire.send(
        Buffer.concat([
          Buffer.from('\x05\x01\0\x03\x06a.test', 'latin1'),
          Uint8Array.of(targetPort >> 8, targetPort & 255),
        ]),
      );
      const [, rep, , atyp] = await wire.take(4);
      t.deepEqual([rep, atyp], [0, target === '::1' ? 4 : 1]);
      await wire.take(atyp === 4 ? 18 : 6);
      t.is(await restOf(wire), target);
    }
  });

  test(`${name}: family says which addresses of a name are dialled, and which literals`, async (t) => {
    const dns = await nameServer(t, { a: ['127.0.0.1'], aaaa: ['::1'] });
    const four = await mirror(t);
    for (const [family, reached] of [
      ['4', '127.0.0.1'],
      ['prefer-4', '127.0.0.1'],
      ['6', 'REP 5'],
    ] as const) {
      const server = await startServer(transport, { family }, undefined, dns);
      t.teardown(() => server.stop());
      t.is(await byName(server.port, four), reached, family);
    }
    const onlySix = await startServer(transport, { family: '6' });
    t.teardown(() => onlySix.stop());
    await t.throwsAsync(connectThrough(onlySix.port, four), { message: 'REP 8' });
  });
}
