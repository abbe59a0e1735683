// The built-in resolver and its servers: tries, wrong answers, TCP, and other servers.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { Endpoint } from '../../src/base/ip.ts';
import { NameServers } from '../../src/net/dns/nameservers.ts';
import { DNS_DEFAULTS } from '../../src/net/dns/resolvconf.ts';
import { createResolver } from '../../src/net/names/resolve.ts';
import { ip } from '../support/ip.ts';
import { CLOSED_PORT } from '../support/sockets.ts';
import { CLIENT, rig, settle, plainName } from '../support/net/resolving.ts';

const CLIENT_HOST = ip('127.0.0.1');

/** A name server that replies as `serve` says, to questions of its own place in the order of all. */
async function serverThat(
  t: ExecutionContext,
  serve: (query: Buffer, order: number, reply: (message: Uint8Array) => void) => void,
): Promise<Endpoint> {
  const socket = createSocket('udp4');
  let order = 0;
  socket.on('message', (query, from) => {
    serve(query, order++, (message) => socket.send(message, from.port, from.address));
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return { ip: CLIENT_HOST, port: socket.address().port };
}

/** The reply to a query of type A, with these flags. */
function replyTo(query: Buffer, flags: number, address?: string): Buffer {
  const record = Buffer.from('c00c000100010000003c0004', 'hex');
  const rest = address === undefined ? [] : [record, Buffer.from(address.split('.').map(Number))];
  const reply = Buffer.concat([query, ...rest]);
  reply.writeUInt16BE(flags, 2);
  reply.writeUInt16BE(address === undefined ? 0 : 1, 6);
  return reply;
}

const isA = (query: Buffer): boolean => query.readUInt16BE(query.length - 4) === 1;

function asking(t: ExecutionContext, servers: readonly Endpoint[], serverTimeoutMs: number) {
  const settings = { hostsPath: '/nonexistent', serverTimeoutMs };
  const resolver = createResolver({ kind: 'servers', servers }, settings);
  t.teardown(() => resolver.close());
  return resolver;
}

test('the answer to the first try is taken when it comes after the second one', async (t) => {
  const queries: Buffer[] = [];
  const server = await serverThat(t, (query, _order, reply) => {
    if (!isA(query)) {
      reply(replyTo(query, 0x8180));
      return;
    }
    queries.push(query);
    if (queries.length === 2) reply(replyTo(queries[0]!, 0x8180, '192.0.2.1'));
  });
  t.deepEqual(await asking(t, [server], 50).lookup('a.test', CLIENT).ipv4, [ip('192.0.2.1')]);
  t.notDeepEqual(queries[0]!.subarray(0, 2), queries[1]!.subarray(0, 2), 'another number for each try');
});

test('what is no answer to the question is passed over', async (t) => {
  const server = await serverThat(t, (query, _order, reply) => {
    const forged = replyTo(query, 0x8180, '198.51.100.1');
    forged.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0);
    reply(forged);
    reply(replyTo(query, 0x0100, '198.51.100.2'));
    reply(Buffer.from('garbage'));
    reply(replyTo(query, 0x8180, isA(query) ? '192.0.2.1' : undefined));
  });
  t.deepEqual(await settle(asking(t, [server], 5000).lookup('a.test', CLIENT)), [[], ['192.0.2.1']]);
});

test('the next server is asked at once where one fails, or nobody listens', async (t) => {
  const failing = await serverThat(t, (query, _order, reply) => reply(replyTo(query, 0x8182)));
  const closed = { ip: CLIENT_HOST, port: CLOSED_PORT };
  const good = await serverThat(t, (query, _order, reply) =>
    reply(replyTo(query, 0x8180, isA(query) ? '192.0.2.1' : undefined)),
  );
  const resolver = asking(t, [failing, closed, good], 60_000);
  t.deepEqual(await settle(resolver.lookup('a.test', CLIENT)), [[], ['192.0.2.1']]);
  const failed = ['RESOLVER_FAILED', 'RESOLVER_FAILED'];
  t.deepEqual(await settle(asking(t, [closed, failing], 60_000).lookup('a.test', CLIENT)), failed);
});

test('questions go out from other ports and with other numbers, and a slow one does not lose its answer', async (t) => {
  const ports = new Set<number>();
  const numbers = new Set<number>();
  const socket = createSocket('udp4');
  let slow: (() => void) | undefined;
  socket.on('message', (query, from) => {
    ports.add(from.port);
    numbers.add(query.readUInt16BE(0));
    const send = () => socket.send(replyTo(query, 0x8180), from.port, from.address);
    if (query.includes('slow')) slow = send;
    else send();
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  const resolver = asking(t, [{ ip: CLIENT_HOST, port: socket.address().port }], 60_000);
  const waiting = resolver.reverse(ip('192.0.2.1'), CLIENT);
  const slowly = resolver.lookup('slow.test', CLIENT, (family) =>
    family === 4 ? 'unasked' : undefined,
  ).ipv6;
  for (let at = 0; at < 100; at++) await settle(resolver.lookup(`n${at}.test`, CLIENT));
  t.true(ports.size > 1);
  t.true(numbers.size > 195);
  slow?.();
  t.deepEqual([await slowly, plainName(await waiting)], [[], 'NAME_NOT_FOUND']);
});

test('an answer that is too long for a datagram is asked for over TCP', async (t) => {
  const many = Array.from({ length: 16 }, (_, at) => `192.0.2.${at}`);
  const tcp = createServer((socket) => {
    socket.on('data', (bytes: Buffer) => {
      const query = bytes.subarray(2);
      const records = many.map((each) => replyTo(query, 0x8180, each).subarray(query.length));
      const reply = Buffer.concat([replyTo(query, 0x8180, many[0]).subarray(0, query.length), ...records]);
      reply.writeUInt16BE(many.length, 6);
      const size = Buffer.from([reply.length >> 8, reply.length & 0xff]);
      socket.write(size.subarray(0, 1));
      socket.write(Buffer.concat([size.subarray(1), reply.subarray(0, 30)]));
      setImmediate(() => socket.end(reply.subarray(30)));
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  t.teardown(() => tcp.close());
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (query, from) => {
    udp.send(replyTo(query, isA(query) ? 0x8380 : 0x8180), from.port, from.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  t.teardown(() => udp.close());
  const resolver = asking(t, [{ ip: CLIENT_HOST, port }], 60_000);
  t.deepEqual(await settle(resolver.lookup('a.test', CLIENT)), [[], many]);
});

test('servers that are named from now on are asked from now on', async (t) => {
  const answering = (address: string) =>
    serverThat(t, (query, _order, reply) => reply(replyTo(query, 0x8180, isA(query) ? address : undefined)));
  const [old, fresh] = [await answering('192.0.2.1'), await answering('192.0.2.2')];
  const settingsFor = ({ ip: address, port }: Endpoint) => ({
    ...DNS_DEFAULTS,
    servers: [{ address, port }],
  });
  let settings = settingsFor(old);
  const source = new NameServers(() => settings);
  t.teardown(() => source.close());
  t.deepEqual((await source.ask('a.test', 4)).answer, [ip('192.0.2.1')]);
  settings = settingsFor(fresh);
  t.deepEqual((await source.ask('a.test', 4)).answer, [ip('192.0.2.2')]);
});

test('equal questions on their way are one query for each family', async (t) => {
  const { resolver, queries } = await rig(t, { 'a.test': { a: ['192.0.2.1'] } });
  const lookups = Array.from({ length: 20 }, () => settle(resolver.lookup('a.test', CLIENT)));
  for (const answers of await Promise.all(lookups)) t.deepEqual(answers, [[], ['192.0.2.1']]);
  t.deepEqual([...queries].sort(), ['A a.test', 'AAAA a.test']);
});

test('reverse() asks for IPv6 addresses digit by digit, and equal questions once', async (t) => {
  const name = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
  const { resolver, queries } = await rig(t, { [name]: { ptr: ['six.test'] } });
  const asked = [1, 2, 3].map(() => resolver.reverse(ip('2001:db8::1'), CLIENT));
  for (const answer of asked) t.is(await answer, 'six.test');
  t.is(resolver.reverse(ip('2001:db8::1'), CLIENT), 'six.test', 'kept answers are there at once');
  t.deepEqual(queries, [`PTR ${name}`]);
});
