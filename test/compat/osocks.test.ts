import test from 'ava';
import { OSOCKS } from '../../src/compat/osocks.ts';
import { read } from '../support/translation.ts';

const DEFAULTS: Readonly<Record<string, string>> = {
  listen: '0.0.0.0:1080',
  maxconn: '0',
  'idle-timeout': '64000ms',
  'handshake-timeout': '15000ms',
  'connect-timeout': '8000ms',
  nofork: 'yes',
  logmode: 'stderr',
  loglevel: 'info',
};

/** Arguments, and where they leave the defaults. */
const CASES: readonly (readonly [argv: readonly string[], changed: Readonly<Record<string, string>>])[] = [
  [[], {}],
  [['-l', '127.0.0.1', '-p', '1081'], { listen: '127.0.0.1:1081' }],
  [['-l', '::1', '-p', 'socks'], { listen: '[::1]:socks' }],
  [['-n', '10'], { maxconn: '10' }],
  [['-I', '20000'], { 'idle-timeout': '20000ms' }],
  [['-I', '500'], { 'idle-timeout': '500ms', 'handshake-timeout': '500ms' }],
  [['-I', '0'], { 'idle-timeout': '0ms' }],
  [['-T', '900'], { 'connect-timeout': '900ms' }],
  [['-s'], { logmode: 'syslog' }],
  [['-v'], { loglevel: 'debug' }],
  [['-svv', '-n5'], { logmode: 'syslog', loglevel: 'debug', maxconn: '5' }],
];

for (const [argv, changed] of CASES) {
  test(`osocks ${argv.join(' ')} is ${JSON.stringify(changed)}`, async (t) => {
    const { lines } = await read(OSOCKS, argv);
    const expected = Object.entries({ ...DEFAULTS, ...changed }).map(([key, text]) => `${key} = ${text}`);
    t.deepEqual([...lines].sort(), expected.sort());
  });
}

test('osocks gives up the privileges of root', async (t) => {
  t.true((await read(OSOCKS, [], { isRoot: true })).lines.includes('user = nobody'));
});

test('osocks says whom it does not serve', async (t) => {
  t.regex((await read(OSOCKS, [])).problems.join(), /--as osocks --network/);
});

test('osocks -V and -h tell, and end with 0', async (t) => {
  const version = await read(OSOCKS, ['-V']);
  t.is(version.told, 'stdout: 0.0.1 (picosocks5 1.2.3)\n');
  t.is(version.status, 0);
  t.regex((await read(OSOCKS, ['-p', '1', '-h'])).told ?? '', /^stdout: usage: osocks/);
});

for (const [argv, why] of [
  [['-x'], 'there is no option -x'],
  [['-p'], '-p needs a value'],
  [['-l', ''], '-l: an empty text is no address'],
  [['-n', '5x'], '-n: "5x" is not a whole number'],
  [['-T', '-1'], '-T: "-1" is not a whole number'],
] as const) {
  test(`osocks ${argv.join(' ')} ends with 1: ${why}`, async (t) => {
    const { told, status } = await read(OSOCKS, argv);
    t.true(told?.startsWith(`stderr: osocks: ${why}\nusage:`), told);
    t.is(status, 1);
  });
}
