import test from 'ava';
import { argumentBytes, bytesOfArgument } from '../../src/daemon/unix/argumentbytes.ts';

/** As the kernel has it: `arguments_` in Latin-1, each with a NUL behind it. */
const lineOf =
  (...words: string[]) =>
  () =>
    Buffer.from(words.map((word) => `${word}\0`).join(''), 'latin1');
const decoded = (...words: string[]) => words.map((word) => Buffer.from(word, 'latin1').toString());

test('argumentBytes() of UTF-8 asks nobody', (t) => {
  const never = () => t.fail();
  t.deepEqual(argumentBytes(['-P', 'pä ss', ''], never), ['-P', 'p\u00c3\u00a4 ss', '']);
});

test('argumentBytes() are those of the last arguments of the process', (t) => {
  const words = ['-u', 'j\xf6', '-P', 'p\xe4', ''];
  t.deepEqual(argumentBytes(decoded(...words), lineOf('node', 'main', '--as', 'x', '--', ...words)), words);
});

test('argumentBytes() are unknown where the process has another line, or none', (t) => {
  const argv = decoded('p\xe4');
  t.is(argumentBytes(argv, lineOf('microsocks')), undefined);
  t.is(
    argumentBytes(argv, () => Buffer.alloc(0)),
    undefined,
  );
  t.is(
    argumentBytes(argv, () => {
      throw new Error('no /proc');
    }),
    undefined,
  );
});

test('bytesOfArgument() is sure of the one that is meant, or says nothing', (t) => {
  const [meant] = decoded('j\xf6');
  t.is(bytesOfArgument(meant!, lineOf('node', 'j\xf6', 'f')), 'j\xf6');
  t.is(bytesOfArgument(meant!, lineOf('node', 'j\xf6', 'j\xe4')), undefined);
  t.is(bytesOfArgument(meant!, lineOf('node')), undefined);
  t.is(bytesOfArgument('jö', lineOf()), 'j\u00c3\u00b6');
});
