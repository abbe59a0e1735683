// TLS in front of the built daemon, with the clients that people have: openssl, Python, Node, curl, and stunnel for all others.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openAssociation } from '../support/associations.ts';
import { askBind, takeReply } from '../support/bind.ts';
import { ALGORITHMS, challenged, hear, message, RESPONSE, respondTo, STATUS, USER } from '../support/chap.ts';
import { mustRun, run } from '../support/commands.ts';
import { runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { pis5user } from '../support/pis5user.ts';
import { binaryHeader } from '../support/proxyheaders.ts';
import { dialWire } from '../support/sockets.ts';
import { connectThrough, greet } from '../support/socks.ts';
import { echoServer, webServer } from '../support/targets.ts';
import {
  askTls,
  dialTls,
  echoOverTls,
  NAME,
  tlsDaemon,
  tlsPlace,
  type TlsDaemon,
} from '../support/tlsdoor.ts';
import { startStunnelClient } from '../support/upstreams.ts';

const through = (t: ExecutionContext, { port, authority }: TlsDaemon) =>
  startStunnelClient(t, port, { ca: authority.file, name: NAME });

const PYTHON = `
import socket, ssl, sys
port, ca, echo = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
raw = socket.create_connection(('127.0.0.1', port))
s = ssl.create_default_context(cafile=ca).wrap_socket(raw, server_hostname='${NAME}')
s.sendall(bytes([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, echo >> 8, echo & 255]) + b'hi')
heard = b''
while len(heard) < 14: heard += s.recv(100)
s.unwrap().close()
print(heard[12:].decode())
`;

test('openssl, Python, Node and curl are served, with SOCKS and HTTP inside', async (t) => {
  const door = await tlsDaemon(t, 'pac = generated\n');
  const { port, authority, daemon } = door;
  const [echo, web] = [await echoServer(t), await webServer(t)];
  t.is(await echoOverTls(t, port, echo), 'hi');
  t.is(await mustRun(['/usr/bin/python3', '-c', PYTHON, `${port}`, authority.file, `${echo}`]), 'hi\n');
  const verified = ['-verify_return_error', '-CAfile', authority.file, '-verify_hostname', NAME];
  const asked = Buffer.concat([
    Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, web >> 8, web & 255]),
    Buffer.from('GET /page HTTP/1.0\r\n\r\n'),
  ]);
  // In octal: printf(1) of a POSIX shell knows no hex.
  const octal = [...asked].map((byte) => `\\\\${byte.toString(8).padStart(3, '0')}`).join('');
  const client = ['openssl', 's_client', '-quiet', '-connect', `127.0.0.1:${port}`, ...verified].join(' ');
  t.regex(await mustRun(['sh', '-c', `printf ${octal} | ${client}`]), /hello from \/page$/);
  const curl = ['curl', '-sS', '--proxy-cacert', authority.file, '-x', `https://127.0.0.1:${port}`];
  const page = `http://127.0.0.1:${web}/page`;
  t.is(await mustRun([...curl, page]), 'hello from /page');
  t.is(await mustRun([...curl, '--proxytunnel', page]), 'hello from /page');
  await daemon.line(/ ended .*version=http/);
  const script = await mustRun([
    'curl',
    '-sS',
    '--cacert',
    authority.file,
    `https://127.0.0.1:${port}/proxy.pac`,
  ]);
  t.true(script.includes(`return "HTTPS 127.0.0.1:${port}";`), script);
});

test('SOCKS4, SOCKS5, BIND and UDP ASSOCIATE come by stunnel, and the log says that datagrams are in clear', async (t) => {
  const door = await tlsDaemon(t, 'loglevel = debug\n');
  const [port, echo, web] = [await through(t, door), await echoServer(t), await webServer(t)];
  for (const how of ['socks4', 'socks4a', 'socks5h'])
    t.is(
      await mustRun(['curl', '-sS', '-x', `${how}://127.0.0.1:${port}`, `http://127.0.0.1:${web}/`]),
      'hello from /',
    );
  const bind = await askBind(port);
  const { bound } = await takeReply(bind);
  const peer = await dialWire(bound.port);
  await takeReply(bind);
  peer.send('in');
  t.is((await bind.take(2)).toString(), 'in');
  const udp = createSocket('udp4');
  t.teardown(() => udp.close());
  udp.on('message', (bytes, from) => udp.send(bytes, from.port, from.address));
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const association = await openAssociation(t, port);
  await association.send('ping', { ip: '127.0.0.1', port: udp.address().port } as never);
  t.is((await association.answer()).payload.toString(), 'ping');
  t.regex(await door.daemon.line(/ listening .*cmd=assoc/), / clear=datagrams$/);
  t.notRegex(await door.daemon.line(/ listening .*cmd=bind/), /clear=/);
  (await connectThrough(port, echo)).socket.end();
  for (const wire of [bind, peer, association.wire]) wire.socket.destroy();
});

test('a password and CHAP are checked inside', async (t) => {
  const users = join(temporaryFolder(t), 'users');
  await pis5user(['add', '-c', '-m', 'chap', users, 'alice'], 'Sesame1');
  const door = await tlsDaemon(t, `auth = ${users}\nallow-plaintext = yes\n`);
  const [port, echo] = [await through(t, door), await echoServer(t)];
  (await connectThrough(port, echo, { user: 'alice', password: 'Sesame1' })).socket.end();
  t.regex(await door.daemon.line(/ ended /), / user=alice /);
  await t.throwsAsync(connectThrough(port, echo, { user: 'alice', password: 'no' }), {
    message: 'login status 1',
  });
  const wire = await dialWire(port);
  t.teardown(() => wire.socket.destroy());
  const said = await challenged(wire, [USER, 'alice'], [ALGORITHMS, Uint8Array.of(0x85)]);
  wire.send(message([RESPONSE, respondTo(said, 'Sesame1')]));
  t.deepEqual((await hear(wire)).items.get(STATUS), Buffer.from([0]));
});

test('a daemon of ours reaches another one through its TLS, by SOCKS and by HTTP', async (t) => {
  const door = await tlsDaemon(t);
  const echo = await echoServer(t);
  for (const type of ['5S', 'HS']) {
    const route = `* any 127.0.0.1 ${door.port}/${type}`;
    const near = await startDaemon(t, ['--route', route, '--proxy-ca', door.authority.file]);
    const wire = await connectThrough(near.port, echo);
    wire.send('ping');
    t.is((await wire.take(4)).toString(), 'ping');
    wire.socket.end();
    t.regex(await near.line(/ ended /), / up=4 down=4 .*why=client-fin/);
    t.regex(await door.daemon.line(/ ended /), / up=4 down=4 /);
  }
});

test('who comes to the wrong door is closed at once, and the log names listener and bytes', async (t) => {
  const { ports, line } = (await tlsDaemon(t, '', { listen: ['tls:127.0.0.1:0', '127.0.0.2:0'] })).daemon;
  const [secure = 0, plain = 0] = ports;
  t.is(await greet(secure, '127.0.0.1'), 'reset');
  t.regex(
    await line(/ turned-away .*why=WRONG_DOOR/),
    new RegExp(`port ${secure} takes TLS, .*SOCKS5 in clear`),
  );
  const web = await run(['curl', '-sS', '-x', `http://127.0.0.1:${secure}`, 'http://127.0.0.1/']);
  t.not(web.status, 0);
  t.regex(await line(/ turned-away .*HTTP/), new RegExp(`port ${secure} takes TLS`));
  await t.throwsAsync(dialTls(t, plain, { host: '127.0.0.2' }));
  t.regex(await line(/ refused .*TLS_UNEXPECTED/), new RegExp(`listener 127\\.0\\.0\\.2:${plain}\\)`));
});

test('a client gets the certificate of the name that it asks for, and old versions get nothing', async (t) => {
  const place = tlsPlace(t);
  const other = place.authority.issue('DNS:other.test');
  const more = `tls-cert = ${other.certFile}\ntls-key = ${other.keyFile}\ntls-min = 1.3\n`;
  const { port } = await tlsDaemon(t, more, { place });
  for (const servername of [NAME, 'other.test'])
    t.is((await dialTls(t, port, { servername })).getProtocol(), 'TLSv1.3');
  await t.throwsAsync(dialTls(t, port, { servername: 'third.test' }), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
  await t.throwsAsync(dialTls(t, port, { maxVersion: 'TLSv1.2' }));
});

test('the header of a balancer comes before TLS', async (t) => {
  const { port, daemon } = await tlsDaemon(
    t,
    'proxy-protocol = 127.0.0.1\nnetwork = 192.0.2.7\nloglevel = debug\n',
  );
  const wire = await dialWire(port);
  wire.send(binaryHeader());
  const socket = await dialTls(t, port, { socket: wire.socket });
  t.deepEqual(await askTls(socket, Uint8Array.of(5, 1, 0), 2), Buffer.from([5, 0]));
  t.regex(await daemon.line(/ accepted /), /client=192\.0\.2\.7:4242 balancer=127\.0\.0\.1:/);
  const silent = await dialWire(port);
  silent.send(Uint8Array.of(0x16, 3, 1));
  t.is(await silent.ending(), 'reset');
  t.regex(await daemon.line(/ turned-away /), /PROXY_HEADER_BAD/);
});

test('--check names a certificate that is for another key, and a listener without any', async (t) => {
  const place = tlsPlace(t);
  const { keyFile } = place.authority.issue('DNS:other.test');
  const check = async (text: string) => {
    writeFileSync(place.config, text);
    return runProgram(['--check', '-c', place.config, 'tls:127.0.0.1:0']);
  };
  const wrong = await check(`tls-cert = ${place.cert}\ntls-key = ${keyFile}\n`);
  t.is(wrong.status, 78);
  t.true(wrong.stderr.includes(`${place.cert}: with the key ${keyFile}: is for another key`), wrong.stderr);
  t.regex((await check('')).stderr, /needs a certificate: set tls-cert/);
});
