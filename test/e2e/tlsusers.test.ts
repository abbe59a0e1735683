// Certificates of clients at the built daemon: who gets in, and as whom.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectPlain, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { createAuthority, identityOptions, type Identity } from '../support/certificates.ts';
import { pis5user } from '../support/pis5user.ts';
import { startDaemon } from '../support/daemon.ts';
import { binaryHeader, field } from '../support/proxyheaders.ts';
import { dialWire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
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

const clients = createAuthority();
const ALICE = clients.issue('email:alice@example.net,URI:spiffe://example/alice', 2, 'alice');
const BOB = clients.issue('DNS:bob.test', 2, 'bob');
const SERVER = createAuthority().issue('DNS:proxy.test');

/** It has signed itself, and bears the right name. */
function forged(t: ExecutionContext): Identity {
  const { folder } = tlsPlace(t);
  const [keyFile, certFile] = [join(folder, 'forged.key'), join(folder, 'forged.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  const names = ['-subj', '/CN=alice', '-addext', 'subjectAltName=email:alice@example.net'];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...names], {
    stdio: 'ignore',
  });
  return { keyFile, certFile };
}

const settings = (how: string, what = 'cn') =>
  `tls-client-ca = ${clients.file}\ntls-client = ${how}\ntls-user = ${what}\n`;

async function door(
  t: ExecutionContext,
  text: string,
): Promise<TlsDaemon & { readonly echo: number; as: (shown?: Identity) => Promise<string> }> {
  const made = await tlsDaemon(t, text);
  const echo = await echoServer(t);
  return { ...made, echo, as: (shown) => echoOverTls(t, made.port, echo, shown ? { shown } : {}) };
}

/** What the way that Node's manual shows would do with it: a socket is given to TLS by hand. */
async function bareSocketTakes(t: ExecutionContext, shown: Identity): Promise<string> {
  const ca = readFileSync(clients.file);
  const server = createServer((socket) => {
    const terms = { isServer: true, requestCert: true, rejectUnauthorized: true, ca };
    const secure = new TLSSocket(socket, { ...terms, ...identityOptions(SERVER) });
    secure.on('error', () => undefined);
    secure.on('data', () => secure.end('hi'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const raw = connectPlain((server.address() as AddressInfo).port, '127.0.0.1');
  const secure = new TLSSocket(raw, identityOptions(shown));
  t.teardown(() => secure.destroy());
  secure.write('x');
  const [heard] = (await once(secure, 'data')) as [Buffer];
  return heard.toString();
}

test('a forged certificate does not come in, where a socket given to TLS by hand lets it in', async (t) => {
  const certificate = forged(t);
  t.is(await bareSocketTakes(t, certificate), 'hi');
  for (const how of ['require', 'ask']) {
    const { as, daemon } = await door(t, settings(how));
    t.is(await as(certificate), 'out');
    t.regex(
      await daemon.line(/ turned-away /),
      /why=TLS_FAILED detail="client certificate: .*(SELF_SIGNED|self)/i,
    );
    t.is(await as(ALICE), 'hi');
  }
});

test('a certificate is a login: its group, its limits and its state are those of the user', async (t) => {
  const users = join(tlsPlace(t).folder, 'users');
  await pis5user(['add', '-c', '-C', '4', '-g', 'staff', users, 'alice'], 'secret');
  const sections = '[staff]\nrequest = !connect:127.0.0.1:1, connect:127.0.0.0/8\n';
  const text = `auth = ${users}\nlimit = user:bob sessions=1\n${settings('ask')}`;
  const { as, echo, port, authority, daemon, write } = await door(t, text + sections);
  t.is(await as(ALICE), 'hi');
  t.regex(await daemon.line(/ ended /), / user=alice cmd=connect /);
  // No file knows this one, so it has no group; the global limits know its name.
  t.is(await as(BOB), 'hi');
  t.regex(await daemon.line(/ ended .*user=bob/), /cmd=connect/);
  const trusted = { ca: authority.file, name: NAME, shown: BOB };
  const stunnel = await startStunnelClient(t, port, trusted);
  const held = await connectThrough(stunnel, echo);
  t.is(await as(BOB), 'out');
  t.regex(await daemon.line(/ refused .*user=bob/), /LIMIT_REACHED/);
  held.socket.destroy();
  // Who shows none has to log in.
  t.is(await as(), 'out');
  const plain = await startStunnelClient(t, port, { ca: authority.file, name: NAME });
  (await connectThrough(plain, echo, { user: 'alice', password: 'secret' })).socket.end();
  await pis5user(['lock', users, 'alice']);
  write(text + sections);
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  t.is(await as(ALICE), 'out');
  t.regex(await daemon.line(/ refused .*LOGIN_LOCKED/), /client=127/);
});

test('the group of a user whom a certificate names decides: its section, group= and its limit', async (t) => {
  const users = join(tlsPlace(t).folder, 'users');
  await pis5user(['add', '-c', '-C', '4', '-g', 'staff', users, 'alice'], 'secret');
  await pis5user(['add', '-C', '4', '-g', 'guests', users, 'bob'], 'secret');
  const text = `auth = ${users}\nrequest = connect:127.0.0.0/8 group=guests\nlimit = group:staff sessions=1\n`;
  const sections = (rule: string) => `[staff]\nrequest = ${rule}\n`;
  const served = await door(t, text + settings('require') + sections('connect:127.0.0.0/8'));
  const { echo, daemon, write } = served;
  // Nobody but staff and guests may go there, and neither is said anywhere but in the file.
  t.is(await served.as(ALICE), 'hi');
  t.is(await served.as(BOB), 'hi');
  const held = await dialTls(t, served.port, { shown: ALICE });
  await askTls(held, Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, echo >> 8, echo & 255, 0x68, 0x69]), 14);
  t.is(await served.as(ALICE), 'out');
  t.regex(await daemon.line(/ refused .*user=alice/), /LIMIT_REACHED/);
  held.destroy();
  await daemon.line(/ ended .*user=alice.*up=2 down=2 .*why=client-reset/);
  await pis5user(['delete', users, 'bob']);
  await pis5user(['add', '-C', '4', '-g', 'others', users, 'bob'], 'secret');
  write(text + settings('require') + sections('connect:192.0.2.1'));
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  for (const [identity, name] of [
    [ALICE, 'alice'],
    [BOB, 'bob'],
  ] as const) {
    t.is(await served.as(identity), 'out');
    t.regex(await daemon.line(new RegExp(` refused .*user=${name}`)), /REQUEST_DENIED/);
  }
});

test('the name is that of tls-user; a certificate without it does not come in', async (t) => {
  for (const [what, name] of [
    ['san-email', 'alice@example.net'],
    ['san-uri', 'spiffe://example/alice'],
  ] as const) {
    const { as, daemon } = await door(t, settings('require', what));
    t.is(await as(ALICE), 'hi');
    t.true((await daemon.line(/ ended /)).includes(name));
    t.is(await as(BOB), 'out');
    t.regex(await daemon.line(/ turned-away /), /has not exactly one plain/);
  }
  const { as, daemon } = await door(t, settings('require', 'none'));
  t.is(await as(ALICE), 'hi');
  t.notRegex(await daemon.line(/ ended /), / user=/);
  t.is(await as(), 'out');
});

test('proxy-user takes the name that a balancer has checked, and only then', async (t) => {
  const users = join(tlsPlace(t).folder, 'users');
  await pis5user(['add', '-c', '-C', '4', users, 'alice'], 'secret');
  const head = (client: number, verify: number) =>
    binaryHeader({
      fields: [field(0x20, Buffer.from([client, 0, 0, 0, verify, 0x22, 0, 5, ...Buffer.from('alice')]))],
    });
  const base = ['--auth', users, '--proxy-protocol', '127.0.0.1', '--network', '192.0.2.7'];
  const greeting = async (port: number, header: Buffer): Promise<string> => {
    const wire = await dialWire(port);
    wire.send(Buffer.concat([header, Buffer.from([5, 1, 0])]));
    const answer = (await wire.take(2)).toString('hex');
    wire.socket.destroy();
    return answer;
  };
  const believing = await startDaemon(t, [...base, '--proxy-user', 'cn']);
  t.is(await greeting(believing.port, head(7, 0)), '0500');
  t.regex(await believing.line(/ refused .*user=alice/), /client=192\.0\.2\.7:4242/);
  // Not good; not shown, where "verify" is 0 all the same; and a header of the other kind.
  t.is(await greeting(believing.port, head(7, 1)), '05ff');
  t.is(await greeting(believing.port, head(1, 0)), '05ff');
  t.is(await greeting(believing.port, binaryHeader()), '05ff');
  t.is(await greeting((await startDaemon(t, base)).port, head(7, 0)), '05ff');
});

test('contradictory settings of certificates end the start with one sentence each', async (t) => {
  const place = tlsPlace(t);
  for (const [text, why] of [
    ['tls-client = require', /tls-client = require needs the CA/],
    [`tls-user = cn`, /tls-user = cn needs tls-client = ask or require/],
    [`tls-client = ask\ntls-client-ca = ${place.key}`, /has no certificate in PEM form/],
  ] as const) {
    writeFileSync(place.config, '');
    await t.throwsAsync(tlsDaemon(t, `${text}\n`, { place }), { message: why });
  }
});
