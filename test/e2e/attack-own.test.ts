// Addresses that are this host's own though no interface lists them: services behind them stay closed to who comes from elsewhere.
import { type ExecutionContext } from 'ava';
import { mustRun } from '../support/commands.ts';
import { startDaemon } from '../support/daemon.ts';
import { cableNetwork, type Network } from '../support/network.ts';
import { askFrom, askThrough, echoAt, sendFrom, type Place } from '../support/remoteclient.ts';
import { asRoot } from '../support/root.ts';

/** Something answers there, on both hosts, at every address. */
const PORT = 8000;

/** Documentation addresses are public ones to the guard. */
const PUBLIC = { proxy: '198.51.100.1', client: '198.51.100.2' };
const PUBLIC6 = { proxy: '2001:db8:ff::1', client: '2001:db8:ff::2' };
const LAN = { proxy: '10.99.0.1', client: '10.99.0.2' };

/** What the kernel of the proxy's host delivers to itself, in ways of which no interface tells. */
const SETUP = [
  'ip route add local 203.0.113.0/24 dev lo', // AnyIP
  'ip -6 route add local 2001:db8:77::/64 dev lo',
  'ip link add idle type bridge', // without carrier
  'ip address add 172.17.0.1/16 dev idle',
  'ip link set idle up',
  'ip link add off type veth peer name away', // down
  'ip address add 192.0.2.1/24 dev off',
  'sysctl -qw net.ipv6.conf.all.forwarding=1', // makes subnet-router anycast addresses
];

const OWN = [
  '203.0.113.7',
  '2001:db8:77::7',
  '::ffff:203.0.113.7',
  '64:ff9b::203.0.113.7',
  '172.17.0.1',
  '192.0.2.1',
  '2001:db8:ff::', // anycast
  '198.51.100.255', // broadcast
  '255.255.255.255',
  '224.0.0.1',
  'ff02::1',
];

const LET_THROUGH = '0';
const NOT_ALLOWED = '2';
const NETWORK_UNREACHABLE = '3';
/** CD of SOCKS4. */
const REJECTED = '91';

async function network(t: ExecutionContext): Promise<Network> {
  const found = await cableNetwork(t, [
    [`${PUBLIC.proxy}/24 brd +`, `${PUBLIC.client}/24`],
    [`${PUBLIC6.proxy}/64 nodad`, `${PUBLIC6.client}/64 nodad`],
    [`${LAN.proxy}/24`, `${LAN.client}/24`],
  ]);
  return found;
}

async function setUp({ proxyHost }: Network, commands: readonly string[]): Promise<void> {
  for (const command of commands) await mustRun([...proxyHost, ...command.split(' ')]);
}

const at = (ip: string, port = PORT): Place => ({ ip, port });

asRoot(
  'what the kernel delivers to this host is closed to clients from elsewhere, whatever lists it',
  async (t) => {
    const found = await network(t);
    await setUp(found, SETUP);
    await echoAt(t, found.proxyHost, PORT);
    await echoAt(t, found.clientHost, PORT);
    await startDaemon(t, ['--network', '*'], { wrapper: found.proxyHost, listen: ['*:1080'] });
    const places = [...OWN, PUBLIC.client, PUBLIC6.client].map((ip) => at(ip));
    const expected = [...OWN.map(() => NOT_ALLOWED), LET_THROUGH, LET_THROUGH];
    t.deepEqual(await askFrom(found.clientHost, at(PUBLIC.proxy, 1080), places), expected);
    t.deepEqual(await askFrom(found.clientHost, at(LAN.proxy, 1080), places), expected);
    const ipv4 = [at('203.0.113.7'), at('172.17.0.1'), at(PUBLIC.client)];
    t.deepEqual(await askFrom(found.clientHost, at(PUBLIC.proxy, 1080), ipv4, 4), [REJECTED, REJECTED, '90']);
    t.deepEqual(await askFrom(found.proxyHost, at('127.0.0.1', 1080), [at('203.0.113.7')]), [LET_THROUGH]);
  },
);

asRoot('datagrams for what the kernel delivers to this host are dropped', async (t) => {
  const found = await network(t);
  await setUp(found, SETUP);
  await echoAt(t, found.proxyHost, PORT);
  await echoAt(t, found.clientHost, PORT);
  const daemon = await startDaemon(t, ['--network', '*'], { wrapper: found.proxyHost, listen: ['*:1080'] });
  const places = [...OWN, PUBLIC.client].map((ip) => at(ip));
  const answers = await sendFrom(found.clientHost, at(PUBLIC.proxy, 1080), places);
  t.deepEqual(answers, [...OWN.map(() => 'silent'), 'answered']);
  t.regex(await daemon.line(/ ended /), new RegExp(`dropped=denied:${OWN.length}\\b`));
});

asRoot('an address that this host gets while it serves is closed within a second', async (t) => {
  const found = await network(t);
  await startDaemon(t, ['--network', '*'], { wrapper: found.proxyHost, listen: ['*:1080'] });
  const ask = () => askFrom(found.clientHost, at(PUBLIC.proxy, 1080), [at('203.0.113.7')]);
  t.deepEqual(await ask(), [NETWORK_UNREACHABLE]);
  await setUp(found, ['ip address add 203.0.113.7/32 dev cable']);
  const addedAt = performance.now();
  let answer: readonly string[] = [];
  let askedAfterMs = 0;
  while (answer[0] !== NOT_ALLOWED && askedAfterMs < 1000) {
    askedAfterMs = performance.now() - addedAt;
    answer = await ask();
  }
  t.deepEqual(answer, [NOT_ALLOWED], `asked ${Math.round(askedAfterMs)} ms after it came`);
});

asRoot('addresses by which this host is known outside are closed', async (t) => {
  const found = await network(t);
  const given = ['--network', '*', '--public-address', '203.0.113.9'];
  const daemon = await startDaemon(t, given, { wrapper: found.proxyHost, listen: ['*:1080'] });
  const answers = await askFrom(found.clientHost, at(LAN.proxy, 1080), [
    at('203.0.113.9'),
    at('203.0.113.8'),
  ]);
  t.deepEqual(answers, [NOT_ALLOWED, NETWORK_UNREACHABLE]);
  t.regex(await daemon.line(/ refused .*203\.0\.113\.9/), /why=GUARD_DENIED/);
});

asRoot('who goes through the proxy to the proxy is not on its host for that', async (t) => {
  const found = await network(t);
  await setUp(found, ['ip route add local 203.0.113.0/24 dev lo']);
  await echoAt(t, found.proxyHost, PORT);
  await echoAt(t, found.clientHost, PORT);
  // What an operator allows by its address stands above the guard.
  const given = ['--network', '*', '--request', 'connect:203.0.113.7:1080,connect:*'];
  const daemon = await startDaemon(t, given, { wrapper: found.proxyHost, listen: ['*:1080'] });
  const itself = at('203.0.113.7', 1080);
  const asked = [at('127.0.0.1'), at(LAN.proxy), at(PUBLIC.client)];
  for (const version of [4, 5] as const) {
    const answers = await askThrough(found.clientHost, [at(PUBLIC.proxy, 1080), itself], asked, version);
    t.deepEqual(answers, ['closed', 'closed', 'closed']);
    t.regex(await daemon.line(/ refused .*client=(?!198)/), /why=CLIENT_IS_SELF/);
  }
  t.deepEqual(await askFrom(found.clientHost, at(PUBLIC.proxy, 1080), asked), ['2', '2', LET_THROUGH]);
});

const ROUTE = '192.0.2.200 any source=192.0.2.64/28';

asRoot('sessions leave from a pool, and nobody gets to it', async (t) => {
  const found = await network(t);
  await setUp(found, ['ip route add local 203.0.113.0/24 dev lo']);
  await mustRun([...found.clientHost, ...'ip route add 203.0.113.0/24 via 198.51.100.1'.split(' ')]);
  await echoAt(t, found.clientHost, PORT);
  const given = [
    '--network',
    '*',
    '--source',
    '203.0.113.0/28',
    '--route',
    ROUTE,
    '--transport',
    'engine',
    '--loglevel',
    'debug',
  ];
  const listen = { wrapper: found.proxyHost, listen: ['*:1080'] };
  const daemon = await startDaemon(t, [...given, '--freebind'], listen);
  const places = [at('203.0.113.3'), at('192.0.2.70'), at('192.0.2.80'), at(PUBLIC.client)];
  const answers = await askFrom(found.clientHost, at(PUBLIC.proxy, 1080), places);
  t.deepEqual(answers, [NOT_ALLOWED, NOT_ALLOWED, NETWORK_UNREACHABLE, LET_THROUGH]);
  t.regex(await daemon.line(/ connected /), /bound=203\.0\.113\.\d+:/);
});
