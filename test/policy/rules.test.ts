import test from 'ava';
import type { Ip } from '../../src/base/ip.ts';
import { ANONYMOUS, type Identity } from '../../src/policy/identity.ts';
import {
  type Asking,
  admitClient,
  admitIdentity,
  admitRequest,
  admitUnresolved,
  type Policy,
  type Ruling,
} from '../../src/policy/rules/rules.ts';
import { hereAt, hereWith, ownOf } from '../support/here.ts';
import { ip } from '../support/ip.ts';
import { policy, section } from '../support/policy.ts';

const ANN: Identity = { kind: 'user', name: 'ann', group: undefined };
const STAFF: Identity = { kind: 'user', name: 'bob', group: 'staff' };

const HOST = '127.0.0.1';
const LAN = '192.168.1.2';
const STRANGER = '203.0.113.9';

const here = hereAt('198.51.100.7');

/** `allow`, or the code of the denial with the rule that decided. */
function answer(ruling: Ruling): string {
  if (ruling.verdict === 'allow') return 'allow';
  return ruling.rule === undefined ? ruling.code : `${ruling.code}: ${ruling.rule}`;
}

function network(text: string, given: Parameters<typeof policy>[0] = {}): Policy {
  return policy({ rules: section('', { network: text }), here, ...given });
}

const NO_MATCH = 'CLIENT_DENIED: no network rule of the global section matches';

const AT_ACCEPT: readonly (readonly [string, Policy, Readonly<Record<string, string>>])[] = [
  [
    'without users and rules, local clients only',
    network(''),
    {
      [HOST]: 'allow',
      '::1': 'allow',
      '198.51.100.7': 'allow',
      [LAN]: 'allow',
      '::ffff:192.168.1.2': 'allow',
      'fe80::1': 'allow',
      'fd00::1': 'allow',
      [STRANGER]: 'CLIENT_NOT_LOCAL',
      '::ffff:203.0.113.9': 'CLIENT_NOT_LOCAL',
      '2001:db8::1': 'CLIENT_NOT_LOCAL',
      '2002:c0a8:102::1': 'CLIENT_NOT_LOCAL',
    },
  ],
  [
    'with users and no rules, everybody',
    network('', { hasUsers: true }),
    { [HOST]: 'allow', [STRANGER]: 'allow' },
  ],
  ['with *, everybody', network('*'), { [HOST]: 'allow', [STRANGER]: 'allow', '2001:db8::1': 'allow' }],
  [
    'with an allow rule, nobody else, local or not',
    network('203.0.113.0/24'),
    {
      [STRANGER]: 'allow',
      '::ffff:203.0.113.9': 'allow',
      [LAN]: NO_MATCH,
      [HOST]: NO_MATCH,
      '::1': NO_MATCH,
    },
  ],
  [
    'the first match decides',
    network('!203.0.113.9 203.0.113.0/24 !*'),
    {
      [STRANGER]: 'CLIENT_DENIED: !203.0.113.9 (test.conf:1)',
      '203.0.113.10': 'allow',
      [LAN]: 'CLIENT_DENIED: !* (test.conf:3)',
    },
  ],
  ['a list of denials only denies the rest too', network('!203.0.113.0/24'), { [LAN]: NO_MATCH }],
  [
    'a rule of mapped addresses is a rule of IPv4 addresses',
    network('::ffff:203.0.113.0/120'),
    { [STRANGER]: 'allow', '::ffff:203.0.113.9': 'allow', [LAN]: NO_MATCH },
  ],
  [
    'a block of one family says nothing about the other',
    network('0.0.0.0/1'),
    { [HOST]: 'allow', '::1': NO_MATCH },
  ],
  [
    'without users, rules of [*] are rules about everybody',
    network('', { named: [section('*', { network: '203.0.113.0/24' })] }),
    { [STRANGER]: 'allow', [LAN]: 'CLIENT_DENIED: no network rule of [*] matches' },
  ],
  [
    'with users, rules of sections wait for the login',
    network('', { hasUsers: true, named: [section('*', { network: '!*' })] }),
    { [STRANGER]: 'allow' },
  ],
];

for (const [title, rules, clients] of AT_ACCEPT) {
  for (const [client, expected] of Object.entries(clients)) {
    test(`admitClient(): ${title}: ${client}`, (t) => {
      t.is(answer(admitClient(rules, ip(client))), expected);
    });
  }
}

const SECTIONS = [
  section('*', { network: '10.0.0.0/8' }),
  section('staff', { network: '!203.0.113.9 203.0.113.0/24' }),
  section('empty'),
];

const AFTER_LOGIN: readonly (readonly [string, Policy, Identity, string, string])[] = [
  ['a user from anywhere where no rule is', network('', { hasUsers: true }), ANN, STRANGER, 'allow'],
  [
    'a stranger without login where no rule is',
    network('', { hasUsers: true, anonymous: true }),
    ANONYMOUS,
    STRANGER,
    'CLIENT_NOT_LOCAL',
  ],
  [
    'a neighbour without login where no rule is',
    network('', { hasUsers: true, anonymous: true }),
    ANONYMOUS,
    LAN,
    'allow',
  ],
  [
    'a stranger without login where * is',
    network('*', { hasUsers: true, anonymous: true }),
    ANONYMOUS,
    STRANGER,
    'allow',
  ],
  ['[*] for an anonymous client', network('*', { named: SECTIONS }), ANONYMOUS, '10.1.2.3', 'allow'],
  [
    '[*] against an anonymous client',
    network('*', { named: SECTIONS }),
    ANONYMOUS,
    STRANGER,
    'CLIENT_DENIED: no network rule of [*] matches',
  ],
  [
    '[*] against a user without group',
    network('*', { named: SECTIONS }),
    ANN,
    STRANGER,
    'CLIENT_DENIED: no network rule of [*] matches',
  ],
  ['a section for its group', network('*', { named: SECTIONS }), STAFF, '203.0.113.10', 'allow'],
  [
    'a section against its group',
    network('*', { named: SECTIONS }),
    STAFF,
    STRANGER,
    'CLIENT_DENIED: !203.0.113.9 of [staff] (test.conf:1)',
  ],
  [
    'the global rules for an unknown group',
    network('!203.0.113.9 *', { named: SECTIONS }),
    { ...STAFF, group: 'x' },
    LAN,
    'allow',
  ],
  [
    'an empty section opens nothing',
    network('!203.0.113.9', { named: SECTIONS }),
    { ...STAFF, group: 'empty' },
    STRANGER,
    'CLIENT_DENIED: !203.0.113.9 (test.conf:1)',
  ],
];

for (const [title, rules, identity, client, expected] of AFTER_LOGIN) {
  test(`admitIdentity(): ${title}`, (t) => {
    t.is(answer(admitIdentity(rules, identity, ip(client))), expected);
  });
}

function request(text: string, given: Parameters<typeof policy>[0] = {}): Policy {
  return policy({ rules: section('', { request: text }), here, ...given });
}

const NO_RULE = 'REQUEST_DENIED: no request rule of the global section matches';

/** Rules, client, destination, answer to CONNECT. */
/** A request for an address. */
function admitAddress(rules: Policy, identity: Identity, client: Ip, command: Asking['command'], to: Ip) {
  return admitRequest(
    rules,
    { identity, client, command, destination: { kind: 'ip', ip: to, port: 80 } },
    to,
  );
}

const REQUESTS: readonly (readonly [string, string, string, string])[] = [
  // No rules: the guard alone.
  ['', STRANGER, '192.0.2.1', 'allow'],
  ['', STRANGER, '10.0.0.1', 'GUARD_DENIED'],
  ['', STRANGER, HOST, 'GUARD_DENIED'],
  ['', STRANGER, '198.51.100.7', 'GUARD_DENIED'],
  ['', STRANGER, '64:ff9b::127.0.0.1', 'GUARD_DENIED'],
  ['', LAN, '10.0.0.1', 'allow'],
  ['', LAN, HOST, 'GUARD_DENIED'],
  ['', LAN, '169.254.169.254', 'GUARD_DENIED'],
  ['', HOST, HOST, 'allow'],
  ['', HOST, '0.0.0.0', 'allow'],
  // Rules that name no place leave the guard in force.
  ['all:*', STRANGER, '192.0.2.1', 'allow'],
  ['all:*', STRANGER, HOST, 'GUARD_DENIED'],
  ['connect:0.0.0.0/0 connect:::/0', STRANGER, HOST, 'GUARD_DENIED'],
  ['connect:0.0.0.0/0 connect:::/0', STRANGER, '::1', 'GUARD_DENIED'],
  // Rules that name one stand above it.
  ['connect:127.0.0.1', STRANGER, HOST, 'allow'],
  ['connect:127.0.0.1', STRANGER, '::ffff:127.0.0.1', 'allow'],
  ['connect:127.0.0.1 all:*', STRANGER, '127.0.0.2', 'GUARD_DENIED'],
  ['all:10.0.0.0/8 all:*', STRANGER, '10.0.0.1', 'allow'],
  ['all:10.0.0.0/8 all:*', STRANGER, '192.168.1.1', 'GUARD_DENIED'],
  ['all:*  connect:127.0.0.1', STRANGER, HOST, 'GUARD_DENIED'],
  // First match, and what no rule matches is denied, even from the host itself.
  [
    '!connect:192.0.2.1 connect:192.0.2.0/24',
    HOST,
    '192.0.2.1',
    'REQUEST_DENIED: !connect:192.0.2.1 (test.conf:1)',
  ],
  [
    '!connect:192.0.2.1 connect:192.0.2.0/24',
    HOST,
    '::ffff:192.0.2.1',
    'REQUEST_DENIED: !connect:192.0.2.1 (test.conf:1)',
  ],
  ['!connect:192.0.2.1 connect:192.0.2.0/24', HOST, '192.0.2.2', 'allow'],
  ['!connect:192.0.2.1 connect:192.0.2.0/24', HOST, '203.0.113.1', NO_RULE],
  ['connect:192.0.2.0/24 !all:*', HOST, HOST, 'REQUEST_DENIED: !all:* (test.conf:2)'],
  ['!connect:192.0.2.1', HOST, '203.0.113.1', NO_RULE],
  // Rules for other commands.
  ['bind:*', HOST, '192.0.2.1', NO_RULE],
  ['!bind:* connect:*', HOST, '192.0.2.1', 'allow'],
  ['assoc:127.0.0.1 all:*', STRANGER, HOST, 'GUARD_DENIED'],
];

for (const [rules, client, destination, expected] of REQUESTS) {
  test(`admitRequest(): "${rules}" for ${client} to ${destination}: ${expected}`, (t) => {
    const ruling = admitAddress(request(rules), ANONYMOUS, ip(client), 'connect', ip(destination));
    t.is(answer(ruling), expected);
  });
}

test('admitRequest() asks the rules of its command and those of all', (t) => {
  const rules = request('bind:192.0.2.0/24 assoc:198.18.0.0/15 !connect:* all:203.0.113.0/24');
  const ask = (command: 'connect' | 'bind' | 'assoc', destination: string) =>
    answer(admitAddress(rules, ANN, ip(HOST), command, ip(destination)));
  t.is(ask('bind', '192.0.2.1'), 'allow');
  t.is(ask('assoc', '192.0.2.1'), NO_RULE);
  t.is(ask('assoc', '198.18.0.1'), 'allow');
  t.is(ask('bind', '203.0.113.1'), 'allow');
  t.is(ask('connect', '203.0.113.1'), 'REQUEST_DENIED: !connect:* (test.conf:3)');
});

test('admitRequest() asks the section of the identity', (t) => {
  const rules = request('!all:*', { named: [section('staff', { request: 'connect:10.0.0.0/8' })] });
  const ask = (identity: Identity) =>
    answer(admitAddress(rules, identity, ip(STRANGER), 'connect', ip('10.0.0.1')));
  t.is(ask(STAFF), 'allow');
  t.is(ask(ANN), 'REQUEST_DENIED: !all:* (test.conf:1)');
});

test('a proxy opened with network = * still guards its host', (t) => {
  const open = network('*');
  t.is(answer(admitClient(open, ip(STRANGER))), 'allow');
  t.is(answer(admitIdentity(open, ANONYMOUS, ip(STRANGER))), 'allow');
  t.is(answer(admitAddress(open, ANONYMOUS, ip(STRANGER), 'connect', ip('192.0.2.1'))), 'allow');
  t.is(answer(admitAddress(open, ANONYMOUS, ip(STRANGER), 'connect', ip(HOST))), 'GUARD_DENIED');
});

test('the addresses of the host are asked for at each decision', (t) => {
  let own = new Set([ip('192.0.2.1')]);
  const changing = network('*', { here: hereWith(ownOf(() => own)) });
  const ask = () => answer(admitAddress(changing, ANONYMOUS, ip(STRANGER), 'connect', ip('192.0.2.1')));
  t.is(ask(), 'GUARD_DENIED');
  own = new Set();
  t.is(ask(), 'allow');
});

test('a denial names a rule of the command line as such', (t) => {
  const [rule] = section('', { network: '!*' }).network;
  const rules = policy({ rules: { ...section(''), network: [{ ...rule!, origin: {} }] } });
  t.is(answer(admitClient(rules, ip(HOST))), 'CLIENT_DENIED: !* (command line)');
});

const UNRESOLVED: readonly (readonly [request: string, name: string, verdict: string])[] = [
  ['', 'a.test', 'allow'],
  ['connect:*', 'a.test', 'allow'],
  ['connect:.test', 'a.test', 'allow'],
  ['!connect:a.test connect:*', 'a.test', 'REQUEST_DENIED: !connect:a.test (test.conf:1)'],
  ['!connect:0.0.0.0-255.255.255.254 connect:.test', 'a.test', 'allow'],
  ['connect:10.0.0.0/8', 'a.test', 'REQUEST_DENIED: no request rule of the global section matches'],
  ['connect:*:443', 'a.test', 'REQUEST_DENIED: no request rule of the global section matches'],
  ['connect:* user=ann', 'a.test', 'allow'],
  ['connect:* user=bob', 'a.test', 'REQUEST_DENIED: no request rule of the global section matches'],
  ['', 'localhost', 'allow'],
];

for (const [request, name, verdict] of UNRESOLVED) {
  test(`with "${request}" the name ${name} ${verdict === 'allow' ? 'may' : 'may not'} travel to a proxy`, (t) => {
    const rules = policy({ rules: section('', request === '' ? {} : { request }), here });
    const destination = { kind: 'name', name, port: 80 } as const;
    const asking: Asking = { identity: ANN, client: ip(STRANGER), command: 'connect', destination };
    t.is(answer(admitUnresolved(rules, asking)), verdict);
  });
}
