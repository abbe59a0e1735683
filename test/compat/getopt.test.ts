import test from 'ava';
import { readOptionWords, tally, type OptionWord } from '../../src/compat/getopt.ts';
import { mustRun } from '../support/commands.ts';

const LETTERS = '1qb:p:';

/** As getopt(1) writes them. */
function show(word: OptionWord): string[] {
  switch (word.kind) {
    case 'flag':
      return [`-${word.letter}`];
    case 'value':
      return [`-${word.letter}`, word.text];
    case 'operand':
      return [word.text];
    case 'missing':
    case 'unknown':
      return [`${word.kind} ${word.letter}`];
  }
}

const GOOD: readonly (readonly string[])[] = [
  [],
  ['-p', '1080'],
  ['-p1080'],
  ['-1q'],
  ['-1qp', '1080', '-b', '-1'],
  ['-1p1080', '-q'],
  ['-p', ''],
  ['-b', '--', '-1'],
  ['operand', '-1', 'other', '-p', '1'],
  ['-', '-1', '-'],
  ['-1', '--', '-q', '--', 'x'],
  ['-p', 'ä', 'ö', '-1'],
];

for (const argv of GOOD) {
  test(`readOptionWords() reads ${JSON.stringify(argv)} as getopt(1) does`, async (t) => {
    const said = await mustRun(['getopt', '--unquoted', '-o', LETTERS, '--', ...argv]);
    const words = readOptionWords(argv, LETTERS);
    const options = words.filter(({ kind }) => kind !== 'operand').flatMap(show);
    const operands = words.filter(({ kind }) => kind === 'operand').flatMap(show);
    t.is(['', ...options, '--', ...operands].join(' '), said.trimEnd());
  });
}

test('readOptionWords() finds what is wrong, and goes on behind it', (t) => {
  const cases: Record<string, readonly string[]> = {
    '-x': ['unknown x'],
    '-1x': ['-1', 'unknown x'],
    '-x1': ['unknown x', '-1'],
    '-:': ['unknown :'],
    '-p': ['missing p'],
    '-1p': ['-1', 'missing p'],
    '--q 1': ['unknown -', '-q', '1'],
  };
  for (const [line, expected] of Object.entries(cases)) {
    t.deepEqual(readOptionWords(line.split(' '), LETTERS).flatMap(show), expected, line);
  }
});

test('tally() counts flags, takes the last value, and names the first fault', (t) => {
  const { flags, values, wrong } = tally(readOptionWords(['-1q1', '-p', '1', '-p2', '-x', '-b'], LETTERS));
  t.deepEqual(flags, ['1', 'q', '1']);
  t.deepEqual([...values], [['p', '2']]);
  t.deepEqual(wrong, { kind: 'unknown', letter: 'x' });
  t.is(tally([]).wrong, undefined);
});
