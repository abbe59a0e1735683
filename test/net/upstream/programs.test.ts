// Chains through other people's proxies and through our own, to servers on loopback.
import test, { type ExecutionContext } from 'ava';
import { createChapVerifier } from '../../../src/auth/chap.ts';
import { recoverableText } from '../../../src/auth/hashing/hash.ts';
import { formatEndpoint } from '../../../src/base/ip.ts';
import type { Hop } from '../../../src/config/model/config.ts';
import { bindChain, connectChain } from '../../../src/net/proxies/chain.ts';
import type { Credentials } from '../../../src/net/proxies/talk.ts';
import type { ChainPlan, OpenChain } from '../../../src/net/proxies/walk.ts';
import type { Leg, Transport } from '../../../src/net/transport.ts';
import type { Snapshot } from '../../../src/session/session.ts';
import { at, codeOf, soon, text } from '../../support/legs.ts';
import { policy } from '../../support/policy.ts';
import { onlyUser, startServer } from '../../support/server.ts';
import { CLOSED_PORT, dialWire, listenTarget } from '../../support/sockets.ts';
import { echoServer } from '../../support/targets.ts';
import { apart, transports } from '../../support/transports.ts';
import { hop, startDante, startMicrosocks, startTinyproxy } from '../../support/upstreams.ts';

const LOGIN = { user: 'ann', password: 'open-sesame' };
const ANN = Buffer.from(LOGIN.user);
const SECRET = Buffer.from(LOGIN.password);
const BY_PASSWORD: Credentials = { user: ANN, password: SECRET, method: 'password' };
const BY_CHAP: Credentials = { ...BY_PASSWORD, method: 'chap' };

const hashes = [{ kind: 'base64', text: recoverableText(SECRET) } as const];
const ann = { name: LOGIN.user, group: undefined, hashes };
const chap = createChapVerifier({ byName: new Map([['ann', ann]]), usable: [ann], serverSecret: undefined })!;

/** Nobody gets in without a login. */
const USERS: Partial<Snapshot> = {
  policy: policy({ hasUsers: true }),
  checkLogin: onlyUser(LOGIN.user, LOGIN.password),
};

const planOf = (port: number, hops: readonly Hop[], credentials?: Credentials): ChainPlan => ({
  hops,
  destination: { kind: 'ip', ...at(port) },
  credentials: () => credentials,
  cover: () => Promise.reject(new Error('no TLS in this test')),
});

/** A login for each proxy. */
const withLogins = (plan: ChainPlan, logins: ReadonlyMap<Hop, Credentials>): ChainPlan => ({
  ...plan,
  credentials: (each) => logins.get(each),
});

const openerOf =
  (transport: Transport, port: number): OpenChain =>
  () =>
    transport.dial(at(port), {}, soon());

/** What comes back of `said`. */
async function echoed(leg: Leg, said = 'through the chain'): Promise<string> {
  leg.write(Buffer.from(said));
  let heard = '';
  while (heard.length < said.length) heard += text(await leg.read()) ?? '';
  leg.close('fin');
  return heard;
}

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  async function picosocks5(t: ExecutionContext, changes: Partial<Snapshot> = {}): Promise<number> {
    const server = await startServer(apart(transport), changes);
    t.teardown(() => server.stop());
    return server.port;
  }

  const PROXIES: readonly {
    readonly what: string;
    readonly start: (t: ExecutionContext) => Promise<number>;
    readonly protocols: readonly Hop['protocol'][];
    readonly credentials?: Credentials;
  }[] = [
    { what: 'microsocks', start: startMicrosocks, protocols: ['socks5', 'socks'] },
    {
      what: 'microsocks with a login',
      start: (t) => startMicrosocks(t, LOGIN),
      protocols: ['socks5', 'socks'],
      credentials: BY_PASSWORD,
    },
    { what: 'danted', start: startDante, protocols: ['socks5', 'socks4', 'socks'] },
    { what: 'tinyproxy', start: startTinyproxy, protocols: ['http'] },
    {
      what: 'tinyproxy with Basic',
      start: (t) => startTinyproxy(t, LOGIN),
      protocols: ['http'],
      credentials: BY_PASSWORD,
    },
    { what: 'picosocks5', start: picosocks5, protocols: ['socks5', 'socks4', 'socks'] },
    {
      what: 'picosocks5 with a password',
      start: (t) => picosocks5(t, USERS),
      protocols: ['socks5'],
      credentials: BY_PASSWORD,
    },
    {
      what: 'picosocks5 with CHAP',
      start: (t) => picosocks5(t, { ...USERS, chap }),
      protocols: ['socks5', 'socks'],
      credentials: BY_CHAP,
    },
  ];

  for (const { what, start, protocols, credentials } of PROXIES) {
    test(title(`${what}: bytes come back, and a refused connection is told`), async (t) => {
      const port = await start(t);
      const [echo, closed] = [await echoServer(t), CLOSED_PORT];
      const open = openerOf(transport, port);
      for (const protocol of protocols) {
        const hops = [hop(protocol, port)];
        const { leg } = await connectChain(open, planOf(echo, hops, credentials), soon());
        t.is(await echoed(leg), 'through the chain', protocol);
        // tinyproxy and SOCKS4 have no word of their own for it.
        const code = protocol === 'http' || protocol === 'socks4' ? 'PROXY_FAILED' : 'CONNECTION_REFUSED';
        t.is(await codeOf(connectChain(open, planOf(closed, hops, credentials), soon())), code, protocol);
      }
    });
  }

  test(title('a login that is missing or wrong is told'), async (t) => {
    const wrong: Credentials = { ...BY_PASSWORD, password: Buffer.from('guessed') };
    const proxies = [
      hop('socks5', await startMicrosocks(t, LOGIN)),
      hop('http', await startTinyproxy(t, LOGIN)),
      hop('socks5', await picosocks5(t, USERS)),
      hop('socks5', await picosocks5(t, { ...USERS, chap })),
    ];
    for (const proxy of proxies) {
      for (const credentials of [undefined, wrong, { ...wrong, method: 'chap' } as const]) {
        const plan = planOf(1, [proxy], credentials);
        t.is(await codeOf(connectChain(openerOf(transport, proxy.port), plan, soon())), 'PROXY_LOGIN_FAILED');
      }
    }
  });

  test(
    title('three proxies in every order: SOCKS5 with a password, HTTP with Basic, SOCKS5 with CHAP'),
    async (t) => {
      const echo = await echoServer(t);
      const a = hop('socks5', await startMicrosocks(t, LOGIN));
      const b = hop('http', await startTinyproxy(t, LOGIN));
      const c = hop('socks5', await picosocks5(t, { ...USERS, chap }));
      const logins = new Map([
        [a, BY_PASSWORD],
        [b, BY_PASSWORD],
        [c, BY_CHAP],
      ]);
      for (const hops of [
        [a, b, c],
        [a, c, b],
        [b, a, c],
        [b, c, a],
        [c, a, b],
        [c, b, a],
      ]) {
        const plan = withLogins(planOf(echo, hops), logins);
        const { leg } = await connectChain(openerOf(transport, hops[0]!.port), plan, soon());
        t.is(await echoed(leg, 'x'.repeat(10_000)), 'x'.repeat(10_000));
      }
    },
  );

  test(title('four proxies, each of another kind'), async (t) => {
    const echo = await echoServer(t);
    const hops = [
      hop('socks4', await startDante(t)),
      hop('http', await startTinyproxy(t)),
      hop('socks', await startMicrosocks(t)),
      hop('socks4', await picosocks5(t)),
    ];
    const { leg } = await connectChain(openerOf(transport, hops[0]!.port), planOf(echo, hops), soon());
    t.is(await echoed(leg), 'through the chain');
    const dead = [...hops.slice(0, 2), hop('socks5', CLOSED_PORT), hops[3]!];
    const work = connectChain(openerOf(transport, dead[0]!.port), planOf(echo, dead), soon());
    const fault = await work.then(
      () => undefined,
      (failure: unknown) => failure as Error,
    );
    const cause = fault?.cause instanceof Error ? fault.cause.message : '';
    t.true(
      cause.startsWith(
        `http proxy 127.0.0.1:${dead[1]!.port}, asked for 127.0.0.1:${dead[2]!.port}: said HTTP 5`,
      ),
    );
  });

  test(title('BND is what the last proxy is bound to, as the target sees it'), async (t) => {
    const target = await listenTarget();
    t.teardown(() => target.close());
    const hops = [hop('socks5', await startMicrosocks(t)), hop('socks5', await picosocks5(t))];
    const plan = planOf(target.port, hops);
    const { leg, bound } = await connectChain(openerOf(transport, hops[0]!.port), plan, soon());
    const { socket } = await target.accept();
    t.deepEqual(bound, at(socket.remotePort!));
    leg.close('reset');
  });

  for (const [what, start, protocols] of [
    ['danted', startDante, ['socks5', 'socks4']],
    ['picosocks5', picosocks5, ['socks5', 'socks4']],
  ] as const) {
    test(title(`BIND at ${what}, behind another proxy: the peer is told, and its bytes come`), async (t) => {
      const first = hop('socks5', await startMicrosocks(t));
      const port = await start(t);
      for (const protocol of protocols) {
        const plan = { ...planOf(0, [first, hop(protocol, port)]) };
        const meeting = await bindChain(openerOf(transport, first.port), plan, soon());
        t.is(meeting.bound.ip, at(0).ip);
        const peer = await dialWire(meeting.bound.port);
        const { localPort } = peer.socket;
        t.is(formatEndpoint((await meeting.peer(soon()))!), `127.0.0.1:${localPort!}`);
        peer.socket.end('from the peer');
        let heard = '';
        while (heard.length < 13) heard += text(await meeting.leg.read()) ?? '';
        t.is(heard, 'from the peer');
        meeting.leg.close('fin');
      }
    });
  }
}
