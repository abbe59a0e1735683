// RESOLVE and RESOLVE_PTR as far as test/wire/resolve.txt cannot show them: clients from elsewhere, time, resets.
import test, { type ExecutionContext } from 'ava';
import type { Ip } from '../../src/base/ip.ts';
import type { Leg, Transport } from '../../src/net/transport.ts';
import type { Snapshot } from '../../src/session/session.ts';
import { startDnsServer, type DnsRecord } from '../support/dns.ts';
import { ip } from '../support/ip.ts';
import { policy, section } from '../support/policy.ts';
import { startServer } from '../support/server.ts';
import { dialWire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

const ZONE: Record<string, DnsRecord> = {
  'public.test': { a: ['192.0.2.4'] },
  'inside.test': { a: ['10.0.0.1'] },
  'host.test': { a: ['127.0.0.1'], aaaa: ['::1'] },
  'metadata.test': { a: ['169.254.169.254'] },
  'both.test': { a: ['10.0.0.1'], aaaa: ['2001:db8::46'] },
  'silent.test': { a: 'silent', aaaa: 'silent' },
  '1.0.0.10.in-addr.arpa': { ptr: ['inside.test'] },
  '4.2.0.192.in-addr.arpa': { ptr: ['public.test'] },
  '5.2.0.192.in-addr.arpa': { ptr: 'silent' },
};

const PUBLIC = ip('198.51.100.7');
const PRIVATE = ip('192.168.1.7');

async function rig(t: ExecutionContext, transport: Transport, changes: Partial<Snapshot> = {}) {
  const names = await startDnsServer(ZONE);
  const open = policy({ rules: section('', { network: '*' }) });
  const snapshot = { policy: open, resolveCommands: true, ...changes };
  const server = await startServer(transport, snapshot, undefined, [names.endpoint]);
  t.teardown(async () => {
    await server.stop();
    names.close();
  });
  return { server, names };
}

const resolveName = (name: string) =>
  Buffer.concat([Buffer.of(5, 1, 0, 5, 0xf0, 0, 3, name.length), Buffer.from(name), Buffer.of(0, 0)]);
const resolveAddress = (address: string) =>
  Buffer.of(5, 1, 0, 5, 0xf1, 0, 1, ...address.split('.').map(Number), 0, 0);
const DENIED = '0500' + '05020001000000000000';

/** Who asks, for what, and every byte of the answer. */
const TOLD: readonly [string, Ip, Buffer, string][] = [
  ['a public client learns a public address', PUBLIC, resolveName('public.test'), '050005000001c00002040000'],
  ['a public client does not learn a private address', PUBLIC, resolveName('inside.test'), DENIED],
  ['a public client does not learn an address of the host', PUBLIC, resolveName('host.test'), DENIED],
  ['a public client does not learn a link-local address', PUBLIC, resolveName('metadata.test'), DENIED],
  [
    'a public client learns the public one of two addresses',
    PUBLIC,
    resolveName('both.test'),
    '050005000004' + '20010db8000000000000000000000046' + '0000',
  ],
  [
    'a public client does not learn the name of a private address',
    PUBLIC,
    resolveAddress('10.0.0.1'),
    DENIED,
  ],
  ['a public client does not learn the name of the host', PUBLIC, resolveAddress('127.0.0.1'), DENIED],
  [
    'a public client learns the name of a public address',
    PUBLIC,
    resolveAddress('192.0.2.4'),
    `0500050000030b${Buffer.from('public.test').toString('hex')}0000`,
  ],
  [
    'a private client learns a private address',
    PRIVATE,
    resolveName('inside.test'),
    '0500050000010a0000010000',
  ],
  ['a private client does not learn an address of the host', PRIVATE, resolveName('host.test'), DENIED],
];

for (const { name, create } of transports) {
  const transport = create();

  for (const [title, client, request, answer] of TOLD) {
    test(`${name}: T-3: ${title}`, async (t) => {
      const { server } = await rig(t, seenFrom(transport, client));
      const wire = await dialWire(server.port);
      wire.send(request);
      t.is((await wire.rest()).toString('hex'), answer);
      wire.socket.destroy();
    });
  }

  test(`${name}: what is told ends the session with FIN, and is reported without bytes`, async (t) => {
    const { server } = await rig(t, transport);
    const wire = await dialWire(server.port);
    t.teardown(() => wire.socket.destroy());
    wire.send(resolveName('public.test'));
    t.is((await wire.rest()).length, 12);
    const ended = await server.event('ended');
    t.is(ended.endedBy, 'answered');
    t.deepEqual([ended.bytesUp, ended.bytesDown], [0, 0]);
    t.is(ended.session.command, 'resolve');
    t.deepEqual(ended.session.destination, { kind: 'name', name: 'public.test', port: 0 });
    t.is(server.server.registry.size, 0);
  });

  for (const request of [resolveName('silent.test'), resolveAddress('192.0.2.5')]) {
    const command = request[4] === 0xf0 ? 'RESOLVE' : 'RESOLVE_PTR';

    test(`${name}: ${command} ends with 06 at the connect timeout`, async (t) => {
      const { server } = await rig(t, transport, { connectTimeoutMs: 100 });
      const wire = await dialWire(server.port);
      t.teardown(() => wire.socket.destroy());
      wire.send(request);
      t.is((await wire.rest()).toString('hex'), '0500' + '05060001000000000000');
      t.is((await server.event('refused')).fault.code, 'CONNECT_TIMEOUT');
    });

    test(`${name}: ${command} of a client that resets ends at once`, async (t) => {
      const { server, names } = await rig(t, transport, { connectTimeoutMs: 0 });
      const wire = await dialWire(server.port);
      wire.send(request);
      await wire.take(2);
      await names.asked;
      wire.socket.resetAndDestroy();
      t.is((await server.event('refused')).fault.code, 'PEER_RESET');
      await server.server.registry.emptied();
    });

    test(`${name}: ${command} does not keep the daemon from stopping`, async (t) => {
      const { server, names } = await rig(t, transport, { connectTimeoutMs: 0 });
      const wire = await dialWire(server.port);
      t.teardown(() => wire.socket.destroy());
      wire.send(request);
      await names.asked;
      await server.stop();
      t.is((await server.event('refused')).fault.code, 'SHUTTING_DOWN');
    });
  }
}

/** A transport whose clients seem to come from `client`. */
function seenFrom(transport: Transport, client: Ip): Transport {
  return withChanged(transport, 'listen', (address, onLeg, options) =>
    transport.listen(
      address,
      (leg) => onLeg(withChanged(leg, 'remote', { ...leg.remote, ip: client })),
      options,
    ),
  );
}

/** `object` with one property changed; its private fields stay within reach of its methods. */
function withChanged<T extends Leg | Transport, Key extends keyof T>(object: T, key: Key, value: T[Key]): T {
  return new Proxy(object, {
    get: (target, asked) => {
      if (asked === key) return value;
      const kept: unknown = Reflect.get(target, asked, target);
      return typeof kept === 'function' ? (kept.bind(target) as unknown) : kept;
    },
  });
}
