import test from 'ava';
import fc from 'fast-check';
import { renderConfig } from '../../src/config/documents/print.ts';
import { configOf, load, loadFile, problemsOf, withoutOrigins } from '../support/configuration.ts';

test('renderConfig() names every key, set or not, and every section', (t) => {
  const loaded = load(['-c', 'f', '-u', 'nobody', '--timeout', '90'], {
    f: 'network = !10.0.0.66,10.0.0.0/8\n[*]\nrequest = connect:*\n[staff]\nbase = *',
  });
  const lines = renderConfig(configOf(loaded)).split('\n');
  const expected = [
    'user = nobody',
    '# group is not set',
    'idle-timeout = 90s',
    'listen = *:1080',
    '# auth is not set',
  ];
  for (const line of [
    ...expected,
    'network = !10.0.0.66',
    'network = 10.0.0.0/8',
    '[*]',
    '[staff]',
    'base = *',
  ]) {
    t.true(lines.includes(line), line);
  }
  t.false(lines.some((line) => line.startsWith('timeout')));
});

const DURATION = fc.oneof(
  fc.nat(2_147_483_647).map((ms) => `${ms}ms`),
  fc.constantFrom('1.5', '15m', '1d'),
);
const LIMIT = DURATION.filter((text) => text !== '0ms');
const FILE = fc.oneof(
  fc.constantFrom('/etc/x', './a:b', 'a/../b', '#x', '[x]', 'a = b', 'a # b', 'ü'),
  fc.string({ unit: 'binary', minLength: 1 }),
);
const WORD = fc.oneof(
  fc.constantFrom('nobody', '0', '#a', '[a]'),
  fc.string({ unit: 'binary', minLength: 1 }),
);
const BLOCK = fc.oneof(
  fc.constant('*'),
  fc.tuple(fc.ipV4(), fc.nat(32)).map(([ip, bits]) => `${ip}/${bits}`),
  fc.tuple(fc.ipV6(), fc.nat(128)).map(([ip, bits]) => `${ip}/${bits}`),
);
const SOURCE = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('client', '2001:db8::/64', '192.0.2.1, 192.0.2.2 sticky=5m', '::1+127.0.0.2+random'),
);
const NETWORK = fc.tuple(fc.constantFrom('', '!', '! '), BLOCK).map((parts) => parts.join(''));
const PLACE = fc.oneof(
  BLOCK,
  fc.constantFrom(
    'a.example',
    '.Example.ORG.',
    'localhost',
    '10.0.0.1-10.0.0.9',
    '[::1]-[::9]',
    '[fe80::]/10',
  ),
);
const CONDITION = fc.constantFrom(
  ...['user=ann', 'user=*', 'group=a*b', 'userid=x', 'client=10.0.0.0/8', 'client=::1-::9'],
  ...['time=08:00-18:00', 'time=fri-mon', 'time=MON@22:00-06:00'],
);
const REQUEST = fc
  .tuple(
    fc.constantFrom('', '!', '! '),
    fc.constantFrom('connect:', 'bind:', 'assoc:', 'resolve:', 'all:'),
    fc.oneof(
      PLACE,
      fc.tuple(PLACE, fc.constantFrom(':25', ':1-1023')).map((parts) => parts.join('')),
    ),
    fc.array(CONDITION, { maxLength: 3 }).map((words) => words.map((word) => ` ${word}`).join('')),
  )
  .map((parts) => parts.join(''));

/** A setting as `--keyword=value`; values that are not valid drop out below. */
const ARGUMENT = fc.oneof(
  ...[
    ['listen', fc.constantFrom('*:1', ':2', '[::1]:3', '::1', 'a.example:4', '@eth0', '192.0.2.1')],
    [
      'auth',
      fc.oneof(
        FILE,
        FILE.map((file) => `htpasswd:${file}`),
        FILE.map((file) => `auto:${file}`),
        FILE.map((file) => `shadow:${file}`),
        fc.constant('shadow:'),
      ),
    ],
    ['anonymous', fc.constantFrom('yes', 'no')],
    ['auth-once', fc.constantFrom('yes', 'no', '30m', '0')],
    [
      'whitelist',
      fc
        .array(
          BLOCK.filter((block) => block !== '*'),
          { minLength: 1 },
        )
        .map(String),
    ],
    ['ban-allow', fc.constantFrom('::1', '192.0.2.1, 2001:db8::/32')],
    ['tarpit', fc.constantFrom('0', '1500ms')],
    ['nofork', fc.constantFrom('on', 'off')],
    ['maxconn', fc.nat(1e9).map(String)],
    ['handshake-timeout', LIMIT],
    ['connect-timeout', LIMIT],
    ['timeout', DURATION],
    ['drain', DURATION],
    ['network', fc.array(NETWORK, { minLength: 1 }).map(String)],
    ['request', fc.array(REQUEST, { minLength: 1 }).map(String)],
    ['source', SOURCE],
    ['family', fc.constantFrom('any', '4', 'prefer-6')],
    ['resolver', fc.constantFrom('system', 'builtin', '192.0.2.1', '::1,[::2]:54')],
    ['bind', fc.constantFrom('@eth0', '192.0.2.1', 'gate.example', '::1')],
    ['user', WORD],
    ['pidfile', FILE],
    ['chroot', FILE],
    ['logmode', fc.constantFrom('syslog', 'stderr', 'combined')],
    ['loglevel', fc.constantFrom('error', 'none', 'debug')],
    [
      'syslog',
      fc.oneof(
        fc.constantFrom('local', 'udp:a.example', 'tcp:[::1]:1'),
        FILE.map((file) => `unix:${file}`),
      ),
    ],
  ].map(([keyword, text]) => (text as fc.Arbitrary<string>).map((each) => `--${keyword as string}=${each}`)),
);

const SECTION = fc
  .tuple(
    fc.constantFrom('*', 'a', 'a b', 'x=y', 'user ann', 'User  bob'),
    fc.array(NETWORK),
    fc.array(REQUEST),
    fc.boolean(),
    fc.array(SOURCE, { maxLength: 1 }),
  )
  .map(([name, network, request, hasBase, source]) => [
    `[${name}]`,
    ...network.map((rule) => `network = ${rule}`),
    ...request.map((rule) => `request = ${rule}`),
    ...source.map((text) => `source = ${text}`),
    ...(hasBase && name !== '*' ? ['base = *'] : []),
  ]);

test('what renderConfig() prints reads back as the same configuration', (t) => {
  let compared = 0;
  fc.assert(
    fc.property(fc.array(ARGUMENT), fc.array(SECTION, { maxLength: 3 }), (argv, sections) => {
      // One wrong setting must not hide the others, so each is tried alone first.
      const valid = argv.filter((argument) => load([argument]).config !== undefined);
      const loaded = load(['-c', 'f', ...valid], { f: ['[*]', ...sections.flat()].join('\n') });
      if (loaded.config === undefined) return;
      const again = loadFile(renderConfig(loaded.config));
      t.deepEqual(
        problemsOf(again).filter((problem) => !problem.includes('warning')),
        [],
      );
      t.deepEqual(withoutOrigins(configOf(again)), withoutOrigins(loaded.config));
      compared++;
    }),
    { numRuns: 300 },
  );
  t.true(compared > 100, `${compared} configurations were compared`);
});
