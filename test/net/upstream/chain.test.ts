// Chains of proxies over each transport: what is said to them, what comes of what they say, and what is left open.
import test from 'ava';
import { Deadline } from '../../../src/base/deadline.ts';
import { Fault, type FaultCode } from '../../../src/base/fault.ts';
import type { Hop, HopProtocol } from '../../../src/config/model/config.ts';
import { bindChain, connectChain, associateChain } from '../../../src/net/proxies/chain.ts';
import { blamesDestination, HopFailure, type Credentials } from '../../../src/net/proxies/talk.ts';
import type { ChainPlan, OpenChain } from '../../../src/net/proxies/walk.ts';
import type { Transport } from '../../../src/net/transport.ts';
import { destinationOf } from '../../../src/protocol/address.ts';
import { hmacMd5 } from '../../support/chap.ts';
import { causeOf, faultOf } from '../../support/faults.ts';
import { at, soon, text } from '../../support/legs.ts';
import { transports } from '../../support/transports.ts';
import { hop, scriptedServer, type Step } from '../../support/upstreams.ts';

const hex = (string: string) => Buffer.from(string).toString('hex');

function planOf(hops: readonly Hop[], destination = 'target.test:80', login?: Login): ChainPlan {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(destination) ?? [];
  return {
    hops,
    destination: destinationOf(host, Number(port))!,
    credentials: () => login && credentialsOf(login),
    cover: () => Promise.reject(new Error('no TLS in this test')),
  };
}

interface Login {
  readonly user: string;
  readonly password: string;
  readonly method?: 'password' | 'chap';
}

function credentialsOf({ user, password, method = 'password' }: Login): Credentials {
  return { user: Buffer.from(user), password: Buffer.from(password), method };
}

const openerOf =
  (transport: Transport, port: number): OpenChain =>
  () =>
    transport.dial(at(port), {}, soon());

interface Good {
  readonly what: string;
  readonly protocol: HopProtocol;
  readonly script: readonly Step[];
  readonly taken: string;
  readonly bound?: string;
  readonly destination?: string;
  readonly login?: Login;
}

const NAME_REQUEST = `050100030b${hex('target.test')}0050`;
const CHALLENGE = '000102030405060708090a0b0c0d0e0f';
const RESPONSE = hmacMd5('pw', Buffer.from(CHALLENGE, 'hex')).toString('hex');
const CHAP_START = `01021101850203${hex('joe')}`;
const CHAP_ANSWER = `01020203${hex('joe')}0410${RESPONSE}`;
const JOE: Login = { user: 'joe', password: 'pw' };
const GRANTED = '005a1388cb007101';
const HTTP_REQUEST = 'CONNECT target.test:80 HTTP/1.1\r\nHost: target.test:80\r\n';

const GOOD: readonly Good[] = [
  {
    what: 'SOCKS5 without a login, a name',
    protocol: 'socks5',
    script: [3, '0500', 18, '05000001cb0071011388'],
    taken: `050100${NAME_REQUEST}`,
    bound: '203.0.113.1:5000',
  },
  {
    what: 'SOCKS5 to an IPv6 address, BND of IPv6',
    protocol: 'socks5',
    destination: '2001:db8::1:443',
    script: [3, '0500', 22, '0500000420010db80000000000000000000000021388'],
    taken: '050100 05010004 20010db8000000000000000000000001 01bb'.replaceAll(' ', ''),
    bound: '2001:db8::2:5000',
  },
  {
    what: 'SOCKS5, BND is a name',
    protocol: 'socks5',
    script: [3, '0500', 18, `0500000304${hex('host')}1388`],
    taken: `050100${NAME_REQUEST}`,
  },
  {
    what: 'SOCKS5 that is offered a password and takes none',
    protocol: 'socks5',
    login: JOE,
    script: [4, '0500', 18, '05000001cb0071011388'],
    taken: `05020002${NAME_REQUEST}`,
    bound: '203.0.113.1:5000',
  },
  {
    what: 'SOCKS5 with user and password',
    protocol: 'socks5',
    login: JOE,
    script: [4, '0502', 8, '0100', 18, '05000001cb0071011388'],
    taken: `05020002 0103${hex('joe')}02${hex('pw')} ${NAME_REQUEST}`.replaceAll(' ', ''),
    bound: '203.0.113.1:5000',
  },
  {
    what: 'SOCKS5 with CHAP, algorithm and challenge in one message',
    protocol: 'socks5',
    login: { ...JOE, method: 'chap' },
    script: [4, '0503', 10, `01021101850310${CHALLENGE}`, 25, '0101000100', 18, '05000001cb0071011388'],
    taken: `05020003${CHAP_START}${CHAP_ANSWER}${NAME_REQUEST}`,
    bound: '203.0.113.1:5000',
  },
  {
    what: 'SOCKS5 with CHAP, algorithm and challenge in two messages',
    protocol: 'socks5',
    login: { ...JOE, method: 'chap' },
    script: [
      4,
      '0503',
      10,
      '0101110185',
      `01010310${CHALLENGE}`,
      25,
      '0101000100',
      18,
      '05000001cb0071011388',
    ],
    taken: `05020003${CHAP_START}${CHAP_ANSWER}${NAME_REQUEST}`,
    bound: '203.0.113.1:5000',
  },
  {
    what: 'SOCKS4 to an address',
    protocol: 'socks4',
    destination: '192.0.2.1:80',
    script: [13, GRANTED],
    taken: `04010050c0000201${hex('user')}00`,
    bound: '203.0.113.1:5000',
  },
  {
    what: 'SOCKS4a to a name, with a user id',
    protocol: 'socks4',
    login: JOE,
    script: [24, GRANTED],
    taken: `0401005000000001${hex('joe')}00${hex('target.test')}00`,
    bound: '203.0.113.1:5000',
  },
  {
    what: 'SOCKS4, VN 04 as srelay sends it',
    protocol: 'socks4',
    destination: '192.0.2.1:80',
    script: [13, `04${GRANTED.slice(2)}`],
    taken: `04010050c0000201${hex('user')}00`,
    bound: '203.0.113.1:5000',
  },
  {
    what: 'HTTP',
    protocol: 'http',
    script: ['head', hex('HTTP/1.0 200 Connection established\r\nProxy-Agent: x\r\n\r\n')],
    taken: hex(`${HTTP_REQUEST}\r\n`),
  },
  {
    what: 'HTTP with Basic, and a 1xx before the answer',
    protocol: 'http',
    login: JOE,
    script: ['head', hex('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n')],
    taken: hex(
      `${HTTP_REQUEST}Proxy-Authorization: Basic ${Buffer.from('joe:pw').toString('base64')}\r\n\r\n`,
    ),
  },
];

interface Bad {
  readonly what: string;
  readonly protocol: HopProtocol;
  readonly script: readonly Step[];
  readonly code: FaultCode;
  /** Part of the cause. */
  readonly says: string;
  /** The destination is to blame, not the proxy. */
  readonly asked?: true;
  readonly login?: Login;
  readonly destination?: string;
}

const REPS: readonly (readonly [rep: string, code: FaultCode])[] = [
  ['01', 'PROXY_FAILED'],
  ['02', 'PROXY_DENIED'],
  ['03', 'NETWORK_UNREACHABLE'],
  ['04', 'HOST_UNREACHABLE'],
  ['05', 'CONNECTION_REFUSED'],
  ['06', 'CONNECT_TIMEOUT'],
  ['07', 'COMMAND_UNSUPPORTED'],
  ['08', 'ADDRESS_TYPE_UNSUPPORTED'],
  ['09', 'PROXY_FAILED'],
  ['ff', 'PROXY_FAILED'],
];
const STATUSES: readonly (readonly [status: string, code: FaultCode])[] = [
  ['301 Moved', 'PROXY_FAILED'],
  ['400 Bad Request', 'PROXY_FAILED'],
  ['403 Filtered', 'PROXY_DENIED'],
  ['404 Not Found', 'HOST_UNREACHABLE'],
  ['451 Secret', 'PROXY_DENIED'],
  ['500 Unable to connect', 'PROXY_FAILED'],
  ['502 Bad Gateway', 'HOST_UNREACHABLE'],
  ['503 Service Unavailable', 'HOST_UNREACHABLE'],
  ['504 Gateway Timeout', 'CONNECT_TIMEOUT'],
];

const BAD: readonly Bad[] = [
  ...REPS.map(([rep, code]): Bad => {
    const script = [3, '0500', 18, `05${rep}`];
    return {
      what: `REP ${rep}`,
      protocol: 'socks5',
      script,
      code,
      says: `said REP ${Number(`0x${rep}`)}`,
      asked: true,
    };
  }),
  ...STATUSES.map(([status, code]): Bad => {
    const script = ['head', hex(`HTTP/1.1 ${status}\r\n\r\n`)];
    return {
      what: `HTTP ${status}`,
      protocol: 'http',
      script,
      code,
      says: `said HTTP ${status}`,
      asked: true,
    };
  }),
  {
    what: 'HTTP 407',
    protocol: 'http',
    script: ['head', hex('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')],
    code: 'PROXY_LOGIN_FAILED',
    says: 'said HTTP 407 Proxy Authentication Required',
  },
  {
    what: 'a colon in the user of Basic',
    protocol: 'http',
    login: { user: 'a:b', password: 'c' },
    script: [],
    code: 'PROXY_LOGIN_FAILED',
    says: 'colon',
  },
  {
    what: 'a password that only CHAP may use',
    protocol: 'http',
    login: { ...JOE, method: 'chap' },
    script: [],
    code: 'PROXY_LOGIN_FAILED',
    says: 'wants CHAP',
  },
  {
    what: 'HTTP that answers in SOCKS',
    protocol: 'http',
    script: ['head', '0500'],
    code: 'PROXY_MALFORMED',
    says: '0500',
  },
  {
    what: 'HTTP with headers without an end',
    protocol: 'http',
    script: ['head', hex(`HTTP/1.1 200 OK\r\n${'X-Filler: y\r\n'.repeat(1000)}`)],
    code: 'PROXY_MALFORMED',
    says: 'malformed message: "HTTP/1.1 200 OK',
  },
  {
    what: 'a web server instead of SOCKS5',
    protocol: 'socks5',
    script: [3, hex('HTTP/1.1 400 Bad Request\r\n\r\n')],
    code: 'PROXY_MALFORMED',
    says: 'not a supported SOCKS version: "HTTP/1.1 400 Bad"',
  },
  {
    what: 'no acceptable method',
    protocol: 'socks5',
    script: [3, '05ff'],
    code: 'PROXY_LOGIN_FAILED',
    says: 'wants a login, and proxy-auth has none for it',
  },
  {
    what: 'no acceptable method, with a password',
    protocol: 'socks5',
    login: JOE,
    script: [4, '05ff'],
    code: 'PROXY_LOGIN_FAILED',
    says: 'does not log anybody in by password',
  },
  {
    what: 'a method that was not offered',
    protocol: 'socks5',
    script: [3, '0502'],
    code: 'PROXY_MALFORMED',
    says: 'chose method 2',
  },
  {
    what: 'a password that is asked for where only CHAP was offered',
    protocol: 'socks5',
    login: { ...JOE, method: 'chap' },
    script: [4, '0502'],
    code: 'PROXY_MALFORMED',
    says: 'chose method 2',
  },
  {
    what: 'a wrong password',
    protocol: 'socks5',
    login: JOE,
    script: [4, '0502', 8, '01ff'],
    code: 'PROXY_LOGIN_FAILED',
    says: 'refused user and password with status 255',
  },
  {
    what: 'a status of another version',
    protocol: 'socks5',
    login: JOE,
    script: [4, '0502', 8, '0500'],
    code: 'PROXY_MALFORMED',
    says: 'wrong version of the login sub-negotiation: 0500',
  },
  {
    what: 'a user of CHAP who is refused at once',
    protocol: 'socks5',
    login: { ...JOE, method: 'chap' },
    script: [4, '0503', 10, '01010001ff'],
    code: 'PROXY_LOGIN_FAILED',
    says: 'CHAP login with status 255',
  },
  {
    what: 'a wrong response of CHAP',
    protocol: 'socks5',
    login: { ...JOE, method: 'chap' },
    script: [4, '0503', 10, `01021101850310${CHALLENGE}`, 25, '01010001ff'],
    code: 'PROXY_LOGIN_FAILED',
    says: 'CHAP login with status 255',
  },
  {
    what: 'CHAP with an algorithm that was not offered',
    protocol: 'socks5',
    login: { ...JOE, method: 'chap' },
    script: [4, '0503', 10, `01021101050310${CHALLENGE}`],
    code: 'PROXY_MALFORMED',
    says: 'another algorithm',
  },
  {
    what: 'CHAP without a challenge',
    protocol: 'socks5',
    login: { ...JOE, method: 'chap' },
    script: [4, '0503', 10, '0101110185', '0100'],
    code: 'PROXY_MALFORMED',
    says: 'CHAP without a challenge',
  },
  {
    what: 'CHAP without a status',
    protocol: 'socks5',
    login: { ...JOE, method: 'chap' },
    script: [4, '0503', 10, `01021101850310${CHALLENGE}`, 25, '0100'],
    code: 'PROXY_MALFORMED',
    says: 'CHAP without a status',
  },
  {
    what: 'an empty name as BND',
    protocol: 'socks5',
    script: [3, '0500', 18, '05000003000050'],
    code: 'PROXY_MALFORMED',
    says: 'not a valid host name: 05000003000050',
  },
  {
    what: 'an unknown type of BND',
    protocol: 'socks5',
    script: [3, '0500', 18, '05000009'],
    code: 'PROXY_MALFORMED',
    says: 'address type not supported: 05000009',
  },
  {
    what: 'SOCKS4 that refuses',
    protocol: 'socks4',
    script: [25, '005b000000000000'],
    code: 'PROXY_FAILED',
    says: 'said 5b',
    asked: true,
  },
  {
    what: 'SOCKS4 that wants identd',
    protocol: 'socks4',
    script: [25, '005c000000000000'],
    code: 'PROXY_LOGIN_FAILED',
    says: 'said 5c',
  },
  {
    what: 'SOCKS4 that answers in SOCKS5',
    protocol: 'socks4',
    script: [25, '05ff'],
    code: 'PROXY_MALFORMED',
    says: '05ff',
  },
  {
    what: 'an IPv6 address for SOCKS4',
    protocol: 'socks4',
    destination: '2001:db8::1:80',
    script: [],
    code: 'FAMILY_UNSUPPORTED',
    says: 'SOCKS4 has no room',
    asked: true,
  },
];

/** Whole answers of each protocol; the proxy ends the stream before each of their bytes. */
const ANSWERS: readonly (readonly [HopProtocol, before: readonly Step[], answer: string])[] = [
  ['socks5', [3], '0500'],
  ['socks5', [3, '0500', 18], '05000001cb0071011388'],
  ['socks4', [25], GRANTED],
  ['http', ['head'], hex('HTTP/1.1 200 OK\r\nX: y\r\n\r\n')],
];

test('a proxy of type `socks` that says nothing to a greeting is asked in SOCKS4 after three seconds', async (t) => {
  const transport = transports[0]!.create();
  const proxy = await scriptedServer(t, [3], [25, GRANTED]);
  const plan = planOf([hop('socks', proxy.port)]);
  const startedAt = performance.now();
  const { leg } = await connectChain(
    openerOf(transport, proxy.port),
    plan,
    new Deadline(0, 'CONNECT_TIMEOUT'),
  );
  leg.close('reset');
  t.true(performance.now() - startedAt >= 2999);
  t.is(proxy.taken[0], '050100');
  t.is(proxy.taken[1]?.slice(0, 4), '0401');
});

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  for (const { what, protocol, script, taken, bound, destination, login } of GOOD) {
    test(title(`${what}: the stream follows the answer`), async (t) => {
      const proxy = await scriptedServer(t, [...script, hex('early')]);
      const plan = planOf([hop(protocol, proxy.port)], destination, login);
      const connected = await connectChain(openerOf(transport, proxy.port), plan, soon());
      t.is(proxy.taken[0], taken);
      t.is(connected.bound && `${connected.bound.ip}:${connected.bound.port}`, bound);
      let early = '';
      while (early.length < 5) early += text(await connected.leg.read()) ?? '';
      t.is(early, 'early');
      connected.leg.close('reset');
    });
  }

  for (const { what, protocol, script, code, says, asked, login, destination } of BAD) {
    test(title(`${what} is told as ${code}`), async (t) => {
      // The last step waits for a byte that does not come, and so for the end of the connection.
      const proxy = await scriptedServer(t, [...script, 1]);
      const plan = planOf([hop(protocol, proxy.port)], destination, login);
      const fault = await faultOf(connectChain(openerOf(transport, proxy.port), plan, soon()));
      t.is(fault.code, code);
      t.true(causeOf(fault).startsWith(`${protocol} proxy 127.0.0.1:${proxy.port}: `), causeOf(fault));
      t.true(causeOf(fault).includes(says), causeOf(fault));
      t.is(blamesDestination(fault), asked === true);
      await proxy.played(1);
    });
  }

  for (const [protocol, before, answer] of ANSWERS) {
    for (const end of ['fin', 'reset'] as const) {
      test(
        title(`${protocol}: ${end} before each byte of ${answer.slice(0, 20)} is told as PROXY_CLOSED`),
        async (t) => {
          for (let size = 0; size < answer.length / 2; size++) {
            const proxy = await scriptedServer(t, [...before, answer.slice(0, 2 * size), end]);
            const plan = planOf([hop(protocol, proxy.port)]);
            const fault = await faultOf(connectChain(openerOf(transport, proxy.port), plan, soon()));
            t.is(fault.code, 'PROXY_CLOSED', `${size} bytes`);
            // What libuv shows of a reset behind bytes is their end.
            const ended =
              end === 'fin' || (name === 'streams' && size > 0) ? /closed the|reset the/ : /reset the/;
            t.regex(causeOf(fault), ended);
          }
        },
      );
    }
  }

  test(title('answers may come byte by byte'), async (t) => {
    const bytes = (answer: string) => answer.match(/../g)!.flatMap((byte) => [byte, 0]);
    for (const [protocol, before, answer] of ANSWERS.slice(1)) {
      const proxy = await scriptedServer(t, [...before, ...bytes(answer)]);
      const { leg } = await connectChain(
        openerOf(transport, proxy.port),
        planOf([hop(protocol, proxy.port)]),
        soon(),
      );
      leg.close('reset');
    }
    t.pass();
  });

  test(title('a proxy that says nothing is named when time is up'), async (t) => {
    for (const [protocol, before] of ANSWERS) {
      const proxy = await scriptedServer(t, before);
      const deadline = new Deadline(0, 'CONNECT_TIMEOUT');
      const work = faultOf(
        connectChain(openerOf(transport, proxy.port), planOf([hop(protocol, proxy.port)]), deadline),
      );
      await proxy.played(1);
      deadline.end(new Fault('CONNECT_TIMEOUT'));
      const fault = await work;
      t.is(fault.code, 'CONNECT_TIMEOUT');
      t.regex(causeOf(fault), new RegExp(`proxy 127.0.0.1:${proxy.port}: no answer in time`));
    }
  });

  test(title('a client that leaves is nobody’s fault'), async (t) => {
    const proxy = await scriptedServer(t, [3]);
    const deadline = new Deadline(0, 'CONNECT_TIMEOUT');
    const work = faultOf(
      connectChain(openerOf(transport, proxy.port), planOf([hop('socks5', proxy.port)]), deadline),
    );
    await proxy.played(1);
    const gone = new Fault('PEER_RESET');
    deadline.end(gone);
    t.is(await work, gone);
  });

  test(title('each proxy is asked for the next one, and the last for the destination'), async (t) => {
    const proxy = await scriptedServer(t, [
      ...[3, '0500', 10, '05000001000000000000'],
      ...['head', hex('HTTP/1.1 200 OK\r\n\r\n')],
      ...[25, GRANTED],
    ]);
    const hops = [
      hop('socks5', proxy.port),
      hop('http', 8080, '192.0.2.1'),
      hop('socks4', 1081, 'inner.test'),
    ];
    const { leg } = await connectChain(openerOf(transport, proxy.port), planOf(hops), soon());
    leg.close('reset');
    t.is(
      proxy.taken[0],
      [
        '050100 05010001c0000201 1f90',
        hex('CONNECT inner.test:1081 HTTP/1.1\r\nHost: inner.test:1081\r\n\r\n'),
        `0401005000000001${hex('user')}00${hex('target.test')}00`,
      ]
        .join('')
        .replaceAll(' ', ''),
    );
  });

  test(
    title('a proxy that cannot be reached through another one is to blame, and both are named'),
    async (t) => {
      const proxy = await scriptedServer(t, [3, '0500', 10, '0505']);
      const hops = [hop('socks5', proxy.port), hop('http', 8080, '192.0.2.1')];
      const fault = await faultOf(connectChain(openerOf(transport, proxy.port), planOf(hops), soon()));
      t.is(fault.code, 'CONNECTION_REFUSED');
      t.is(causeOf(fault), `socks5 proxy 127.0.0.1:${proxy.port}, asked for 192.0.2.1:8080: said REP 5`);
      t.false(blamesDestination(fault));
      t.is(fault.cause instanceof HopFailure && fault.cause.hop, hops[0]!);
    },
  );

  for (const [what, script] of [
    ['closes', [3, 'fin']],
    ['resets', [3, 'reset']],
    ['answers in SOCKS4', [3, '005b000000000000']],
  ] as const) {
    test(
      title(`a proxy of type \`socks\` that ${what} on a greeting is asked in SOCKS4, and from then on`),
      async (t) => {
        const proxy = await scriptedServer(t, script, [25, GRANTED], [25, GRANTED], [25, 'fin'], [3, '05ff']);
        const plan = planOf([hop('socks', proxy.port)]);
        const open = openerOf(transport, proxy.port);
        for (let connections = 0; connections < 2; connections++) {
          (await connectChain(open, plan, soon())).leg.close('reset');
        }
        t.deepEqual(
          proxy.taken.map((taken) => taken.slice(0, 4)),
          ['0501', '0401', '0401'],
        );
        // What is remembered holds as long as it works.
        t.is((await faultOf(connectChain(open, plan, soon()))).code, 'PROXY_CLOSED');
        t.is((await faultOf(connectChain(open, plan, soon()))).code, 'PROXY_LOGIN_FAILED');
        t.is(proxy.taken.length, 5);
      },
    );
  }

  test(title('a proxy of type `socks` that wants a login is not asked without one in SOCKS4'), async (t) => {
    const proxy = await scriptedServer(t, [3, '05ff']);
    const plan = planOf([hop('socks', proxy.port)]);
    t.is(
      (await faultOf(connectChain(openerOf(transport, proxy.port), plan, soon()))).code,
      'PROXY_LOGIN_FAILED',
    );
    t.is(proxy.taken.length, 1);
  });

  test(title('BIND: both replies, zeros are the address of the proxy'), async (t) => {
    for (const [protocol, first, second] of [
      ['socks5', [3, '0500', 10, '05000001000000001388'], '05000001cb0071010050'],
      ['socks4', [13, '005a138800000000'], '005a0050cb007101'],
    ] as const) {
      const proxy = await scriptedServer(t, [...first, second, hex('early')]);
      const plan = planOf([hop(protocol, proxy.port)], '203.0.113.1:0');
      const meeting = await bindChain(openerOf(transport, proxy.port), plan, soon());
      t.deepEqual(meeting.bound, at(5000));
      t.deepEqual(await meeting.peer(soon()), at(80, '203.0.113.1'));
      t.is(text(await meeting.leg.read()), 'early');
      meeting.leg.close('reset');
      t.is(
        proxy.taken[0],
        protocol === 'socks5' ? '05010005020001cb0071010000' : `04020000cb007101${hex('user')}00`,
      );
    }
  });

  test(title('BIND: a second reply that is a refusal, or never comes'), async (t) => {
    const first: Step[] = [3, '0500', 10, '05000001000000001388'];
    for (const [last, code] of [
      ['0506', 'CONNECT_TIMEOUT'],
      ['fin', 'PROXY_CLOSED'],
      ['0400', 'PROXY_MALFORMED'],
    ] as const) {
      const proxy = await scriptedServer(t, [...first, last]);
      const plan = planOf([hop('socks5', proxy.port)], '203.0.113.1:0');
      const meeting = await bindChain(openerOf(transport, proxy.port), plan, soon());
      t.is((await faultOf(meeting.peer(soon()))).code, code);
    }
  });

  test(title('BIND and UDP ASSOCIATE are refused where a proxy has none'), async (t) => {
    const proxy = await scriptedServer(t, []);
    const open = openerOf(transport, proxy.port);
    for (const work of [
      bindChain(open, planOf([hop('http', proxy.port)]), soon()),
      associateChain(open, planOf([hop('http', proxy.port)]), soon()),
      associateChain(open, planOf([hop('socks4', proxy.port)]), soon()),
    ]) {
      t.is((await faultOf(work)).code, 'COMMAND_UNSUPPORTED');
    }
  });

  test(title('UDP ASSOCIATE: where the proxy takes datagrams'), async (t) => {
    const proxy = await scriptedServer(t, [3, '0500', 10, '05000001000000001388']);
    const plan = planOf([hop('socks5', proxy.port)], '0.0.0.0:0');
    const { leg, bound } = await associateChain(openerOf(transport, proxy.port), plan, soon());
    leg.close('reset');
    t.is(proxy.taken[0], '05010005030001000000000000');
    t.deepEqual(bound, { kind: 'ip', ...at(5000) });
  });
}
