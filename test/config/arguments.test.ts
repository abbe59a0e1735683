// The form of the command line, where it is not one setting after the other.
import test from 'ava';
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
