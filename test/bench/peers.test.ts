import test from 'ava';
import { parsePeer } from '../../bench/peers.ts';

test('parsePeer() takes an unknown name for a rival without UDP ASSOCIATE', (t) => {
  const peer = parsePeer('other=/opt/other  --listen 127.0.0.1:{port} --again {port}');
  t.is(peer.name, 'other');
  t.is(peer.role, 'rival');
  t.is(peer.relaysUdp, undefined);
  t.deepEqual(peer.command(1080, '/tmp'), ['/opt/other', '--listen', '127.0.0.1:1080', '--again', '1080']);
});

test('parsePeer() reads :udp and @VERSION behind the name', (t) => {
  const peer = parsePeer('hev:udp@2.13.1-b6e41fe=start {port} key=value');
  t.is(peer.name, 'hev');
  t.true(peer.relaysUdp);
  t.is(peer.version, '2.13.1-b6e41fe');
  t.deepEqual(peer.command(1, '/tmp'), ['start', '1', 'key=value']);
  t.is(parsePeer('hev@2=start {port}').relaysUdp, undefined);
});

test('parsePeer() gives a known name another command, and leaves the rest', (t) => {
  const danted = parsePeer('danted=/opt/danted -p {port}');
  t.is(danted.role, 'rival');
  t.true(danted.relaysUdp);
  t.is(parsePeer('floor=/opt/floor {port}').role, 'yardstick');
});

test('parsePeer() takes a name that begins with picosocks5 for a build of ours', (t) => {
  const before = parsePeer('picosocks5-before=/old/bin/picosocks5 127.0.0.1:{port}');
  t.is(before.role, 'product');
  t.true(before.relaysUdp);
  t.deepEqual(before.withUsers?.('/tmp/users'), ['-a', 'htpasswd:/tmp/users']);
  t.is(parsePeer('picosocks5x={port}').role, 'rival');
});

for (const text of ['', 'hev', 'hev=start', '=start {port}', 'h ev=start {port}', 'hev@=start {port}']) {
  test(`parsePeer() says how to write "${text}"`, (t) => {
    t.throws(() => parsePeer(text), { message: /write NAME=COMMAND/ });
  });
}

test('parsePeer() names a flag that it does not know', (t) => {
  t.throws(() => parsePeer('hev:tcp=start {port}'), { message: /"tcp" is not known; :udp says/ });
});
