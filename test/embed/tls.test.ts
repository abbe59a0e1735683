// TLS in front of the listeners of a program.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { createServer, type ListenOptions, type SessionEvent, type TlsOptions } from '../../src/index.ts';
import { createAuthority, identityOptions, type Identity } from '../support/certificates.ts';
import { echoServer } from '../support/targets.ts';

const authority = createAuthority();
const SERVER = authority.issue('DNS:proxy.test');
const RENEWED = authority.issue('DNS:proxy.test');
const ALICE = authority.issue('DNS:client.test', 2, 'alice');

const textsOf = ({ certFile, keyFile }: Identity): Pick<TlsOptions, 'cert' | 'key'> => ({
  cert: readFileSync(certFile, 'utf8'),
  key: readFileSync(keyFile, 'utf8'),
});

async function dial(t: ExecutionContext, port: number, more: ConnectionOptions = {}): Promise<TLSSocket> {
  const ca = readFileSync(authority.file);
  const socket = connect({ port, host: '127.0.0.1', servername: 'proxy.test', ca, ...more });
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

for (const transport of ['auto', 'streams'] as const) {
  test(`${transport}: a client of TLS is the user of its certificate, and a renewal needs no new listener`, async (t) => {
    const events: SessionEvent[] = [];
    const server = createServer({
      transport,
      authenticate: () => false,
      onEvent: (event) => void events.push(event),
    });
    t.teardown(() => server.close());
    const clientCa = readFileSync(authority.file, 'utf8');
    const terms = { clientCa, client: 'require', user: 'cn' } as const;
    const { port } = (await server.listen({ port: 0, tls: { ...textsOf(SERVER), ...terms } })) as {
      port: number;
    };
    const echo = await echoServer(t);
    const socket = await dial(t, port, identityOptions(ALICE));
    socket.write(Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, echo >> 8, echo & 255, 0x68]));
    let heard = 0;
    while (heard < 13) heard += ((await once(socket, 'data')) as [Buffer])[0].length;
    t.true(events.some(({ kind }) => kind === 'connected'));
    t.is(server.sessions()[0]?.user, 'alice');
    const before = socket.getPeerCertificate().serialNumber;
    t.throws(() => server.renewTls(port, { ...textsOf(RENEWED), key: textsOf(SERVER).key }), {
      instanceOf: TypeError,
      message: /listen\.tls\.cert: is for another key/,
    });
    server.renewTls(port, { ...textsOf(RENEWED), ...terms });
    t.not((await dial(t, port, identityOptions(ALICE))).getPeerCertificate().serialNumber, before);
    t.false(socket.destroyed);
  });
}

test('what makes no sense about TLS is a TypeError that names the key', async (t) => {
  const server = createServer({ transport: 'streams' });
  t.teardown(() => server.close());
  const good = textsOf(SERVER);
  for (const [tls, message] of [
    [{ ...good, cerd: 1 }, /listen\.tls\.cerd: there is no such option; did you mean "listen\.tls\.cert"/],
    [{ ...good, key: [] }, /listen\.tls: cert and key must be/],
    [{ ...good, cert: 'x' }, /listen\.tls\.cert: has no certificate in PEM form/],
    [{ ...good, min: '1.1' }, /listen\.tls\.min: must be/],
    [{ ...good, client: 'require' }, /listen\.tls\.clientCa: must have/],
    [{ ...good, user: 'cn' }, /listen\.tls\.user: needs client/],
  ] as const)
    await t.throwsAsync(server.listen({ port: 0, tls } as ListenOptions), { instanceOf: TypeError, message });
  const path = { path: '/tmp/x', tls: good } as unknown as ListenOptions;
  await t.throwsAsync(server.listen(path), { message: /listen\.tls: is for a port/ });
  t.throws(() => server.renewTls(1, good), { message: /no listener at 1 speaks TLS/ });
});
