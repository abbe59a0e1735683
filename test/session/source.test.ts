// Where sessions leave from, as the target sees it.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { ipToBytes, type Endpoint } from '../../src/base/ip.ts';
import type { FamilyChoice, Section } from '../../src/config/model/config.ts';
import { plainly } from '../../src/net/layer.ts';
import type { WayChange } from '../../src/net/routes/ways.ts';
import { startDnsServer, type DnsRecord } from '../support/dns.ts';
import { ip } from '../support/ip.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { policy, section } from '../support/policy.ts';
import { routing } from '../support/routes.ts';
import { loopback, onlyUser, startServer, type TestServer } from '../support/server.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
import { connectThrough, enter } from '../support/socks.ts';
import { apart, transports } from '../support/transports.ts';

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
async function byName(proxyPort: number, port: number, host = '127.0.0.1'): Promise<string> {
  const name = Buffer.from('a.test');
  const wire = await ask(proxyPort, host, Buffer.concat([Uint8Array.of(3, name.length), name]), port);
  const rep = await answered(wire);
  return rep === 0 ? await restOf(wire) : `REP ${rep}`;
}

/** CONNECT to an address. */
async function askFor(proxyPort: number, host: string, { ip, port }: Endpoint): Promise<Wire> {
  const bytes = ipToBytes(ip);
  const wire = await ask(
    proxyPort,
    host,
    Buffer.concat([Uint8Array.of(bytes.length === 4 ? 1 : 4), bytes]),
    port,
  );
  await answered(wire);
  return wire;
}

async function ask(proxyPort: number, host: string, place: Uint8Array, port: number): Promise<Wire> {
  const wire = await dialWire(proxyPort, host);
  await enter(wire);
  wire.send(Buffer.concat([Uint8Array.of(5, 1, 0), place, Uint8Array.of(port >> 8, port & 255)]));
  return wire;
}

/** The REP. */
async function answered(wire: Wire): Promise<number> {
  const [, rep = -1, , atyp] = await wire.take(4);
  await wire.take(atyp === 4 ? 18 : 6);
  if (rep !== 0) wire.socket.destroy();
  return rep;
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
    const { port } = await server.server.listen(plainly(loopback(0, '127.0.0.5')));
    const target = await mirror(t);
    t.is(await restOf(await askFor(port, '127.0.0.5', loopback(target))), '127.0.0.5');
    t.is(await byName(server.port, target), '127.0.0.1');
  });

  for (const [record, target, own] of [
    [{ aaaa: ['::1'] }, '::1', '127.0.0.1'],
    [{ a: ['127.0.0.1'] }, '127.0.0.1', '::1'],
  ] as const) {
    const title = (way: string) => `${name}: RFC 3089: a client at ${own} reaches a name at ${target} ${way}`;
    const outgoing = own === '::1' ? '6' : '4';

    withIpv6(title('directly'), async (t) => {
      const server = await startServer(transport, {}, undefined, await nameServer(t, record));
      t.teardown(() => server.stop());
      const { port } = await server.server.listen(plainly(loopback(0, own)));
      t.is(await byName(port, await mirror(t, target), own), target);
    });

    withIpv6(title('through a proxy, though this host has only its own family'), async (t) => {
      const far = await startServer(apart(transport), {}, undefined, await nameServer(t, record));
      t.teardown(() => far.stop());
      const { port: farPort } = await far.server.listen(plainly(loopback(0, own)));
      const chain = routing([`* any ${own === '::1' ? '[::1]' : own} ${farPort}/5`]);
      const near = await startServer(transport, { family: outgoing, routing: chain });
      t.teardown(() => near.stop());
      const { port } = await near.server.listen(plainly(loopback(0, own)));
      const targetPort = await mirror(t, target);
      t.is(await byName(port, targetPort, own), target);
      t.is(await restOf(await askFor(port, own, loopback(targetPort, target))), target);
    });
  }

  test(`${name}: the source of a route goes before that of the user, straight and towards a proxy`, async (t) => {
    const far = await startServer(apart(transport));
    t.teardown(() => far.stop());
    const [straight, proxied, other] = [await mirror(t), await mirror(t), await mirror(t)];
    const lines = [
      `127.0.0.1 ${straight} source=127.0.0.7+127.0.0.8`,
      `* ${proxied} 127.0.0.1 ${far.port} source=127.0.1.0/24+sticky`,
    ];
    const server = await startServer(transport, { ...from('127.0.0.2'), routing: routing(lines) });
    t.teardown(() => server.stop());
    t.deepEqual([await seen(server, straight), await seen(server, straight)], ['127.0.0.7', '127.0.0.8']);
    t.is(await seen(server, other), '127.0.0.2');
    await seen(server, proxied);
    const first = (await far.event('connected')).session.client.ip;
    t.regex(first, /^127\.0\.1\./);
    await seen(server, proxied);
    t.is((await far.event('connected')).session.client.ip, first);
  });

  withIpv6(
    `${name}: the family of a route goes before that of all, and holds for the name of a proxy`,
    async (t) => {
      const both = { a: ['127.0.0.1'], aaaa: ['::1'] };
      const dns = await nameServer(t, both);
      const four = await mirror(t);
      const start = async (family: FamilyChoice, line: string) => {
        const server = await startServer(transport, { family, routing: routing([line]) }, undefined, dns);
        t.teardown(() => server.stop());
        return server;
      };
      t.is(await byName((await start('6', 'a.test any family=4')).port, four), '127.0.0.1');
      t.is(await byName((await start('4', 'a.test any family=6')).port, four), 'REP 5');
      t.is(await byName((await start('6', '0.0.0.0 any family=4')).port, four), 'REP 5');
      const literal = await start('4', '127.0.0.1 any family=6');
      await t.throwsAsync(connectThrough(literal.port, four), { message: 'REP 8' });
      const far = await startServer(apart(transport));
      t.teardown(() => far.stop());
      // Nobody listens at its IPv6 address.
      t.is(await seen(await start('6', `* any a.test ${far.port}/5 family=4`), four), '127.0.0.1');
      await t.throwsAsync(seen(await start('4', `* any a.test ${far.port}/5 family=6`), four), {
        message: 'REP 1',
      });
    },
  );

  test(`${name}: a proxy that no source address leads to is passed over`, async (t) => {
    const far = await startServer(apart(transport));
    t.teardown(() => far.stop());
    const changes: WayChange[] = [];
    const line = `* any ::1 9/5 | 127.0.0.1 ${far.port}/5 source=127.0.0.7`;
    const server = await startServer(transport, { routing: routing([line], changes) });
    t.teardown(() => server.stop());
    t.is(await seen(server, await mirror(t)), '127.0.0.1');
    t.is((await far.event('connected')).session.client.ip, ip('127.0.0.7'));
    t.deepEqual(changes, []);
  });

  if (transport.name === 'engine') {
    test(`${name}: the device of a route holds straight and towards a proxy`, async (t) => {
      const [port, other] = [await mirror(t), await mirror(t)];
      const lines = [`* ${port} device=no-such-if0`, `* ${other} 127.0.0.1 ${other} device=no-such-if0`];
      const server = await startServer(transport, { routing: routing(lines) });
      t.teardown(() => server.stop());
      for (const forbidden of [port, other]) {
        await t.throwsAsync(connectThrough(server.port, forbidden), { message: /^REP/ });
        const { fault } = await server.event('refused');
        t.is(fault.code, 'CONNECT_FORBIDDEN');
        t.regex(String(fault.cause), /SO_BINDTODEVICE .*ENODEV/);
      }
      t.is(await seen(server, await mirror(t)), '127.0.0.1');
      const lo = await startServer(transport, { routing: routing(['* any device=lo']) });
      t.teardown(() => lo.stop());
      t.is(await seen(lo, port), '127.0.0.1');
    });
  }

  withIpv6(`${name}: family says which addresses of a name are dialled, and which literals`, async (t) => {
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
