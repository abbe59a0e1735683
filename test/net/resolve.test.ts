import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { createResolver } from '../../src/net/names/resolve.ts';
import type { DnsRecord } from '../support/dns.ts';
import { ip } from '../support/ip.ts';
import { CLIENT, rig, settle, plainName } from '../support/net/resolving.ts';

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
