import test from 'ava';
import fc from 'fast-check';
import { parseHostsAccess } from '../../src/config/hosts/hostsaccess.ts';
import { formatProblem } from '../../src/config/values/problem.ts';

const parse = (text: string) =>
  parseHostsAccess(text, 'hosts.deny', { verdict: 'deny', daemon: 'picosocks5' });

test('a line that is about us becomes a rule with its place', (t) => {
  const { rules, problems } = parse('# ours\nsshd: ALL\nsshd, picosocks5 : 192.0.2. EXCEPT 192.0.2.7\n');
  t.deepEqual(problems, []);
  t.is(rules.length, 1);
  t.like(rules[0], {
    verdict: 'deny',
    origin: { file: 'hosts.deny', line: 3 },
    text: 'sshd, picosocks5 : 192.0.2. EXCEPT 192.0.2.7',
  });
  t.deepEqual(
    rules[0]!.clients.patterns.map(({ kind }) => kind),
    ['block'],
  );
  t.is(rules[0]!.clients.except?.patterns.length, 1);
});

/** Daemons, and whether they mean us. */
const DAEMONS: readonly (readonly [daemons: string, isOurs: boolean])[] = [
  ['picosocks5', true],
  ['PicoSocks5', true],
  ['ALL', true],
  ['all', true],
  ['sshd,ALL', true],
  ['ALL EXCEPT sshd', true],
  ['ALL EXCEPT picosocks5', false],
  ['ALL EXCEPT ALL EXCEPT picosocks5', true],
  ['sshd', false],
  ['sshd@192.0.2.1', false],
  ['picosocks', false],
];

for (const [daemons, isOurs] of DAEMONS) {
  test(`the daemons "${daemons}" are ${isOurs ? 'us' : 'others'}`, (t) => {
    t.is(parse(`${daemons}: ALL\n`).rules.length, isOurs ? 1 : 0);
    // A line about others may say anything.
    t.is(parse(`${daemons}: @group: spawn /bin/x\n`).problems.length, isOurs ? 1 : 0);
  });
}

test('a daemon that goes by another name is found under that name only', (t) => {
  const text = 'picosocks5: 192.0.2.1\nSrelay: 192.0.2.2\n';
  const { rules, problems } = parseHostsAccess(text, 'hosts.deny', { verdict: 'deny', daemon: 'srelay' });
  t.deepEqual(problems, []);
  t.deepEqual(
    rules.map(({ origin }) => origin.line),
    [2],
  );
});

test('allow and deny as the option turn the verdict', (t) => {
  const verdicts = parse('ALL: ALL: allow\nALL: ALL :Deny \nALL: ALL\n').rules.map(({ verdict }) => verdict);
  t.deepEqual(verdicts, ['allow', 'deny', 'deny']);
});

/** Lines that are refused, and why. */
const REFUSED: readonly (readonly [line: string, problem: RegExp])[] = [
  ['ALL', /^no ":" between daemons and clients/],
  [':ALL', /^a list of daemons is empty/],
  ['ALL EXCEPT : ALL', /^a list of daemons is empty/],
  ['ALL:', /^a list of clients is empty/],
  ['ALL: 192.0.2.1 EXCEPT', /^a list of clients is empty/],
  ['ALL: ALL: spawn /bin/mail root', /^"spawn \/bin\/mail root" is not supported; the only options/],
  ['ALL: ALL: twist /bin/echo', /^"twist/],
  ['ALL: ALL: severity mail.info: allow', /^"severity mail.info: allow"/],
  ['ALL: ALL: deny: allow', /^"deny: allow" is not supported/],
  ['ALL: ALL:', /^"" is not supported/],
  ['ALL: 2001:db8::1', /IPv6 in brackets/],
  ['ALL: KNOWN', /^"KNOWN" is not supported: it depends on whether a name server answers/],
  ['ALL: unknown', /is not supported/],
  ['ALL: PARANOID', /is not supported/],
  ['ALL: @trusted', /netgroups are not asked/],
  ['ALL: root@192.0.2.1', /nobody asks clients for user names/],
  ['ALL: /etc/hosts.bad', /lists in other files are not read/],
  ['ALL: 192.0.2.*', /write a net, or \.SUFFIX/],
  ['ALL: h?st.example', /write a net/],
  ['picosocks5@192.0.2.1: ALL', /^the daemon "picosocks5@192.0.2.1" is not supported/],
  ['ALL@gate: ALL', /^the daemon/],
  ['pico*: ALL', /^the daemon/],
  ['KNOWN: ALL', /^the daemon/],
  ['192.0.2.1_1080: ALL', /^the daemon "192.0.2.1_1080" is not supported; write picosocks5 or ALL/],
  ['ALL: 192.0.2.5/24', /^"192.0.2.5\/24" does not begin its net.*write 192\.0\.2\.0\/24/],
  ['ALL: [2001:db8::1]/32', /write 2001:db8::\/32/],
  ['ALL: 192.0.2.0/255.0.255.0', /is not ALL, LOCAL/],
  ['ALL: 0.0.0.0/0', /write ALL/],
  ['ALL: 192.0.2', /is not ALL, LOCAL/],
  ['ALL: 192.0.2.0/33', /is not ALL, LOCAL/],
  ['ALL: 256.1.', /is not ALL, LOCAL/],
  ['ALL: [192.0.2.1]', /is not ALL, LOCAL/],
  ['ALL: a.example EXCEPT ALL EXCEPT @x', /netgroups/],
];

for (const [line, problem] of REFUSED) {
  test(`"${line}" is refused`, (t) => {
    const { rules, problems } = parse(`# x\n${line}\n`);
    t.deepEqual(rules, []);
    t.is(problems.length, 1);
    t.regex(problems[0]!.text, problem);
    t.regex(formatProblem(problems[0]!), /^hosts\.deny:2: /);
  });
}

test('every line of an unsupported file is told at once, beside what is good', (t) => {
  const { rules, problems } = parse('ALL: @a\nALL: 192.0.2.1\nALL: @b\n');
  t.is(rules.length, 1);
  t.deepEqual(
    problems.map(({ origin }) => origin.line),
    [1, 3],
  );
});

test('no text makes it throw', (t) => {
  const word = fc.constantFrom(
    'ALL',
    ':',
    'EXCEPT',
    '\\',
    '\n',
    '[',
    ']',
    '192.0.2.',
    '/',
    '@',
    ' ',
    '::1',
    '#',
  );
  fc.assert(fc.property(fc.array(fc.oneof(word, fc.string())), (words) => void parse(words.join(''))));
  t.pass();
});
