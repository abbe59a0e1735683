// UDP ASSOCIATE over every transport. That a datagram was dropped is seen by the one behind it, which came through, and
// by what the `ended` record counts.
import test from 'ava';
import { addressBytes, datagram, mustBeFree, mustEcho, openAssociation } from '../support/associations.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { at } from '../support/legs.ts';
import { policy, section } from '../support/policy.ts';
import { transports } from '../support/transports.ts';
import { udpEcho, udpPeer, type UdpPeer } from '../support/udp.ts';
import { endOf, sourceOf, startOver, udpLimits } from '../support/session/udpsources.ts';

for (const { name, create } of transports) {
  const transport = create();

  const start = startOver(transport);

  for (const [how, endedBy] of [
    ['FIN', 'client-fin'],
    ['RST', 'client-reset'],
  ] as const) {
    test(`${name}: V5-31: ${how} on the control connection ends everything`, async (t) => {
      const server = await start(t);
      const echo = await udpEcho(t);
      const each = await openAssociation(t, server.port);
      await mustEcho(t, each, echo, 'before');
      const seen = await sourceOf(echo);
      if (how === 'FIN') each.wire.socket.end();
      else each.wire.socket.resetAndDestroy();
      const ended = await server.event('ended');
      t.like(ended, { endedBy, bytesUp: 6, bytesDown: 6, dropped: undefined });
      await mustBeFree(each.bound);
      await mustBeFree(seen);
      t.is(server.server.registry.size, 0);
    });
  }

  test(`${name}: V5-31: the server ends its side of the control connection, too`, async (t) => {
    const server = await start(t);
    const each = await openAssociation(t, server.port);
    each.wire.socket.end();
    t.is(await each.wire.ending(), 'fin');
  });

  for (const [what, address] of [
    ['zeros', '0.0.0.0'],
    ["the client's address", '127.0.0.1'],
    ['ATYP 04 zeros (V5-40)', '::'],
  ] as const) {
    test(`${name}: V5-32: a port announced with ${what} is the only one that is heard`, async (t) => {
      const server = await start(t);
      const echo = await udpEcho(t);
      const announced = ({ local }: UdpPeer) => addressBytes(at(local.port, address));
      const each = await openAssociation(t, server.port, { announced });
      const other = await udpPeer(t);
      await other.send(datagram('early', echo.local), each.bound);
      await mustEcho(t, each, echo, 'announced');
      t.deepEqual((await endOf(server, each)).dropped, { stranger: 1 });
    });
  }

  for (const called of ['0', '', 'client.test']) {
    test(`${name}: V5-32: a port announced with the name "${called}" is the only one that is heard`, async (t) => {
      const server = await start(t);
      const echo = await udpEcho(t);
      const announced = ({ local }: UdpPeer) => addressBytes({ name: called, port: local.port });
      const each = await openAssociation(t, server.port, { announced });
      const other = await udpPeer(t);
      await other.send(datagram('early', echo.local), each.bound);
      await mustEcho(t, each, echo, 'announced');
      t.deepEqual((await endOf(server, each)).dropped, { stranger: 1 });
    });
  }

  test(`${name}: V5-33: fragments are dropped, and the association lives`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    for (const fragment of [1, 2, 127, 128, 129, 255]) {
      const bytes = datagram('piece', echo.local);
      bytes[2] = fragment;
      await each.udp.send(bytes, each.bound);
    }
    await mustEcho(t, each, echo, 'whole');
    t.deepEqual((await endOf(server, each)).dropped, { fragment: 6 });
    t.is((await echo.take(1))[0]?.bytes.toString(), 'whole');
  });

  test(`${name}: V5-35: what is no datagram of SOCKS is dropped without a word`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    const good = datagram('x', echo.local);
    const broken = [
      ...Array.from({ length: 10 }, (_, length) => good.subarray(0, length)),
      Buffer.from('00000003', 'hex'),
      Buffer.from('0000000305616263', 'hex'),
      Buffer.concat([Uint8Array.of(1), good.subarray(1)]),
      Buffer.concat([Uint8Array.of(0, 1), good.subarray(2)]),
      ...[0, 2, 5, 255].map((atyp) =>
        Buffer.concat([good.subarray(0, 3), Uint8Array.of(atyp), good.subarray(4)]),
      ),
      datagram('x', { name: '127.1', port: echo.local.port }),
      datagram('x', { name: 'a b', port: echo.local.port }),
      datagram('x', { name: '', port: echo.local.port }),
      datagram('port zero', at(0)),
    ];
    for (const bytes of broken) await each.udp.send(bytes, each.bound);
    await mustEcho(t, each, echo, 'good');
    t.deepEqual((await endOf(server, each)).dropped, { malformed: broken.length });
  });

  test(`${name}: V5-35: what the rules deny is dropped, and the association lives`, async (t) => {
    const rules = section('', { request: '!assoc:127.0.0.3 !connect:127.0.0.1 assoc:127.0.0.0/8' });
    const server = await start(t, { policy: policy({ rules }) });
    const echo = await udpEcho(t);
    const hidden = await udpEcho(t, '127.0.0.3');
    const each = await openAssociation(t, server.port);
    await each.send('knock', hidden.local);
    await each.send('knock', at(53, '192.0.2.1'));
    await mustEcho(t, each, echo, 'allowed');
    await each.send('knock again', hidden.local);
    await mustEcho(t, each, echo, 'allowed');
    t.deepEqual((await endOf(server, each)).dropped, { denied: 3 });
  });

  test(`${name}: where no rule allows UDP anywhere, the client is told so`, async (t) => {
    const server = await start(t, { policy: policy({ rules: section('', { request: 'connect:*' }) }) });
    await t.throwsAsync(openAssociation(t, server.port), { message: 'REP 2' });
    t.is((await server.event('refused')).fault.code, 'REQUEST_DENIED');
  });

  withIpv6(`${name}: V5-36: answers bear their true source`, async (t) => {
    const server = await start(t);
    const targets = await Promise.all([udpEcho(t), udpEcho(t, '127.0.0.4'), udpEcho(t), udpEcho(t, '::1')]);
    const each = await openAssociation(t, server.port);
    for (const { local } of targets) await each.send(String(local.port), local);
    const answers = [await each.answer(), await each.answer(), await each.answer(), await each.answer()];
    for (const { source, payload } of answers) t.is(payload.toString(), String(source.port));
    t.deepEqual(
      answers.map(({ source }) => source.port).sort(),
      targets.map(({ local }) => local.port).sort(),
    );
    for (const { atyp, source } of answers) t.is(atyp, source.ip === '::1' ? 4 : 1);
  });

  test(`${name}: V5-38: empty datagrams pass in both directions`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    await mustEcho(t, each, echo, '');
    t.is((await echo.take(1))[0]?.bytes.length, 0);
  });

  test(`${name}: V5-38: the largest datagrams pass; an answer that has no room for its header is dropped`, async (t) => {
    const server = await start(t);
    const target = await udpPeer(t);
    const each = await openAssociation(t, server.port);
    const largest = Buffer.alloc(65_507 - 10, 'x');
    await each.send(largest, target.local);
    const [arrived] = await target.take(1);
    t.true(arrived!.bytes.equals(largest));
    await target.send(Buffer.alloc(65_507), arrived!.from);
    await target.send(Buffer.alloc(65_507 - 9), arrived!.from);
    await target.send(largest, arrived!.from);
    t.true((await each.answer()).payload.equals(largest));
    t.deepEqual((await endOf(server, each)).dropped, { 'too-long': 2 });
  });

  test(`${name}: V5-43: bytes on the control connection mean nothing, however many`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    const much = Buffer.alloc(1_048_576, 1);
    await new Promise((resolve) => each.wire.socket.write(much, resolve));
    await mustEcho(t, each, echo, 'unimpressed');
    t.is((await endOf(server, each)).endedBy, 'client-fin');
  });

  test(`${name}: an association in which nothing passes ends by its idle limit`, async (t) => {
    const server = await start(t, udpLimits({ idleTimeoutMs: 150 }));
    const each = await openAssociation(t, server.port);
    t.is((await server.event('ended')).endedBy, 'idle-timeout');
    t.is(await each.wire.ending(), 'fin');
    await mustBeFree(each.bound);
  });

  test(`${name}: a daemon that stops cuts its associations`, async (t) => {
    const server = await start(t);
    const each = await openAssociation(t, server.port);
    server.server.registry.cutAll();
    t.is((await server.event('ended')).endedBy, 'cut');
    t.is(await each.wire.ending(), 'reset');
    await mustBeFree(each.bound);
  });
}
