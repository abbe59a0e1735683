// Conversations with one proxy, as a table: each answer that it can give, and what becomes of it.
import test from 'ava';
import type { FaultCode } from '../../../src/base/fault.ts';
import type { HopProtocol } from '../../../src/config/model/config.ts';
import { connectChain } from '../../../src/net/proxies/chain.ts';
import { blamesDestination } from '../../../src/net/proxies/talk.ts';
import { hmacMd5 } from '../../support/chap.ts';
import { causeOf, faultOf } from '../../support/faults.ts';
import { soon, text } from '../../support/legs.ts';
import { transports } from '../../support/transports.ts';
import { hop, scriptedServer, type Step } from '../../support/upstreams.ts';
import { hex, planOf, type Login, openerOf, GRANTED, ANSWERS } from '../../support/net/chains.ts';

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
}
