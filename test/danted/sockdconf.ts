// Random sockd.conf files of the grammar that danted.conf(5) documents.
import type { Random } from '../fuzz/random.ts';
import { blockLeftovers, clientLeftovers, settingLeftovers, socksLeftovers } from './leftovers.ts';
import { ACCOUNTS, DOORS, TARGET_NAMES } from './scenery.ts';

/** Parts that can be left out one by one. */
export interface SockdConf {
  readonly door: (typeof DOORS)[number];
  readonly settings: readonly string[];
  readonly rules: readonly Block[];
}

interface Block {
  readonly head: string;
  /** Without these two there is no rule. */
  readonly from: string;
  readonly to: string;
  readonly fields: readonly string[];
}

export function makeConf(random: Random): SockdConf {
  const door = random.pick(DOORS);
  const several = <T>(most: number, make: () => T): T[] =>
    Array.from({ length: 1 + random.below(most) }, make);
  const settings = settingsOf(random);
  // Dante takes no rule with a method that is not among all.
  const methods = methodsOf(settings);
  const clientRules = several(3, () => clientRule(random, door, methods));
  const socksRules = several(7, () => socksRule(random, methods));
  // Without these most files pass nothing, and nothing is compared.
  const opening = random.oneIn(4) ? [] : [{ head: 'client pass', from: '0/0', to: '0/0', fields: [] }];
  const closing = random.oneIn(3) ? [] : [{ head: 'socks pass', from: '0/0', to: '0/0', fields: [] }];
  const rest = blockLeftovers(random).map((block) => ({ ...block, from: '0/0' }));
  return {
    door,
    settings,
    rules: [...clientRules, ...opening, ...socksRules, ...closing, ...rest],
  };
}

export function methodsOf(settings: SockdConf['settings']): readonly string[] {
  return settings.flatMap((line) => /^socksmethod: (.*)/.exec(line)?.[1]?.split(' ') ?? []);
}

/** The text for a daemon that listens at `port`. */
export function formatConf({ door, settings, rules }: SockdConf, port: number): string {
  const blocks = rules.map(
    ({ head, from, to, fields }) =>
      `${head} {\n  from: ${from} to: ${to}\n${fields.map((each) => `  ${each}\n`).join('')}}`,
  );
  const lines = [
    'errorlog: /dev/null',
    ...settings.filter(isOfDoor),
    `internal: ${door.internal} port = ${port}`,
    'user.privileged: root',
    'user.unprivileged: nobody',
    ...settings.filter((line) => !isOfDoor(line)),
    ...blocks,
  ];
  return `${lines.join('\n')}\n`;
}

/** What Dante takes only in front of the address. */
function isOfDoor(line: string): boolean {
  return line.startsWith('internal.protocol:');
}

/** Every file with one part less. */
export function* smallerThan(conf: SockdConf): Generator<SockdConf> {
  for (const at of conf.rules.keys()) yield { ...conf, rules: conf.rules.toSpliced(at, 1) };
  for (const at of conf.settings.keys()) {
    if (!/^(?:external|socksmethod):/.test(conf.settings[at]!)) {
      yield { ...conf, settings: conf.settings.toSpliced(at, 1) };
    }
  }
  for (const [at, rule] of conf.rules.entries()) {
    for (const less of smallerRules(rule)) yield { ...conf, rules: conf.rules.toSpliced(at, 1, less) };
  }
}

const EVERYWHERE = '0/0';

function* smallerRules(rule: Block): Generator<Block> {
  for (const at of rule.fields.keys()) yield { ...rule, fields: rule.fields.toSpliced(at, 1) };
  if (rule.from.length > EVERYWHERE.length) yield { ...rule, from: EVERYWHERE };
  if (rule.to.length > EVERYWHERE.length) yield { ...rule, to: EVERYWHERE };
}

const METHODS = ['none', 'none', 'username', 'username none', 'none username'];
const EXTERNALS = [['198.51.100.1'], ['lo'], ['198.51.100.1', '2001:db8::1'], ['lo:0']];

function settingsOf(random: Random): string[] {
  const maybe = (times: number, text: string): string[] => (random.oneIn(times) ? [text] : []);
  return [
    // Protocols stand before the addresses that they are about.
    ...maybe(8, `external.protocol: ${random.pick(['ipv4', 'ipv6', 'ipv4 ipv6'])}`),
    ...random.pick(EXTERNALS).map((host) => `external: ${host}`),
    ...maybe(8, `external.rotation: ${random.pick(['none', 'same-same'])}`),
    ...maybe(2, 'clientmethod: none'),
    `socksmethod: ${random.pick(METHODS)}`,
    ...maybe(12, `srchost: ${random.pick(['nodnsmismatch', 'nodnsunknown', 'checkreplyauth'])}`),
    ...maybe(4, 'timeout.negotiate: 30'),
    ...maybe(6, 'logoutput: stderr'),
    ...maybe(8, 'compatibility: sameport'),
    ...maybe(6, `internal.protocol: ${random.pick(['ipv4', 'ipv4 ipv6'])}`),
    ...settingLeftovers(random),
  ];
}

// Dante 1.4 documents dotted masks and does not read them.
const CLIENT_PLACES = ['0/0', '0/0', '0.0.0.0/0', '::/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.0.1/32'];
const MORE_CLIENTS = [
  '192.168.7.1/32',
  'fd00::/8',
  'lo',
  'lo:0',
  '10.2.0.1/32',
  '10.1.0.7/29',
  '10.1.0.0 / 16',
];
/** Taken, and seldom written. */
const STRANGE_PLACES = ['/0', '.', '.com', 'localhost', 'one.example.com.', 'TWO.Example.com', '10.1.0.9/8'];
const TARGET_PLACES = ['0/0', '0/0', '0.0.0.0/0', '::/0', '10.0.0.0/8', '10.1.0.9/32', '203.0.113.0/24'];
const MORE_TARGETS = ['203.0.113.0/26', '198.51.100.0/24', '2001:db8:5::/48', 'lo', 'lo:0', '.example.com'];
const PORT_WORDS = [
  'port = 80',
  'port = 25',
  'port = http',
  'port != 25',
  'port ge 1024',
  'port < 1024',
  'port gt 80',
];
const MORE_PORTS = [
  'port 1-1024',
  'port 20 - 90',
  'port != 80',
  'port lt 81',
  'port <= 25',
  'port > 1499',
  'port: 80',
  'port 1024-65535',
  'port gt 1023',
  'port eq 80',
  'port ne 25',
  'port >= 1',
  'port 0-65535',
  'port = 0',
  'port lt 1',
  'port gt 65535',
];

function clientRule(random: Random, door: SockdConf['door'], methods: readonly string[]): Block {
  const place = random.pick([...CLIENT_PLACES, ...MORE_CLIENTS]);
  const port = random.oneIn(12) ? ` ${random.pick([...PORT_WORDS, ...MORE_PORTS])}` : '';
  const fields = [
    ...(random.oneIn(3) ? [`log: ${random.pick(['connect', 'error', 'connect disconnect error'])}`] : []),
    ...(random.oneIn(8) ? ['clientmethod: none'] : []),
    ...(random.oneIn(10) ? [`socksmethod: ${random.pick(methods)}`] : []),
    ...clientLeftovers(random),
  ];
  const to = random.pick(['0/0', '0/0', '0.0.0.0/0', '::/0', `${door.ipv4}/32`, '203.0.113.9/32', 'lo']);
  const toPort = random.oneIn(15) ? ` ${random.pick(MORE_PORTS)}` : '';
  return { head: `client ${verdict(random)}`, from: `${place}${port}`, to: `${to}${toPort}`, fields };
}

function socksRule(random: Random, methods: readonly string[]): Block {
  const strange = random.oneIn(12) ? STRANGE_PLACES : [];
  const places = [...CLIENT_PLACES, ...CLIENT_PLACES, ...MORE_CLIENTS, ...TARGET_PLACES, ...strange];
  const targets = [...TARGET_PLACES, ...MORE_TARGETS, ...TARGET_NAMES, ...CLIENT_PLACES, ...strange];
  const ports = (times: number): string =>
    random.oneIn(times) ? ` ${random.pick([...PORT_WORDS, ...MORE_PORTS])}` : '';
  const maybe = (times: number, make: () => string): string[] => (random.oneIn(times) ? [make()] : []);
  const fields = [
    ...maybe(2, () => `command: ${commands(random)}`),
    ...maybe(20, () => `command: ${commands(random)}`),
    ...maybe(5, () => `protocol: ${random.pick(['tcp', 'udp', 'tcp udp'])}`),
    ...credentials(random, methods),
    ...maybe(10, () => `proxyprotocol: ${random.pick(['socks_v4', 'socks_v5', 'socks_v4 socks_v5'])}`),
    ...maybe(4, () => `log: ${random.pick(['connect', 'connect error data', 'ioop'])}`),
    ...socksLeftovers(random),
  ];
  const head = `${random.oneIn(12) ? '' : 'socks '}${verdict(random)}`;
  return {
    head,
    from: `${random.pick(places)}${ports(8)}`,
    to: `${random.pick(targets)}${ports(4)}`,
    fields,
  };
}

/** Dante takes a rule about users only where it says that they log in, and as a rule none about answers. */
function credentials(random: Random, methods: readonly string[]): string[] {
  if (!random.oneIn(4)) return [];
  const method = random.pick(methods);
  const users = random.pick([
    `user: ${random.pick(ACCOUNTS)}`,
    `user: ${ACCOUNTS.join(' ')}`,
    'group: nogroup',
  ]);
  return [`socksmethod: ${method}`, ...(method === 'username' && random.oneIn(2) ? [users] : [])];
}

function verdict(random: Random): string {
  return random.oneIn(3) ? 'block' : 'pass';
}

const COMMANDS = ['connect', 'bind', 'bindreply', 'udpassociate', 'udpreply'];

function commands(random: Random): string {
  const usual = random.pick([
    'connect',
    'connect udpassociate',
    'bindreply udpreply',
    'udpreply',
    'bind connect',
  ]);
  const chosen = COMMANDS.filter(() => random.oneIn(2));
  return random.oneIn(2) || chosen.length === 0 ? usual : chosen.join(' ');
}
