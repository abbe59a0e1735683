// A daemon with TLS in front over its life: reloads, renewals of certificates, draining, takeover, and the drop of privileges.
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mustRun } from '../support/commands.ts';
import { runProgram, startDaemon } from '../support/daemon.ts';
import { asRoot } from '../support/root.ts';
import { freePort } from '../support/sockets.ts';
import { connectThrough, greet } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { dialTls, echoOverTls, NAME, tlsDaemon, tlsPlace, type TlsDaemon } from '../support/tlsdoor.ts';
import { startStunnelClient } from '../support/upstreams.ts';

async function reload({ daemon }: TlsDaemon): Promise<string> {
  daemon.signal('SIGHUP');
  return daemon.line(/ reloaded | reload-failed /);
}

/** How the certificate of the daemon is numbered. */
async function serialAt(t: ExecutionContext, port: number): Promise<string> {
  const socket = await dialTls(t, port);
  socket.end();
  return socket.getPeerCertificate().serialNumber;
}

const session = (t: ExecutionContext, { port, authority }: TlsDaemon) =>
  startStunnelClient(t, port, { ca: authority.file, name: NAME });

test('a renewal is served after a reload, half of it is not, and sessions and tickets stay', async (t) => {
  const door = await tlsDaemon(t);
  const { port, daemon, authority, folder } = door;
  const echo = await echoServer(t);
  const live = await connectThrough(await session(t, door), echo);
  const ticket = join(folder, 'ticket');
  // In TLS 1.2 the ticket is part of the handshake, so that nothing is to be waited for.
  const client = ['openssl', 's_client', '-tls1_2', '-connect', `127.0.0.1:${port}`];
  const trust = ['-verify_return_error', '-CAfile', authority.file];
  await mustRun([...client, ...trust, '-sess_out', ticket]);
  const before = await serialAt(t, port);
  const next = authority.issue(`DNS:${NAME},IP:127.0.0.1`);
  copyFileSync(next.certFile, door.cert);
  t.regex(await reload(door), / reloaded /);
  t.true(
    daemon.lines.some((line) =>
      /is for another key; the certificate and key from before stay in use/.test(line),
    ),
    daemon.lines.join('\n'),
  );
  t.is(await serialAt(t, port), before);
  copyFileSync(next.keyFile, door.key);
  t.regex(await reload(door), / reloaded /);
  t.not(await serialAt(t, port), before);
  t.regex(await mustRun([...client, ...trust, '-sess_in', ticket]), /^Reused, /m);
  live.send('still');
  t.is((await live.take(5)).toString(), 'still');
  live.socket.destroy();
});

test('an address changes from plain to TLS and back by a reload, without a moment closed', async (t) => {
  const port = await freePort();
  const [echo, place] = [await echoServer(t), tlsPlace(t)];
  place.write(`listen = 127.0.0.1:${port}\n`);
  const door = { ...place, port, daemon: await startDaemon(t, ['-c', place.config], { listen: [] }) };
  t.is(await greet(port, '127.0.0.1'), '0500');
  place.write(`listen = tls:127.0.0.1:${port}\n`);
  t.regex(await reload(door), / reloaded /);
  t.is(await echoOverTls(t, port, echo), 'hi');
  t.is(await greet(port, '127.0.0.1'), 'reset');
  place.write(`listen = tls:127.0.0.1:${port}\ntls-cert = /nonexistent\ntls-key = /nonexistent\n`);
  t.regex(await reload(door), / reload-failed /);
  t.is(await echoOverTls(t, port, echo), 'hi');
  place.write(`listen = 127.0.0.1:${port}\n`);
  t.regex(await reload(door), / reloaded /);
  t.is(await greet(port, '127.0.0.1'), '0500');
});

test('a reload that adds TLS tells of a maxconn for which the heap has no room then', async (t) => {
  const place = tlsPlace(t);
  const [plain, secure] = [await freePort(), await freePort()];
  const text = `maxconn = 20000\nlisten = 127.0.0.1:${plain}\n`;
  place.write(text);
  const env = { NODE_OPTIONS: '--max-old-space-size=600' };
  const daemon = await startDaemon(t, ['-c', place.config], { listen: [], env });
  t.false(daemon.lines.some((line) => line.includes('the heap of')));
  place.write(`${text}listen = tls:127.0.0.1:${secure}\n`);
  daemon.signal('SIGHUP');
  t.regex(await daemon.line(/ config .*maxconn 20000/), /the heap of 600 MiB has room for 10971 sessions/);
  await daemon.line(/ reloaded /);
});

test('a new daemon takes the port over, and a session in TLS goes on with the old one until it ends', async (t) => {
  const [port, echo, place] = [await freePort(), await echoServer(t), tlsPlace(t)];
  const steering = `control = ${join(place.folder, 'control')}\n`;
  const listen = [`tls:127.0.0.1:${port}`];
  const old = await tlsDaemon(t, steering, { place, listen });
  const live = await connectThrough(await session(t, old), echo);
  const fresh = await startDaemon(t, ['-c', place.config, '--takeover'], { listen });
  await old.daemon.line(/ draining /);
  t.is(await echoOverTls(t, port, echo), 'hi');
  await fresh.line(/ ended /);
  t.is(await greet(port, '127.0.0.1'), 'reset');
  live.send('still');
  t.is((await live.take(5)).toString(), 'still');
  live.socket.end();
  t.is(await old.daemon.exited, 0);
});

asRoot('a key that the service account may not read is named at the start, and stays in use', async (t) => {
  const place = tlsPlace(t);
  chmodSync(place.key, 0o600);
  chmodSync(place.config, 0o644);
  const door = await tlsDaemon(t, 'user = nobody\n', { place });
  t.true(
    door.daemon.lines.some((line) => line.includes(`${place.key} cannot be read after the start`)),
    door.daemon.lines.join('\n'),
  );
  const { stderr } = await runProgram(['--check', '-c', place.config, 'tls:127.0.0.1:0']);
  t.true(stderr.includes(`as nobody: ${place.key}: cannot be read: permission denied`), stderr);
  t.regex(await reload(door), / reloaded /);
  t.true(door.daemon.lines.some((line) => /its key .* cannot be read: .*stay in use/.test(line)));
  t.is(await echoOverTls(t, door.port, await echoServer(t)), 'hi');
});
