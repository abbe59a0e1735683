// Where BIND waits: bind, source, the route of the kernel, what the client has dialled, in this order.
import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { familyOf, type Ip } from '../../src/base/ip.ts';
import type { Departure } from '../../src/net/dial/dial.ts';
import type { SocketMarks } from '../../src/net/transport.ts';
import { boundAddressFor, type BoundAddressPlan } from '../../src/session/bind/boundaddress.ts';
import type { Dialect } from '../../src/session/dialect.ts';
import { SOCKS4 } from '../../src/session/dialects/socks4.ts';
import { SOCKS5 } from '../../src/session/dialects/socks5.ts';
import { ip } from '../support/ip.ts';

const BIND = [ip('192.0.2.1'), ip('2001:db8::1')];
const SOURCE = [ip('192.0.2.2'), ip('2001:db8::2')];
const ROUTE: Readonly<Record<4 | 6, Ip>> = { 4: ip('192.0.2.3'), 6: ip('2001:db8::3') };

interface Case {
  readonly dialled?: string;
  readonly dialect?: Dialect;
  readonly bind?: readonly Ip[];
  readonly departure?: Partial<Departure>;
  /** undefined: anybody. */
  readonly peers?: readonly string[];
  /** Families to which the kernel knows a way. */
  readonly routes?: readonly (4 | 6)[];
}

async function boundFor({
  dialled = '127.0.0.1',
  dialect = SOCKS5,
  bind = [],
  departure,
  peers,
  routes = [4, 6],
}: Case) {
  const asked: (readonly [Ip, SocketMarks])[] = [];
  const plan = {
    handshake: {
      session: { introduction: undefined },
      leg: { local: { ip: ip(dialled) } },
      dialect,
      snapshot: { outside: { bindAddresses: bind } },
    },
    expected: peers && new Set(peers.map(ip)),
    departure: { source: [], ...departure },
  } as unknown as BoundAddressPlan;
  const departureTo = (to: Ip, marks: SocketMarks) => {
    asked.push([to, marks]);
    return Promise.resolve(routes.includes(familyOf(to)) ? ROUTE[familyOf(to)] : undefined);
  };
  const where = await boundAddressFor(plan, { departureTo }).catch((error: unknown) => (error as Fault).code);
  return { where, asked };
}

const CASES: readonly (readonly [title: string, asked: Case, where: string])[] = [
  ['bind comes first', { bind: BIND, departure: { source: SOURCE }, peers: ['198.51.100.1'] }, '192.0.2.1'],
  ['then the source', { departure: { source: SOURCE }, peers: ['198.51.100.1'] }, '192.0.2.2'],
  ['then the route to the peer', { peers: ['198.51.100.1'] }, '192.0.2.3'],
  ['then what was dialled', { peers: ['198.51.100.1'], routes: [] }, '127.0.0.1'],
  ['anybody comes to what was dialled', {}, '127.0.0.1'],
  ['anybody comes to the source, where there is one', { departure: { source: SOURCE } }, '192.0.2.2'],
  ['an IPv6 peer of an IPv4 client', { peers: ['2001:db8::9'] }, '2001:db8::3'],
  ['an IPv4 peer of an IPv6 client', { dialled: '::1', peers: ['198.51.100.1'] }, '192.0.2.3'],
  [
    'of both families that of the client',
    { dialled: '::1', peers: ['198.51.100.1', '2001:db8::9'] },
    '2001:db8::3',
  ],
  ['no way and another family', { peers: ['2001:db8::9'], routes: [] }, 'FAMILY_UNSUPPORTED'],
  ['SOCKS4 has no IPv6', { dialect: SOCKS4, peers: ['2001:db8::9'] }, 'FAMILY_UNSUPPORTED'],
  [
    'a source of the other family only',
    { departure: { source: SOURCE.slice(1) }, peers: ['198.51.100.1'] },
    'FAMILY_UNSUPPORTED',
  ],
  [
    'a family that is not allowed',
    { departure: { family: '6' }, peers: ['198.51.100.1'] },
    'FAMILY_UNSUPPORTED',
  ],
];

for (const [title, asked, where] of CASES) {
  test(title, async (t) => t.is<string, string>((await boundFor(asked)).where, where));
}

test('the kernel is asked for the way of connections to the peer, with their marks', async (t) => {
  const departure = { device: 'eth1', mark: 7 };
  const { asked } = await boundFor({ departure, peers: ['198.51.100.1', '198.51.100.2'] });
  t.like(asked, [[ip('198.51.100.1'), departure]]);
});
