import test from 'ava';
import { argumentSetting, parseArguments } from '../../src/config/arguments.ts';

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

test('parseArguments() wants a name behind --as', (t) => {
  const { problems } = parseArguments(['--as', '--', '-p', '1'], '/');
  t.is(problems[0]?.text, '--as needs a value: --as NAME');
});

test('argumentSetting() knows the options of the table, and no others', (t) => {
  const setting = argumentSetting('maxconn', '5', { written: '-n', folder: '/' });
  t.is(setting.option.keyword, 'maxconn');
  t.throws(() => argumentSetting('no-such', '5', { written: '-n', folder: '/' }), { instanceOf: TypeError });
});
