// Our logins at proxies: which line fits, and what is said of lines that are wrong.
import test from 'ava';
import { byteString } from '../../src/base/bytes.ts';
import { loginFor, parseProxyAuth } from '../../src/config/routes/proxyauth.ts';
import { formatProblem } from '../../src/config/values/problem.ts';

const FILE = `# comment
192.0.2.1/1081 first one
192.0.2.1   second two

[2001:db8::1]/1080 six pass chap
Example.org\tnamed #three
localhost/9 local four
`;

function find(host: string, port: number): string | undefined {
  const { logins, problems } = parseProxyAuth(FILE, 'auth');
  if (problems.length > 0) throw new Error(problems.map(formatProblem).join());
  const login = loginFor(logins, { host, port });
  return login && [login.user, login.password, login.method].map(String).join(' ');
}

const CASES: readonly (readonly [host: string, port: number, login: string | undefined])[] = [
  ['192.0.2.1', 1081, 'first one password'],
  ['192.0.2.1', 1080, 'second two password'],
  ['192.0.2.2', 1080, undefined],
  ['2001:db8::1', 1080, 'six pass chap'],
  ['2001:db8::1', 1081, undefined],
  ['example.org', 1, 'named #three password'],
  ['proxy.example.org', 1, 'named #three password'],
  ['badexample.org', 1, undefined],
  ['localhost', 9, 'local four password'],
  ['localhost', 10, undefined],
];

for (const [host, port, login] of CASES) {
  test(`${host}:${port} is given ${login ?? 'nothing'}`, (t) => {
    t.is(find(host, port), login);
  });
}

const QUOTED: readonly (readonly [line: string, user: string, password: string])[] = [
  ['host "a b" "c \\" d\\\\"', 'a b', 'c " d\\'],
  ['host a"b" c\\d', 'a"b"', 'c\\d'],
  ['host "#" ":"\tchap', '#', ':'],
  ['host j\xf6 "p\xe4\xa0\x85 s"', 'j\xf6', 'p\xe4\xa0\x85 s'],
];

for (const [line, user, password] of QUOTED) {
  test(`quotation marks: ${line}`, (t) => {
    const { logins, problems } = parseProxyAuth(line, 'auth');
    t.deepEqual(problems, []);
    t.deepEqual(
      logins.map((login) => [byteString(login.user), byteString(login.password)]),
      [[user, password]],
    );
  });
}

test('quotation marks that do not fit are told, without what is between them', (t) => {
  for (const line of ['host a "SECRET', 'host a "SEC"RET', 'host a "SEC\\RET"', 'host "" x', 'host x ""']) {
    const { logins, problems } = parseProxyAuth(line, 'auth');
    t.deepEqual([logins.length, problems.length], [0, 1], line);
    t.notRegex(problems.map(formatProblem).join(), /SEC/);
  }
});

test('a line that is wrong is told without its secrets', (t) => {
  const long = 'SECRET'.repeat(50);
  const lines = [
    'host',
    'host user',
    'host user SECRET chap SECRET',
    'host user SECRET SECRET',
    'ho?st user SECRET',
    'host/0 user SECRET',
    'host/99999 user SECRET',
    'host/x user SECRET',
    `host user ${long}`,
    `host ${long} x`,
  ];
  const { logins, problems } = parseProxyAuth(lines.join('\n'), 'auth');
  t.is(logins.length, 0);
  const told = problems.map(formatProblem);
  t.deepEqual(
    told.map((text) => text.slice(0, text.indexOf(': '))),
    lines.map((_, at) => `auth:${at + 1}`),
  );
  t.false(told.join('\n').includes('SECRET'));
});

test('parseProxyAuth() keeps every byte of a user and a password but the blanks of ASCII', (t) => {
  for (const [user, password] of [
    ['j\xe4n', 'p\xe4ss\xff\x80'],
    ['\xc3\xa0', 'secret\xc3\x85'],
    ['\xa0', '\x85'],
  ] as const) {
    const { logins, problems } = parseProxyAuth(`\xef\xbb\xbf127.0.0.1\t${user}  ${password}\r\n`, 'auth');
    t.deepEqual(problems, []);
    t.is(Buffer.from(logins[0]!.user).toString('latin1'), user);
    t.is(Buffer.from(logins[0]!.password).toString('latin1'), password);
  }
});
