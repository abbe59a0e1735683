// The form of the command line, where it is not one setting after the other.
import test from 'ava';
import { argumentSetting, parseArguments } from '../../src/config/reading/arguments.ts';
import { load, problemsOf } from '../support/configuration.ts';

for (const argv of [
  ['--convert', 'danted', 'sockd.conf'],
  ['--convert=danted', 'sockd.conf'],
]) {
  test(`${argv.join(' ')} reads the operand as a file`, (t) => {
    const loaded = load(argv);
    t.deepEqual(problemsOf(loaded), []);
    t.is(loaded.action, 'convert');
    t.is(loaded.query, 'sockd.conf');
  });
}

for (const [argv, message] of [
  [['--convert'], '--convert needs a value: --convert danted FILE'],
  [['--convert', 'dante', 'f'], '--convert: "dante" is not danted; did you mean "danted"?'],
  [['--convert', 'danted'], '--convert danted needs a file behind it: --convert danted FILE'],
  [['--convert', 'danted', '-A', 'f'], '--convert danted needs a file behind it: --convert danted FILE'],
  [['--convert', 'danted', 'f', 'g'], '--convert stands alone, with one file'],
  [['--convert', 'danted', 'f', '-u', 'nobody'], '--convert stands alone, with one file'],
] as const) {
  test(`${argv.join(' ')} is an error of usage`, (t) => {
    t.true(problemsOf(load(argv)).includes(`command line: ${message}`), problemsOf(load(argv)).join('\n'));
  });
}

test('a lone - is the value of an option, and what begins with it is not', (t) => {
  t.deepEqual(problemsOf(load(['--accounting', '-'])), []);
  t.true(
    problemsOf(load(['--accounting', '-4'])).some((problem) =>
      problem.includes('--accounting needs a value'),
    ),
  );
});

function dropInOf(...argv: string[]): readonly string[] | undefined {
  const { dropIn } = parseArguments(argv, '/');
  return dropIn && [dropIn.name, ...dropIn.argv];
}

test('parseArguments() leaves to another program what follows --', (t) => {
  const read = parseArguments(
    ['--check', '--as', 'osocks', '-v', 'debug', '--', '-v', '--check', '--', '[::1]'],
    '/',
  );
  t.deepEqual(read.dropIn, { name: 'osocks', argv: ['-v', '--check', '--', '[::1]'] });
  t.is(read.action, 'check');
  t.deepEqual(
    read.settings.map(({ option, text }) => [option.keyword, text]),
    [['loglevel', 'debug']],
  );
  t.deepEqual(read.problems, []);
});

test('parseArguments() takes --as in each form, and nothing behind -- for granted', (t) => {
  t.deepEqual(dropInOf('--as=osocks'), ['osocks']);
  t.deepEqual(dropInOf('--as', 'osocks', '--'), ['osocks']);
  t.deepEqual(dropInOf('--as', 'srelay', '--as', 'osocks', '--', '-n5'), ['osocks', '-n5']);
  t.is(dropInOf('--', '--as', 'osocks'), undefined);
  t.is(dropInOf('*:1080'), undefined);
});

test('parseArguments() says where the command line of the other program stands', (t) => {
  const textsOf = (...argv: string[]) => parseArguments(argv, '/').problems.map(({ text }) => text);
  t.deepEqual(textsOf('--as', 'osocks', '-l', '127.0.0.1'), [
    'unknown option "-l"; what osocks shall read stands behind "--"',
  ]);
  t.deepEqual(textsOf('--as', 'simplesocks5', '*:1081', '--', '127.0.0.1:1082'), [
    'operand "*:1081"; what simplesocks5 shall read stands behind "--"',
  ]);
});

test('parseArguments() wants a name behind --as', (t) => {
  const { problems } = parseArguments(['--as', '--', '-p', '1'], '/');
  t.is(problems[0]?.text, '--as needs a value: --as NAME');
});

test('argumentSetting() knows the options of the table, and no others', (t) => {
  const setting = argumentSetting('maxconn', '5', { written: '-n', folder: '/' });
  t.is(setting.option.keyword, 'maxconn');
  t.throws(() => argumentSetting('no-such', '5', { written: '-n', folder: '/' }), { instanceOf: TypeError });
});
