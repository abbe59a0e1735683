// A few random configurations for the real danted and for what --convert makes of them. Root only: see main.ts.
import test from 'ava';
import { run } from '../support/commands.ts';
import { asRoot } from '../support/root.ts';
import { Random } from '../fuzz/random.ts';
import { formatConf, makeConf, smallerThan } from './sockdconf.ts';
import { TYPESCRIPT } from '../support/typescript.ts';

asRoot(
  'what --convert makes of a sockd.conf passes nothing that Dante stops, unless it says so',
  async (t) => {
    const command = [TYPESCRIPT, 'test/danted/main.ts', '--seed', '6', '--count', '3'];
    const { status, stdout, stderr } = await run([process.execPath, ...command]);
    t.is(status, 0, stdout + stderr);
    // It compares something.
    t.regex(stdout, /^ {2}[1-9]\d* passed, and by dante passed: connect/m, stdout);
    t.regex(stdout, /^convert-fuzz: nothing found$/m);
  },
);

test('a seed gives the same files each time, and another seed others', (t) => {
  const files = (seed: number) =>
    Array.from({ length: 50 }, (_none, at) => formatConf(makeConf(new Random(seed, at)), 1080));
  t.deepEqual(files(7), files(7));
  t.notDeepEqual(files(7), files(8));
});

test('every smaller file has one part less', (t) => {
  const conf = makeConf(new Random(3, 1));
  const size = formatConf(conf, 1080).length;
  for (const less of smallerThan(conf)) t.true(formatConf(less, 1080).length < size);
});
