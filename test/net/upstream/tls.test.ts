// TLS to a proxy over each transport: what is trusted, what is said of what is not, and how the ends of a stream come through.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  createSecureContext,
  TLSSocket,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocketOptions,
} from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { Deadline } from '../../../src/base/deadline.ts';
import { Fault, type FaultCode } from '../../../src/base/fault.ts';
import type { Hop } from '../../../src/config/model/config.ts';
import { connectChain } from '../../../src/net/proxies/chain.ts';
import { coverLeg } from '../../../src/net/proxies/tls.ts';
import type { ChainPlan } from '../../../src/net/proxies/walk.ts';
import { createAuthority, identityOptions } from '../../support/certificates.ts';
import { causeOf, faultOf } from '../../support/faults.ts';
import { accepted, at, endOf, NO_LIMITS, soon, text } from '../../support/legs.ts';
import { transports } from '../../support/transports.ts';
import { hop } from '../../support/upstreams.ts';
import { authority, RIGHT, TRUST, left, listenFor, tlsProxy, cover } from '../../support/net/tlsproxies.ts';

const EXPIRED = identityOptions(authority.issue('IP:127.0.0.1', -1));

const ELSEWHERE = identityOptions(authority.issue('IP:192.0.2.1,DNS:elsewhere.test'));

const STRANGE = identityOptions(createAuthority().issue('IP:127.0.0.1'));

interface Refusal {
  readonly what: string;
  readonly proxy: (t: ExecutionContext) => Promise<number>;
  readonly host?: string;
  readonly trust?: SecureContext;
  readonly code?: FaultCode;
  readonly says: RegExp;
}

const withTls = (options: TLSSocketOptions) => async (t: ExecutionContext) =>
  (await tlsProxy(t, options)).port;

const without = (serve: (socket: Socket) => void) => (t: ExecutionContext) => listenFor(t, serve);

const REFUSALS: readonly Refusal[] = [
  {
    what: 'a certificate of a CA that is not trusted',
    proxy: withTls(STRANGE),
    says: /from a CA that is not trusted here.*proxy-ca/,
  },
  {
    what: 'a certificate of an own CA where only those of Node are trusted',
    proxy: withTls(RIGHT),
    trust: createSecureContext(),
    says: /from a CA that is not trusted here.*proxy-ca/,
  },
  {
    what: 'an expired certificate',
    proxy: withTls(EXPIRED),
    says: /has expired; it needs a new one, unless the clock of this host is wrong/,
  },
  {
    what: 'a certificate for another address',
    proxy: withTls(ELSEWHERE),
    says: /its certificate is not for 127\.0\.0\.1, as the route has it, but for .*192\.0\.2\.1.*elsewhere\.test/,
  },
  {
    what: 'a certificate for another name',
    proxy: withTls(RIGHT),
    host: 'other.test',
    says: /its certificate is not for other\.test, as the route has it, but for .*proxy\.test/,
  },
  {
    what: 'a server of TLS 1.1',
    proxy: withTls({ ...RIGHT, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    says: /has no TLS of version 1\.2 or later/,
  },
  {
    what: 'a server that wants a certificate of ours',
    proxy: withTls({ ...RIGHT, maxVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: true }),
    says: /wants a certificate of ours, and there is none/,
  },
  {
    what: 'a web server without TLS',
    proxy: without(
      (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    ),
    says: /does not speak TLS at that port/,
  },
  {
    what: 'a server that closes',
    proxy: without((socket) => void socket.once('data', () => socket.end())),
    says: /broke the connection off instead of a TLS handshake/,
  },
  {
    what: 'a server that resets',
    proxy: without((socket) => void socket.once('data', () => socket.resetAndDestroy())),
    says: /broke the connection off instead of a TLS handshake/,
  },
];

for (const { name, create } of transports) {
  const transport = create();

  const title = (sentence: string) => `${name}: ${sentence}`;

  for (const { what, proxy, says, ...asked } of REFUSALS) {
    test(title(`${what} is told as PROXY_TLS_FAILED, with what to do`), async (t) => {
      const port = await proxy(t);
      const fault = await faultOf(cover(transport, port, asked));
      t.is(fault.code, 'PROXY_TLS_FAILED', causeOf(fault));
      t.true(causeOf(fault).startsWith(`socks5 proxy ${asked.host ?? '127.0.0.1'}:${port}: `));
      t.regex(causeOf(fault), says);
    });
  }

  test(title('a server that hangs in the handshake is named when time is up, and left'), async (t) => {
    const closed: Promise<unknown>[] = [];
    const port = await without((socket) => closed.push(left(socket)))(t);
    const deadline = new Deadline(0, 'CONNECT_TIMEOUT');
    const work = faultOf(cover(transport, port, { deadline }));
    while (closed.length === 0) await new Promise((resolve) => setImmediate(resolve));
    deadline.end(new Fault('CONNECT_TIMEOUT'));
    const fault = await work;
    t.is(fault.code, 'CONNECT_TIMEOUT');
    t.regex(causeOf(fault), /no answer in time \(tls\)/);
    await Promise.all(closed);
    t.is(await faultOf(cover(transport, port, { deadline })).then(({ code }) => code), 'CONNECT_TIMEOUT');
  });

  test(title('a client that leaves during the handshake is nobody’s fault'), async (t) => {
    const port = await without(() => undefined)(t);
    const deadline = soon();
    const work = faultOf(cover(transport, port, { deadline }));
    const gone = new Fault('PEER_RESET');
    deadline.end(gone);
    t.is(await work, gone);
  });

  for (const [host, servername] of [
    ['127.0.0.1', false],
    ['proxy.test', 'proxy.test'],
  ] as const) {
    test(
      title(`the proxy ${host} is asked for ${servername || 'no name'}, in TLS 1.3, without ALPN`),
      async (t) => {
        const proxy = await tlsProxy(t, { ...RIGHT, ALPNProtocols: ['http/1.1'] });
        const leg = await cover(transport, proxy.port, { host });
        const { secure } = await proxy.accept();
        leg.write(Buffer.from('hello'));
        const [heard] = (await once(secure, 'data')) as [Buffer];
        t.is(text(heard), 'hello');
        t.is((secure as TLSSocket & { servername?: string | false }).servername, servername);
        t.is(secure.getProtocol(), 'TLSv1.3');
        t.is(secure.alpnProtocol, false);
        t.deepEqual(leg.remote, at(proxy.port));
        leg.close('fin');
        await left(secure);
      },
    );
  }

  test(title('the certificate of the proxy itself can be what is trusted'), async (t) => {
    const proxy = await tlsProxy(t, STRANGE);
    const trust = createSecureContext({
      ca: STRANGE.cert,
      allowPartialTrustChain: true,
    } as SecureContextOptions);
    const leg = await cover(transport, proxy.port, { trust });
    leg.close('reset');
    t.is(leg.remote.port, proxy.port);
  });

  test(title('a server of TLS 1.3 that wants a certificate of ours says so when it is asked'), async (t) => {
    const { port } = await tlsProxy(t, { ...RIGHT, requestCert: true, rejectUnauthorized: true });
    const proxy: Hop = { ...hop('socks5', port), cover: 'tls' };
    const plan: ChainPlan = {
      hops: [proxy],
      destination: { kind: 'ip', ...at(80) },
      credentials: () => undefined,
      cover: (talk) => coverLeg(talk, TRUST),
    };
    const open = () => transport.dial(at(port), {}, soon());
    const fault = await faultOf(connectChain(open, plan, soon()));
    t.is(fault.code, 'PROXY_TLS_FAILED', causeOf(fault));
    t.regex(causeOf(fault), /wants a certificate of ours, and there is none/);
  });

  test(title('bytes that come with the end of the handshake are kept'), async (t) => {
    const proxy = await tlsProxy(t);
    const covered = cover(transport, proxy.port);
    const { secure } = await proxy.accept();
    secure.write('early');
    const leg = await covered;
    let heard = '';
    while (heard.length < 5) heard += text(await leg.read()) ?? '';
    t.is(heard, 'early');
    leg.unread(Buffer.from('again'));
    t.is(text(await leg.read()), 'again');
    leg.close('fin');
    await left(secure);
  });

  async function relayed(t: ExecutionContext) {
    const proxy = await tlsProxy(t);
    const { leg, wire } = await accepted(t, transport);
    const target = await cover(transport, proxy.port);
    return { wire, ...(await proxy.accept()), relay: transport.relay(leg, target, NO_LIMITS) };
  }

  for (const how of ['fin', 'reset'] as const) {
    test(title(`cut(${how}) ends both sides`), async (t) => {
      const { wire, secure, relay } = await relayed(t);
      const gone = left(secure);
      relay.cut(how);
      t.is(await wire.ending(), how);
      wire.socket.destroy();
      await gone;
      t.is(secure.readableEnded, how === 'fin');
      secure.end();
      t.is((await endOf(relay)).endedBy, 'cut');
    });
  }
}
