// The port and address where BIND waits, and what an ended wait leaves behind.
import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { plainly } from '../../src/net/layer.ts';
import { readEphemeralPorts } from '../../src/net/native/ephemeralports.ts';
import type { Snapshot } from '../../src/session/session.ts';
import { askBind, takeReply } from '../support/bind.ts';
import { ip } from '../support/ip.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { loopback, startServerFor, type TestServer } from '../support/server.ts';
import { dialWire, listenTarget } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';
import { onLinuxInTurn } from '../support/needing.ts';
import { outside, comeFrom, isGone } from '../support/session/bindpeers.ts';

const descriptors = () => readdirSync('/proc/self/fd').length;

for (const { name, create } of transports) {
  const transport = create();

  const title = (sentence: string) => `${name}: ${sentence}`;

  const start = (t: ExecutionContext, changes: Partial<Snapshot> = {}) =>
    startServerFor(t, transport, changes);

  test(title('V5-29: the wanted port, where it is free'), async (t) => {
    // Below the ports that other tests get from the system.
    const server = await start(t, outside({ bindPorts: { low: 21_000, high: 32_000 } }));
    const wanted = randomInt(21_000, 32_000);
    const first = await askBind(server.port, { from: '127.0.0.1', port: wanted });
    t.is((await takeReply(first)).bound.port, wanted);
    const second = await askBind(server.port, { from: '127.0.0.1', port: wanted });
    const { code, bound } = await takeReply(second);
    t.is(code, 0);
    t.not(bound.port, wanted);
    first.socket.destroy();
    second.socket.destroy();
  });

  test(
    title('V5-29: a wanted port that is no ephemeral one is left alone, and another is told'),
    async (t) => {
      const server = await start(t);
      const wanted = randomInt(21_000, 32_000);
      const { low, high } = readEphemeralPorts();
      const client = await askBind(server.port, { from: '127.0.0.1', port: wanted });
      const { code, bound } = await takeReply(client);
      t.is(code, 0);
      t.true(bound.port >= low && bound.port <= high, String(bound.port));
      const peer = await dialWire(bound.port);
      t.is((await takeReply(client)).code, 0);
      for (const { socket } of [client, peer]) socket.destroy();
    },
  );

  test(title('V5-30: ports are of the range; 01 where all are taken'), async (t) => {
    const busy = await listenTarget();
    t.teardown(() => busy.close());
    const server = await start(t, outside({ bindPorts: { low: busy.port, high: busy.port } }));
    const client = await askBind(server.port, { from: '127.0.0.1', port: 21 });
    t.is((await takeReply(client)).code, 1);
    t.is((await server.event('refused')).fault.code, 'PORT_UNAVAILABLE');
    // Below the ports that other tests get from the system.
    const roomy = await start(t, outside({ bindPorts: { low: 20_000, high: 20_063 } }));
    const lucky = await askBind(roomy.port, { from: '127.0.0.1', port: 21 });
    const { port } = (await takeReply(lucky)).bound;
    t.true(port >= 20_000 && port <= 20_063, String(port));
    lucky.socket.destroy();
  });

  test(title('V5-30: waits at the address of bind, and tells it where that is loopback'), async (t) => {
    const server = await start(
      t,
      outside({ bindAddresses: [ip('127.0.0.44')], publicAddresses: [ip('203.0.113.7'), ip('2001:db8::7')] }),
    );
    const client = await askBind(server.port, { from: '127.0.0.1' });
    const { bound } = await takeReply(client);
    t.is(bound.ip, ip('127.0.0.44'));
    const peer = await dialWire(bound.port, '127.0.0.44');
    t.is((await takeReply(client)).code, 0);
    peer.socket.destroy();
    client.socket.destroy();
  });

  const IPV6_LOOPBACK = Buffer.from(`04${'0'.repeat(31)}1`, 'hex');

  withIpv6(
    title('V5-30: it waits where the kernel’s route to the peer begins, wherever the client has come to'),
    async (t) => {
      const server = await start(t);
      const others = await Promise.all(
        ['127.0.0.9', '::1'].map((host) => server.server.listen(plainly(loopback(0, host)))),
      );
      for (const [{ port }, host] of [[others[0]!, '127.0.0.9'] as const, [others[1]!, '::1'] as const]) {
        for (const [from, expected] of [
          ['127.0.0.1', '127.0.0.1'] as const,
          [IPV6_LOOPBACK, '::1'] as const,
        ]) {
          const client = await askBind(port, { host, from });
          const { code, bound } = await takeReply(client);
          t.deepEqual([code, bound.ip], [0, ip(expected)]);
          const peer = await dialWire(bound.port, expected);
          t.deepEqual(await takeReply(client), {
            code: 0,
            bound: loopback(peer.socket.localPort!, expected),
          });
          peer.socket.destroy();
          client.socket.destroy();
        }
      }
    },
  );

  test(title('V5-30: for anybody it waits where the client has come to'), async (t) => {
    const server = await start(t);
    const { port } = await server.server.listen(plainly(loopback(0, '127.0.0.9')));
    const client = await askBind(port, { host: '127.0.0.9' });
    t.is((await takeReply(client)).bound.ip, ip('127.0.0.9'));
    client.socket.destroy();
  });

  withIpv6(
    title('V5-30: a family that connections may not have, BIND has not either, except at bind'),
    async (t) => {
      const lacking = await start(t, { family: '4' });
      const client = await askBind(lacking.port, { from: IPV6_LOOPBACK });
      t.is((await takeReply(client)).code, 8);
      const ready = await start(t, { family: '4', ...outside({ bindAddresses: [ip('::1')] }) });
      const meeting = await askBind(ready.port, { from: IPV6_LOOPBACK });
      t.is((await takeReply(meeting)).bound.ip, ip('::1'));
      meeting.socket.destroy();
    },
  );

  withIpv6(title('IPv6 peers of IPv6 clients'), async (t) => {
    const server = await start(t);
    const { port } = await server.server.listen(plainly(loopback(0, '::1')));
    const client = await askBind(port, { host: '::1', from: Buffer.from(`04${'0'.repeat(32)}`, 'hex') });
    const { bound } = await takeReply(client);
    t.is(bound.ip, ip('::1'));
    const peer = await dialWire(bound.port, '::1');
    t.deepEqual(await takeReply(client), { code: 0, bound: loopback(peer.socket.localPort!, '::1') });
    peer.socket.destroy();
    client.socket.destroy();
  });

  test(title('stop() ends a wait'), async (t) => {
    const server = await start(t);
    const client = await askBind(server.port, { from: '127.0.0.1' });
    const { bound } = await takeReply(client);
    await server.server.stop(0);
    t.is((await client.rest()).length, 0);
    t.is((await server.event('refused')).fault.code, 'SHUTTING_DOWN');
    t.true(await isGone(bound.port));
  });

  onLinuxInTurn(title('no ending leaves a descriptor'), async (t) => {
    const server = await start(t, outside({ bindTimeoutMs: 250 }));
    await endings(server);
    const before = descriptors();
    for (let round = 0; round < 10; round++) await endings(server);
    t.true(descriptors() <= before, `${descriptors()} descriptors, ${before} before`);
  });

  onLinuxInTurn(title('a crowd of strangers neither gets in nor uses up descriptors'), async (t) => {
    const server = await start(t);
    const client = await askBind(server.port, { from: '127.0.0.1' });
    const { bound } = await takeReply(client);
    const before = descriptors();
    const crowd = Array.from({ length: 300 }, () => comeFrom('127.0.0.2', bound.port));
    const ends = await Promise.all(crowd.map((each) => each.ending()));
    t.true(ends.every((how) => how === 'reset'));
    await new Promise(setImmediate);
    t.true(descriptors() <= before, `${descriptors()} descriptors, ${before} before`);
    const peer = await dialWire(bound.port);
    t.is((await takeReply(client)).code, 0);
    t.is((await server.event('stranger')).count, 1);
    t.is((await server.event('stranger')).count, 299);
    peer.socket.destroy();
    client.socket.destroy();
  });
}

/** Every way in which a wait can end, once; all that the test itself opened is closed. */
async function endings(server: TestServer): Promise<void> {
  const [timeout, closed, reset, served, cut] = await Promise.all(
    Array.from({ length: 5 }, () => askBind(server.port, { from: '127.0.0.1' })),
  );
  const bounds = await Promise.all([timeout, closed, reset, served, cut].map((wire) => takeReply(wire!)));
  closed!.socket.end();
  reset!.socket.resetAndDestroy();
  const peer = await dialWire(bounds[3]!.bound.port);
  await takeReply(served!);
  peer.socket.end();
  served!.socket.end();
  const last = [...server.server.registry.list()].at(-1);
  last?.handshake?.deadline.end(new Fault('SHUTTING_DOWN'));
  await Promise.all([timeout, closed, served, cut].map((wire) => wire!.ending()));
  await peer.ending();
  await server.server.registry.emptied();
  for (const wire of [timeout, closed, served, cut]) wire!.socket.destroy();
  peer.socket.destroy();
  await new Promise(setImmediate);
}
