// UDP ASSOCIATE and addresses: of the client, of the relay, and those that are told.
import test from 'ava';
import { plainly } from '../../src/net/layer.ts';
import { addressBytes, datagram, mustEcho, openAssociation } from '../support/associations.ts';
import { ip } from '../support/ip.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { at } from '../support/legs.ts';
import { loopback, SNAPSHOT } from '../support/server.ts';
import { transports } from '../support/transports.ts';
import { udpEcho, udpPeer } from '../support/udp.ts';
import { endOf, sourceOf, startOver, udpLimits } from '../support/session/udpsources.ts';

for (const { name, create } of transports) {
  const transport = create();

  const start = startOver(transport);

  test(`${name}: V5-32: datagrams from another address than the client's are dropped`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    const stranger = await udpPeer(t, '127.0.0.2');
    await stranger.send(datagram('steal', echo.local), each.bound);
    await mustEcho(t, each, echo, 'mine');
    await stranger.send(datagram('steal again', echo.local), each.bound);
    await mustEcho(t, each, echo, 'still mine');
    t.deepEqual((await endOf(server, each)).dropped, { stranger: 2 });
    t.deepEqual(
      (await echo.take(2)).map(({ bytes }) => bytes.toString()),
      ['mine', 'still mine'],
    );
  });

  test(`${name}: V5-32: without an announced port the first datagram says which it is`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    const other = await udpPeer(t);
    await other.send('no header', each.bound);
    await mustEcho(t, each, echo, 'first');
    await other.send(datagram('second', echo.local), each.bound);
    await mustEcho(t, each, echo, 'third');
    t.deepEqual((await endOf(server, each)).dropped, { malformed: 1, stranger: 1 });
  });

  test(`${name}: V5-32: an address announced from behind a NAT changes nothing, and its port says nothing`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const announced = () => addressBytes(at(9, '192.168.7.7'));
    const each = await openAssociation(t, server.port, { announced });
    await mustEcho(t, each, echo, 'translated');
    t.is((await endOf(server, each)).dropped, undefined);
  });

  withIpv6(`${name}: V5-39: the relay is at the address that the client dialled, in its range`, async (t) => {
    const ports = { low: 42_310, high: 42_329 };
    const server = await start(t, udpLimits({ ports }));
    const six = await server.server.listen(plainly(loopback(0, '::1')));
    const echo = await udpEcho(t);
    for (const [host, port] of [
      ['127.0.0.1', server.port],
      ['::1', six.port],
    ] as const) {
      const each = await openAssociation(t, port, { host });
      t.is(each.bound.ip, ip(host));
      t.true(each.bound.port >= ports.low && each.bound.port <= ports.high);
      t.deepEqual((await server.event('listening')).bound, each.bound);
      await mustEcho(t, each, echo, 'from either family');
      const seen = await sourceOf(echo);
      t.true(seen.port >= ports.low && seen.port <= ports.high);
    }
  });

  test(`${name}: V5-39: a client on this host is not told the public address`, async (t) => {
    const outside = { ...SNAPSHOT.outside, publicAddresses: [ip('2001:db8::7'), ip('192.0.2.7')] };
    const server = await start(t, { outside });
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    t.is(each.bound.ip, ip('127.0.0.1'));
    await mustEcho(t, each, echo, 'inside');
  });
}
