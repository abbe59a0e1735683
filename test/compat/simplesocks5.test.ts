import test from 'ava';
import { SIMPLESOCKS5 } from '../../src/compat/simplesocks5.ts';
import { read } from '../support/translation.ts';

const CASES: readonly (readonly [argv: readonly string[], listen: string, level: string])[] = [
  [[], '0.0.0.0:1080', 'warn'],
  [['127.0.0.1:1081'], '127.0.0.1:1081', 'warn'],
  [['-v', '[::1]:1081'], '[::1]:1081', 'info'],
  [['127.0.0.1:1081', '-vv'], '127.0.0.1:1081', 'debug'],
  [['-vvv'], '0.0.0.0:1080', 'debug'],
  [['-v', '-vvv'], '0.0.0.0:1080', 'info'],
  [['127.0.0.1', 'localhost:1081'], '0.0.0.0:1080', 'warn'],
];

for (const [argv, listen, level] of CASES) {
  test(`simplesocks5 ${argv.join(' ')} listens on ${listen} and logs ${level}`, async (t) => {
    const { lines } = await read(SIMPLESOCKS5, argv);
    t.deepEqual(lines, [`listen = ${listen}`, `loglevel = ${level}`, 'logmode = stderr']);
  });
}

test('simplesocks5 says what it ignores', async (t) => {
  const { problems } = await read(SIMPLESOCKS5, ['-h', '127.0.0.1'], { own: new Set(['network']) });
  t.deepEqual(problems, [
    'command line: warning: "-h" is not ADDRESS:PORT, and is ignored',
    'command line: warning: "127.0.0.1" is not ADDRESS:PORT, and is ignored',
  ]);
});

test('simplesocks5 gives up the privileges of root, and serves no strangers', async (t) => {
  const { lines, problems } = await read(SIMPLESOCKS5, [], { isRoot: true });
  t.true(lines.includes('user = nobody'));
  t.regex(problems.join(), /--as simplesocks5 --network/);
});
