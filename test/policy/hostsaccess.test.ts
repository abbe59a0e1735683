// Decisions by hosts.allow and hosts.deny: by name as tables, by address beside the tcpdmatch of Debian's package tcpd.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { parseHostsAccess } from '../../src/config/hosts/hostsaccess.ts';
import { decideByHosts, type HostsAnswer, type Naming } from '../../src/policy/access/hostsaccess.ts';
import { run } from '../support/commands.ts';
import { ip } from '../support/ip.ts';

const UNASKED: Naming = { kind: 'unasked' };
const UNNAMED: Naming = { kind: 'unnamed' };
const named = (name: string): Naming => ({ kind: 'named', name });

function decide(allow: string, deny: string, client: string, naming: Naming = UNASKED): HostsAnswer {
  const parsed = [
    parseHostsAccess(allow, '/etc/hosts.allow', { verdict: 'allow', daemon: 'picosocks5' }),
    parseHostsAccess(deny, '/etc/hosts.deny', { verdict: 'deny', daemon: 'picosocks5' }),
  ];
  const [problem] = parsed.flatMap(({ problems }) => problems);
  if (problem !== undefined) throw new Error(problem.text);
  return decideByHosts(
    parsed.flatMap(({ rules }) => rules),
    ip(client),
    naming,
  );
}

const word = (answer: HostsAnswer): string => (answer === 'ask-name' ? answer : answer.verdict);

test('a denial names line, file and number', (t) => {
  t.deepEqual(decide('', 'sshd: ALL\nALL: 192.0.2. EXCEPT 192.0.2.9\n', '192.0.2.5'), {
    verdict: 'deny',
    code: 'CLIENT_DENIED',
    rule: 'ALL: 192.0.2. EXCEPT 192.0.2.9 (/etc/hosts.deny:2)',
  });
});

test('a link-local pattern holds in every zone, or in the one that it names', (t) => {
  t.is(word(decide('', 'ALL: [fe80::]/10', 'fe80::1%eth0')), 'deny');
  t.is(word(decide('', 'ALL: [fe80::1%eth0]', 'fe80::1%eth0')), 'deny');
  t.is(word(decide('', 'ALL: [fe80::1%eth0]', 'fe80::1%eth1')), 'allow');
});

test('an IPv4-mapped client is its IPv4 address', (t) => {
  t.is(word(decide('', 'ALL: 192.0.2.5\n', '::ffff:192.0.2.5')), 'deny');
});

/** hosts.allow, hosts.deny, what is known of the name of 192.0.2.5, and the answer. */
const BY_NAME: readonly (readonly [allow: string, deny: string, naming: Naming, answer: string])[] = [
  ['', 'ALL: .example.org', UNASKED, 'ask-name'],
  ['', 'ALL: .example.org', UNNAMED, 'allow'],
  ['', 'ALL: .Example.ORG', named('a.b.example.org'), 'deny'],
  ['', 'ALL: .example.org', named('example.org'), 'allow'],
  ['', 'ALL: .example.org', named('anexample.org'), 'allow'],
  ['', 'ALL: example.org', named('example.org'), 'deny'],
  ['', 'ALL: example.org', named('a.example.org'), 'allow'],
  ['ALL: LOCAL', 'ALL: ALL', named('gate'), 'allow'],
  ['ALL: LOCAL', 'ALL: ALL', named('gate.example'), 'deny'],
  ['ALL: LOCAL', 'ALL: ALL', UNNAMED, 'deny'],
  // Nobody is asked for a name that would change nothing.
  ['ALL: 192.0.2.5 LOCAL', 'ALL: ALL', UNASKED, 'allow'],
  ['ALL: 192.0.2.5', 'ALL: .example.org', UNASKED, 'allow'],
  ['', 'ALL: 198.51.100.1 EXCEPT .example.org', UNASKED, 'allow'],
  ['', 'ALL: .example.org EXCEPT 192.0.2.', UNASKED, 'allow'],
  ['', 'ALL: .example.org EXCEPT 198.51.100.', UNASKED, 'ask-name'],
  ['', 'ALL: ALL EXCEPT .example.org', UNASKED, 'ask-name'],
  ['', 'ALL: ALL EXCEPT .example.org', named('a.example.org'), 'allow'],
  ['', 'ALL: ALL EXCEPT .example.org', UNNAMED, 'deny'],
  ['', 'ALL: ALL EXCEPT .org EXCEPT a.org', named('a.org'), 'deny'],
  ['', 'ALL: ALL EXCEPT .org EXCEPT a.org', named('b.org'), 'allow'],
];

for (const [allow, deny, naming, answer] of BY_NAME) {
  const who = naming.kind === 'named' ? naming.name : `a client that is ${naming.kind}`;
  test(`allow "${allow}", deny "${deny}": ${answer} for ${who}`, (t) => {
    t.is(word(decide(allow, deny, '192.0.2.5', naming)), answer);
  });
}

async function tcpdmatch(allow: string, deny: string, client: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'picosocks5-hosts-'));
  try {
    writeFileSync(join(folder, 'hosts.allow'), allow);
    writeFileSync(join(folder, 'hosts.deny'), deny);
    const command = ['env', '-C', folder, 'tcpdmatch', '-d', 'picosocks5', client];
    const { stdout, stderr } = await run(command);
    const access = /^access: +(\w+)$/m.exec(stdout)?.[1];
    if (access === undefined) throw new Error(`tcpdmatch (package tcpd) said: ${stdout}${stderr}`);
    return access === 'granted' ? 'allow' : 'deny';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** hosts.allow, hosts.deny, client. */
const BY_ADDRESS: readonly (readonly [allow: string, deny: string, client: string])[] = [
  ['', '', '192.0.2.5'],
  ['', 'ALL: ALL\n', '192.0.2.5'],
  ['', 'ALL: ALL', '2001:db8::1'],
  ['picosocks5: 192.0.2.\n', 'ALL: ALL\n', '192.0.2.5'],
  ['picosocks5: 192.0.2.\n', 'ALL: ALL\n', '192.0.20.5'],
  ['PICOSOCKS5, sshd : 10. 192.0.2.5\n', 'all: all\n', '192.0.2.5'],
  ['ALL EXCEPT picosocks5: ALL\n', 'picosocks5: ALL\n', '192.0.2.5'],
  ['', 'ALL: 192.0.2.0/24\n', '192.0.2.255'],
  ['', 'ALL: 192.0.2.0/255.255.255.128\n', '192.0.2.128'],
  ['', 'ALL: 192.0.2.0/255.255.255.128\n', '192.0.2.127'],
  ['', 'ALL: [2001:db8::]/32\n', '2001:db8:ffff::1'],
  ['', 'ALL: [2001:db8::]/32\n', '2001:db9::1'],
  ['', 'ALL: [2001:db8::1]\n', '2001:db8::1'],
  ['', 'ALL: ALL EXCEPT 192.0.2. EXCEPT 192.0.2.5\n', '192.0.2.5'],
  ['', 'ALL: ALL EXCEPT 192.0.2. EXCEPT 192.0.2.5\n', '192.0.2.6'],
  ['', 'ALL: ALL except 192.0.2.5\n', '192.0.2.5'],
  ['picosocks5: 192.0.2.5: deny\n', '', '192.0.2.5'],
  ['', 'picosocks5: 192.0.2.5: ALLOW\nALL: ALL\n', '192.0.2.5'],
  ['', 'ALL: \\\n 192.0.2.5\n', '192.0.2.5'],
  ['', '# x\\\nALL: ALL\n', '192.0.2.5'],
  ['', ' # ALL: ALL\n', '192.0.2.5'],
];

for (const [allow, deny, client] of BY_ADDRESS) {
  test(`tcpdmatch says the same of ${client} with ${JSON.stringify({ allow, deny })}`, async (t) => {
    t.is(word(decide(allow, deny, client)), await tcpdmatch(allow, deny, client));
  });
}

const PATTERN = fc.constantFrom(
  ...['ALL', '192.0.2.5', '192.0.2.', '192.0.', '192.0.2.4/30', '192.0.2.0/255.255.255.252', '10.0.0.0/8'],
  ...['[2001:db8::1]', '[2001:db8::]/32', '[2001:db8:0:1::]/64', '198.51.100.7'],
);
const LIST = fc
  .array(fc.array(PATTERN, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map((part) => part.join(' ')).join(' EXCEPT '));
const DAEMONS = fc.constantFrom('ALL', 'picosocks5', 'sshd', 'ALL EXCEPT picosocks5', 'sshd, picosocks5');
const FILE = fc
  .array(
    fc
      .tuple(DAEMONS, LIST, fc.constantFrom('', '', ': allow', ': deny'))
      .map(([daemons, list, option]) => `${daemons}: ${list} ${option}\n`),
    { maxLength: 3 },
  )
  .map((lines) => lines.join(''));
const CLIENT = fc.constantFrom(
  '192.0.2.5',
  '192.0.2.9',
  '10.1.2.3',
  '2001:db8::1',
  '2001:db8:0:1::9',
  '203.0.113.1',
);

test('tcpdmatch says the same of random files', async (t) => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(FILE, FILE, CLIENT, async (allow, deny, client) => {
      const theirs = await tcpdmatch(allow, deny, client);
      seen.set(theirs, (seen.get(theirs) ?? 0) + 1);
      return word(decide(allow, deny, client)) === theirs;
    }),
    { numRuns: 150 },
  );
  t.true((seen.get('deny') ?? 0) > 3 && (seen.get('allow') ?? 0) > 3, JSON.stringify([...seen]));
});
