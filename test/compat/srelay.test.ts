import { existsSync } from 'node:fs';
import test from 'ava';
import { SRELAY } from '../../src/compat/srelay.ts';
import { read } from '../support/translation.ts';

const DEFAULTS: Readonly<Record<string, string>> = {
  'idle-timeout': '0m',
  'handshake-timeout': '30s',
  'connect-timeout': '30s',
  'bind-timeout': '30s',
  'bind-ports': '600-65535',
  nofork: 'no',
  logmode: 'syslog',
  loglevel: 'info',
  'log-names': 'no',
};

/** What the files say where they are: this host may have some. */
const NO_FILES = (line: string) => !/^(routes|proxy-auth) = (\/usr\/local)?\/etc\//.test(line);

async function linesOf(argv: readonly string[], host = {}): Promise<readonly string[]> {
  return [...(await read(SRELAY, argv, host)).lines].filter(NO_FILES).sort();
}

function linesWith(changed: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries({ ...DEFAULTS, ...changed })
    .map(([key, text]) => `${key} = ${text}`)
    .sort();
}

/** Arguments, and where they leave the defaults. */
const CASES: readonly (readonly [argv: readonly string[], changed: Readonly<Record<string, string>>])[] = [
  [[], {}],
  // As "Listening Port" of srelay(8) has them.
  [['-i', '192.168.1.5'], { listen: '192.168.1.5' }],
  [['-i', '192.168.1.5:9999'], { listen: '192.168.1.5:9999' }],
  [['-i', 'my.socks.host:5432'], { listen: 'my.socks.host:5432' }],
  [['-i', ':1234'], { listen: ':1234' }],
  [['-i', '[2003:268:1234::1234]:1234'], { listen: '[2003:268:1234::1234]:1234' }],
  [['-i', ':'], { listen: '*:1080' }],
  [['-c', 'srelay.conf'], { routes: 'srelay.conf' }],
  [['-u', 'srelay.passwd'], { 'proxy-auth': 'srelay.passwd' }],
  [['-J', 'eth1'], { device: 'eth1' }],
  [['-x', '192.0.2.1'], { source: '192.0.2.1,::' }],
  [['-g'], { source: 'client' }],
  [['-o', '10'], { 'idle-timeout': '10m' }],
  [['-o', '0'], {}],
  [['-p', 'srelay.pid'], { pidfile: 'srelay.pid' }],
  [['-f'], { nofork: 'yes', logmode: 'stderr' }],
  [['-fs'], { nofork: 'yes' }],
  [['-s'], {}],
  [['-r'], { 'log-names': 'yes' }],
  [['-q'], { loglevel: 'warn' }],
  [['-v'], { loglevel: 'debug' }],
  [['-vvq'], { loglevel: 'warn' }],
  [['-t', '-m', '5'], { maxconn: '5' }],
  [['-m', '5'], {}],
  [['-b'], { 'bind-ports': '1-65535' }],
  [['-w'], { 'tcp-wrappers': 'yes', 'tcp-wrappers-name': 'srelay' }],
  [['-a', 'p'], { auth: 'shadow:' }],
  [['-ap', '-U', 'localpwd'], { auth: 'htpasswd:localpwd' }],
  [['-U', 'localpwd'], {}],
  [['-a', 'n'], {}],
  [['-a', 'pn'], {}],
  [['-a', 'np'], {}],
  [['-a', 'p', '-a', 'n'], {}],
  [['-a', 'n', '-a', 'p'], { auth: 'shadow:' }],
];

for (const [argv, changed] of CASES) {
  test(`srelay ${argv.join(' ')} is ${JSON.stringify(changed)}`, async (t) => {
    t.deepEqual(await linesOf(argv), linesWith(changed));
  });
}

test('srelay -i may be repeated', async (t) => {
  const lines = await linesOf(['-i', ':1081', '-i', '127.0.0.1', '-i', '[::1]:1082']);
  t.deepEqual(
    lines.filter((line) => line.startsWith('listen')),
    ['listen = 127.0.0.1', 'listen = :1081', 'listen = [::1]:1082'],
  );
});

test('srelay -I serves one client, and neither listens nor writes a pid file', async (t) => {
  const lines = await linesOf(['-I', '-f', '-p', '/x'], { isRoot: true });
  t.true(lines.includes('inetd = yes'));
  t.true(lines.includes('user = nobody'));
  t.false(
    lines.some((line) => /^(pidfile|logmode|nofork)/.test(line)),
    lines.join(),
  );
  t.deepEqual((await read(SRELAY, ['-I', '-t'])).problems, []);
});

test('srelay gives up the privileges of root, and has a pid file in the background', async (t) => {
  const lines = await linesOf([], { isRoot: true });
  t.true(lines.includes('user = nobody'));
  t.true(lines.includes('pidfile = /var/run/srelay.pid'));
  t.false((await linesOf(['-f'], { isRoot: true })).some((line) => line.startsWith('pidfile')));
});

test('srelay reads its files where they are', async (t) => {
  const { lines } = await read(SRELAY, []);
  const isThere = ['/usr/local/etc', '/etc'].some((folder) => existsSync(`${folder}/srelay.conf`));
  t.is(
    lines.some((line) => line.startsWith('routes = ')),
    isThere,
  );
});

/** What is accepted without effect, and whom nobody serves. */
const WARNINGS: readonly (readonly [argv: readonly string[], warnings: readonly RegExp[]])[] = [
  [[], [/only clients of this host .* --as srelay --network/]],
  [['-a', 'p'], []],
  [
    ['-a', 'P'],
    [/-a "P" has no effect but /, /only clients/],
  ],
  [['-a', 'p', '-t'], [/-t has no effect: /]],
  [['-a', 'p', '-m', '7'], [/-m has no effect without -t: /]],
  [['-a', 'p', '-t', '-m', '7'], [/-t has no effect: /]],
  [
    ['-U', 'f'],
    [/-U has no effect without -a p: /, /only clients/],
  ],
  [['-a', 'p', 'more'], [/"more" is ignored/]],
];

for (const [argv, warnings] of WARNINGS) {
  test(`srelay ${argv.join(' ')} tells ${warnings.length} things`, async (t) => {
    const { problems } = await read(SRELAY, argv);
    t.is(problems.length, warnings.length, problems.join('\n'));
    for (const [at, pattern] of warnings.entries()) t.regex(problems[at]!, pattern);
  });
}

/** srelay writes all of it to standard error, and ends with 1. */
const TOLD: readonly (readonly [argv: readonly string[], text: RegExp])[] = [
  [['-V'], /^stderr: srelay 0\.4\.8 \(picosocks5 1\.2\.3\)\n$/],
  [['-h'], /^stderr: srelay 0\.4\.8 .*\nusage: srelay \[options\]\n/],
  [['-V', '-Z'], /^stderr: srelay 0\.4\.8 \(picosocks5 1\.2\.3\)\n$/],
  [['-Z', '-V'], /^stderr: srelay: there is no option -Z\nusage: /],
  [['-?'], /^stderr: srelay: there is no option -\?\nusage: /],
  [['-i'], /^stderr: srelay: -i needs a value\nusage: /],
  [['-x', '::1'], /^stderr: srelay: -x: "::1" is not an IPv4 address\n$/],
  [['-o', 'ten'], /^stderr: srelay: -o: "ten" is not a whole number\n$/],
  [['-m', '-1'], /^stderr: srelay: -m: "-1" is not a whole number\n$/],
];

for (const [argv, text] of TOLD) {
  test(`srelay ${argv.join(' ')} tells and ends with 1`, async (t) => {
    const { told, status } = await read(SRELAY, argv);
    t.regex(told ?? '', text);
    t.is(status, 1);
  });
}
