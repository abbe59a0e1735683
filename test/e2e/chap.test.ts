// CHAP through the built daemon, with users that pis5user wrote and a client that shares no code with it.
import { join } from 'node:path';
import test from 'ava';
import {
  ALGORITHMS,
  challenged,
  CHALLENGE,
  hear,
  hmacMd5,
  message,
  RESPONSE,
  respondTo,
  STATUS,
  USER,
} from '../support/chap.ts';
import { mustRun, run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { pis5user } from '../support/pis5user.ts';
import { dialWire } from '../support/sockets.ts';
import { echoServer, webServer } from '../support/targets.ts';

const HMAC_MD5 = Uint8Array.of(0x85);

test('a user whom pis5user wrote logs in with CHAP, asks the server for its proof, and is served', async (t) => {
  const port = await echoServer(t);
  const users = join(temporaryFolder(t), 'users');
  const add = (user: string, secret: string) => pis5user(['add', '-c', '-m', 'chap', users, user], secret);
  t.is((await add('jürgen', 'geheim: ü')).status, 0);
  t.is((await add('', 'of the server')).status, 0);
  const daemon = await startDaemon(t, ['--auth', users]);
  const wire = await dialWire(daemon.port);
  t.teardown(() => wire.socket.destroy());
  const said = await challenged(wire, [ALGORITHMS, HMAC_MD5]);
  const answer = respondTo(said, 'geheim: ü');
  wire.send(message([USER, 'jürgen'], [RESPONSE, answer], [CHALLENGE, 'prove it']));
  const { items } = await hear(wire);
  t.deepEqual(items.get(STATUS), Buffer.from([0]));
  t.deepEqual(items.get(RESPONSE), hmacMd5('of the server', Buffer.from('prove it')));
  wire.send(message([STATUS, Uint8Array.of(0)]));
  wire.send(Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff, 0x2a));
  const reply = await wire.take(11);
  t.deepEqual([reply[1], reply[10]], [0, 0x2a]);
  wire.socket.end();
  t.regex(await daemon.line(/ ended /), /user="jürgen"/);
});

test('a wrong response is logged as a wrong password is, and no secret is', async (t) => {
  const users = join(temporaryFolder(t), 'users');
  await pis5user(['add', '-c', '-m', 'chap', users, 'alice'], 'Sesame1');
  const daemon = await startDaemon(t, ['--auth', users, '-v', 'debug']);
  const wire = await dialWire(daemon.port);
  t.teardown(() => wire.socket.destroy());
  const said = await challenged(wire, [USER, 'alice'], [ALGORITHMS, HMAC_MD5]);
  wire.send(message([RESPONSE, respondTo(said, 'Sesame2')]));
  t.is((await wire.rest()).toString('hex'), '01010001ff');
  t.regex(await daemon.line(/login-failed/), /client=127\.0\.0\.1:\d+ why=LOGIN_FAILED .*user=alice/);
  t.notRegex(daemon.lines.join('\n'), /Sesame|base64|U2VzYW1l/);
});

test('a user for CHAP can log in with a password, too', async (t) => {
  const web = await webServer(t);
  const users = join(temporaryFolder(t), 'users');
  await pis5user(['add', '-c', '-m', 'chap', users, 'alice'], 'secret');
  const { port } = await startDaemon(t, ['--auth', users]);
  const proxy = `socks5h://alice:secret@127.0.0.1:${port}`;
  const { stdout } = await run([
    'curl',
    '-sS',
    '--proxy',
    proxy,
    '--noproxy',
    '',
    `http://127.0.0.1:${web}/in`,
  ]);
  t.is(stdout, 'hello from /in');
});

test('CHAP is not offered where every user has a hash', async (t) => {
  const users = join(temporaryFolder(t), 'users');
  await mustRun(['htpasswd', '-bcB', '-C', '5', users, 'alice', 'secret']);
  const { port } = await startDaemon(t, ['--auth', users]);
  const wire = await dialWire(port);
  wire.send(Uint8Array.of(5, 1, 3));
  t.is((await wire.rest()).toString('hex'), '05ff');
});
