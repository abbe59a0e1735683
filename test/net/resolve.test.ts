import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Fault } from '../../src/base/fault.ts';
import type { Endpoint } from '../../src/base/ip.ts';
import { NameServers } from '../../src/net/dns/nameservers.ts';
import type { Answer, NameAnswer } from '../../src/net/dns/namesource.ts';
import { DNS_DEFAULTS } from '../../src/net/dns/resolvconf.ts';
import { createResolver, type NameLookup } from '../../src/net/names/resolve.ts';
import { startDnsServer, type DnsRecord } from '../support/dns.ts';
import { ip } from '../support/ip.ts';
import { CLOSED_PORT } from '../support/sockets.ts';

const CLIENT = ip('192.0.2.100');
const CLIENT_HOST = ip('127.0.0.1');

async function rig(
  t: ExecutionContext,
  table: Record<string, DnsRecord>,
  settings: Parameters<typeof createResolver>[1] = {},
) {
  const server = await startDnsServer(table);
  const choice = { kind: 'servers', servers: [server.endpoint] } as const;
  const resolver = createResolver(choice, { hostsPath: '/nonexistent', ...settings });
  t.teardown(() => {
    resolver.close();
    server.close();
  });
  return { resolver, queries: server.queries };
}

async function settle(lookup: NameLookup): Promise<readonly [unknown, unknown]> {
  return [plain(await lookup.ipv6), plain(await lookup.ipv4)];
}

function plain(answer: Answer): unknown {
  return answer instanceof Fault ? answer.code : answer;
}

const ANSWERS: readonly { what: string; record: DnsRecord; ipv6: unknown; ipv4: unknown }[] = [
  {
    what: 'both families',
    record: { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] },
    ipv6: ['2001:db8::1'],
    ipv4: ['192.0.2.1'],
  },
  {
    what: 'only IPv6',
    record: { aaaa: ['2001:db8::1', '2001:db8::2'] },
    ipv6: ['2001:db8::1', '2001:db8::2'],
    ipv4: [],
  },
  { what: 'only IPv4', record: { a: ['192.0.2.1'] }, ipv6: [], ipv4: ['192.0.2.1'] },
  { what: 'no address', record: {}, ipv6: [], ipv4: [] },
  { what: 'no name', record: { a: 'nxdomain', aaaa: 'nxdomain' }, ipv6: [], ipv4: [] },
  { what: 'mapped addresses', record: { aaaa: ['::ffff:192.0.2.9'] }, ipv6: ['192.0.2.9'], ipv4: [] },
  {
    what: 'a failing server',
    record: { a: 'servfail', aaaa: ['2001:db8::1'] },
    ipv6: ['2001:db8::1'],
    ipv4: 'RESOLVER_FAILED',
  },
  {
    what: 'a silent server',
    record: { a: ['192.0.2.1'], aaaa: 'silent' },
    ipv6: 'RESOLVER_FAILED',
    ipv4: ['192.0.2.1'],
  },
];

for (const { what, record, ipv6, ipv4 } of ANSWERS) {
  test(`lookup() answers for a name with ${what}`, async (t) => {
    const { resolver } = await rig(t, { 'a.test': record }, { serverTimeoutMs: 20 });
    t.deepEqual(await settle(resolver.lookup('a.test', CLIENT)), [ipv6, ipv4]);
  });
}

test('lookup() keeps the first 16 addresses of an answer', async (t) => {
  const many = Array.from({ length: 25 }, (_, at) => `192.0.2.${at}`);
  const { resolver } = await rig(t, { 'a.test': { a: many } });
  t.deepEqual((await settle(resolver.lookup('a.test', CLIENT)))[1], many.slice(0, 16));
});

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

const TIMES: readonly { what: string; record: DnsRecord; holdsMs: number }[] = [
  { what: 'its TTL', record: { a: ['192.0.2.1'], aaaa: ['::1'], ttl: 30 }, holdsMs: 30_000 },
  { what: '1 s at least', record: { a: ['192.0.2.1'], aaaa: ['::1'], ttl: 0 }, holdsMs: 1000 },
  { what: '1 h at most', record: { a: ['192.0.2.1'], aaaa: ['::1'], ttl: 86_400 }, holdsMs: 3_600_000 },
  { what: '5 s when there is nothing', record: { a: 'nxdomain', aaaa: 'nxdomain' }, holdsMs: 5000 },
  { what: '1 s after a failure', record: { a: 'servfail', aaaa: 'servfail' }, holdsMs: 1000 },
];

for (const { what, record, holdsMs } of TIMES) {
  test(`an answer holds for ${what}`, async (t) => {
    let now = 0;
    const table: Record<string, DnsRecord> = { 'a.test': record };
    const { resolver, queries } = await rig(t, table, { now: () => now });
    const first = await settle(resolver.lookup('a.test', CLIENT));
    const asked = queries.length;
    table['a.test'] = { a: ['192.0.2.77'], aaaa: ['2001:db8::77'] };
    now = holdsMs - 1;
    const again = resolver.lookup('a.test', CLIENT);
    t.false(again.ipv4 instanceof Promise || again.ipv6 instanceof Promise, 'kept answers are there at once');
    t.deepEqual(await settle(again), first);
    t.is(queries.length, asked);
    now = holdsMs;
    t.deepEqual(await settle(resolver.lookup('a.test', CLIENT)), [['2001:db8::77'], ['192.0.2.77']]);
  });
}

test('a client with too many look-ups waiting is told RESOLVER_BUSY, others are not', async (t) => {
  const silent: DnsRecord = { a: 'silent', aaaa: 'silent' };
  const table = { 'a.test': silent, 'b.test': silent, 'c.test': { a: ['192.0.2.1'] } };
  const { resolver } = await rig(t, table, { maxWaitingPerClient: 2, serverTimeoutMs: 20 });
  const waiting = ['a.test', 'b.test'].map((name) => settle(resolver.lookup(name, CLIENT)));
  t.deepEqual(await settle(resolver.lookup('c.test', CLIENT)), ['RESOLVER_BUSY', 'RESOLVER_BUSY']);
  t.deepEqual(await settle(resolver.lookup('c.test', ip('192.0.2.101'))), [[], ['192.0.2.1']]);
  t.deepEqual(
    await settle(resolver.lookup('c.test', CLIENT)),
    [[], ['192.0.2.1']],
    'kept answers need no slot',
  );
  await Promise.all(waiting);
  t.deepEqual(await settle(resolver.lookup('d.test', CLIENT)), [[], []], 'slots come back');
});

test('a client without look-ups is served while others fill all places, and joins their questions', async (t) => {
  const table = { 'a.test': { a: 'silent', aaaa: 'silent' } } as const;
  const { resolver } = await rig(t, table, { maxWaiting: 4, serverTimeoutMs: 50 });
  const hogs = Array.from({ length: 4 }, () => settle(resolver.lookup('a.test', CLIENT)));
  const other = settle(resolver.lookup('a.test', ip('198.51.100.1')));
  const failed = ['RESOLVER_FAILED', 'RESOLVER_FAILED'];
  t.deepEqual(await hogs[3], ['RESOLVER_BUSY', 'RESOLVER_BUSY'], 'the newest of who has most');
  t.deepEqual(await other, failed);
  t.deepEqual(await Promise.all(hogs.slice(0, 3)), [failed, failed, failed]);
});

test('localhost and names below it are loopback, whatever files and servers say', async (t) => {
  const { resolver, queries } = await rig(t, { 'a.localhost': { a: ['192.0.2.1'] } });
  for (const name of ['localhost', 'a.localhost']) {
    t.deepEqual(await settle(resolver.lookup(name, CLIENT)), [['::1'], ['127.0.0.1']]);
  }
  t.deepEqual(queries, []);
});

test('the hosts file is asked before the servers, and alone', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'resolve-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const hostsPath = join(folder, 'hosts');
  await writeFile(hostsPath, '192.0.2.5 a.test\n');
  const { resolver, queries } = await rig(t, { 'a.test': { aaaa: ['::1'] } }, { hostsPath });
  t.deepEqual(await settle(resolver.lookup('a.test', CLIENT)), [[], ['192.0.2.5']]);
  t.deepEqual(queries, []);
});

test('a name without dots is asked as it stands', async (t) => {
  const { resolver, queries } = await rig(t, { intranet: { a: ['192.0.2.1'] } });
  t.deepEqual(await settle(resolver.lookup('intranet', CLIENT)), [[], ['192.0.2.1']]);
  t.deepEqual([...queries].sort(), ['A intranet', 'AAAA intranet']);
});

test('close() ends open questions with RESOLVER_FAILED', async (t) => {
  const { resolver } = await rig(t, { 'a.test': { a: 'silent', aaaa: 'silent' } });
  const answers = settle(resolver.lookup('a.test', CLIENT));
  resolver.close();
  t.deepEqual(await answers, ['RESOLVER_FAILED', 'RESOLVER_FAILED']);
});

test('names below invalid and onion are unknown, whatever files and servers say', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'resolve-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const hostsPath = join(folder, 'hosts');
  await writeFile(hostsPath, '192.0.2.5 a.invalid a.onion\n');
  const zone = { 'a.invalid': { a: ['192.0.2.1'] }, 'a.onion': { a: ['192.0.2.1'] } };
  const { resolver, queries } = await rig(t, zone, { hostsPath });
  for (const name of ['invalid', 'a.invalid', 'a.onion']) {
    t.deepEqual(await settle(resolver.lookup(name, CLIENT)), ['NAME_NOT_FOUND', 'NAME_NOT_FOUND'], name);
  }
  t.deepEqual(queries, []);
});

test('the system resolver answers names of special use without a call', (t) => {
  const resolver = createResolver({ kind: 'system' });
  t.deepEqual(resolver.lookup('localhost', CLIENT).ipv4, [ip('127.0.0.1')]);
  for (const name of ['a.invalid', 'a.onion']) {
    const { ipv4, ipv6 } = resolver.lookup(name, CLIENT);
    for (const answer of [ipv4, ipv6]) t.true(answer instanceof Fault && answer.code === 'NAME_NOT_FOUND');
  }
  resolver.close();
});

const REVERSE: readonly { what: string; record: DnsRecord | undefined; answer: string }[] = [
  { what: 'a name', record: { ptr: ['host.test'] }, answer: 'host.test' },
  { what: 'a name in capitals', record: { ptr: ['Host.TEST'] }, answer: 'host.test' },
  { what: 'several names', record: { ptr: ['one.test', 'two.test'] }, answer: 'one.test' },
  { what: 'no record', record: {}, answer: 'NAME_NOT_FOUND' },
  { what: 'no such name', record: undefined, answer: 'NAME_NOT_FOUND' },
  { what: 'a failing server', record: { ptr: 'servfail' }, answer: 'RESOLVER_FAILED' },
  { what: 'a silent server', record: { ptr: 'silent' }, answer: 'RESOLVER_FAILED' },
  { what: 'a line end in its name', record: { ptr: ['a\nb.test'] }, answer: 'NAME_NOT_FOUND' },
  { what: 'an address for a name', record: { ptr: ['127.0.0.1'] }, answer: 'NAME_NOT_FOUND' },
  { what: 'an odd name and a good one', record: { ptr: ['<b>.test', 'b.test'] }, answer: 'b.test' },
];

for (const { what, record, answer } of REVERSE) {
  test(`reverse() answers for an address with ${what}`, async (t) => {
    const table = record === undefined ? {} : { '1.2.0.192.in-addr.arpa': record };
    const { resolver } = await rig(t, table, { serverTimeoutMs: 20 });
    t.is(plainName(await resolver.reverse(ip('192.0.2.1'), CLIENT)), answer);
  });
}

test('reverse() asks for IPv6 addresses digit by digit, and equal questions once', async (t) => {
  const name = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
  const { resolver, queries } = await rig(t, { [name]: { ptr: ['six.test'] } });
  const asked = [1, 2, 3].map(() => resolver.reverse(ip('2001:db8::1'), CLIENT));
  for (const answer of asked) t.is(await answer, 'six.test');
  t.is(resolver.reverse(ip('2001:db8::1'), CLIENT), 'six.test', 'kept answers are there at once');
  t.deepEqual(queries, [`PTR ${name}`]);
});

const REVERSE_TIMES: readonly { what: string; record: DnsRecord; holdsMs: number }[] = [
  { what: 'a minute', record: { ptr: ['a.test'] }, holdsMs: 60_000 },
  { what: '5 s when there is none', record: { ptr: 'nxdomain' }, holdsMs: 5000 },
  { what: '1 s after a failure', record: { ptr: 'servfail' }, holdsMs: 1000 },
];

for (const { what, record, holdsMs } of REVERSE_TIMES) {
  test(`the name of an address holds for ${what}`, async (t) => {
    let now = 0;
    const table: Record<string, DnsRecord> = { '1.2.0.192.in-addr.arpa': record };
    const { resolver } = await rig(t, table, { now: () => now });
    const first = plainName(await resolver.reverse(ip('192.0.2.1'), CLIENT));
    table['1.2.0.192.in-addr.arpa'] = { ptr: ['new.test'] };
    now = holdsMs - 1;
    t.is(plainName(await resolver.reverse(ip('192.0.2.1'), CLIENT)), first);
    now = holdsMs;
    t.is(plainName(await resolver.reverse(ip('192.0.2.1'), CLIENT)), 'new.test');
  });
}

test('names and addresses share the slots of a client', async (t) => {
  const table = { 'a.test': { a: 'silent', aaaa: 'silent' } } as const;
  const { resolver } = await rig(t, table, { maxWaitingPerClient: 1, serverTimeoutMs: 20 });
  const waiting = settle(resolver.lookup('a.test', CLIENT));
  t.is(plainName(await resolver.reverse(ip('192.0.2.1'), CLIENT)), 'RESOLVER_BUSY');
  t.is(plainName(await resolver.reverse(ip('192.0.2.1'), ip('192.0.2.101'))), 'NAME_NOT_FOUND');
  await waiting;
  t.is(plainName(await resolver.reverse(ip('192.0.2.2'), CLIENT)), 'NAME_NOT_FOUND', 'slots come back');
});

test('reverse() asks the hosts file first, and the servers for what it does not have', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'resolve-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const hostsPath = join(folder, 'hosts');
  await writeFile(hostsPath, '192.0.2.5 Five.test five\n');
  const table = { '6.2.0.192.in-addr.arpa': { ptr: ['six.test'] } };
  const { resolver, queries } = await rig(t, table, { hostsPath });
  t.is(resolver.reverse(ip('192.0.2.5'), CLIENT), 'five.test');
  t.is(await resolver.reverse(ip('192.0.2.6'), CLIENT), 'six.test');
  t.deepEqual(queries, ['PTR 6.2.0.192.in-addr.arpa']);
});

function plainName(answer: NameAnswer): string {
  return answer instanceof Fault ? answer.code : answer;
}
