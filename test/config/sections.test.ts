import test from 'ava';
import { configOf, loadFile, problemsOf } from '../support/configuration.ts';

test('the header of a user is read in any case and with any white space', (t) => {
  const config = configOf(
    loadFile('[User \t ann]\nnetwork = *\n[user ann]\nrequest = all:*\n[a]\nbase = USER  ann'),
  );
  t.deepEqual([...config.sections.keys()], ['user ann', 'a']);
  t.is(config.sections.get('user ann')?.network.length, 1);
  t.is(config.sections.get('user ann')?.request.length, 1);
  t.is(config.sections.get('a')?.base, 'user ann');
});

/** Files, and what is warned of. */
const LISTS: readonly (readonly [text: string, warnings: readonly string[]])[] = [
  ['', []],
  ['network = 10.0.0.0/8\nrequest = all:*', []],
  ['network = !10.0.0.0/8,*\nrequest = !all:*:25\nrequest = all:*', []],
  // Who denies everything has said so.
  ['network = !*\nrequest = !all:10.0.0.0/8,!all:*', []],
  [
    'network = !10.0.0.66',
    [
      'x.conf:1: warning: network: every item denies, and what no item matches is denied, too; ' +
        '"network = *" as the last line allows the rest',
    ],
  ],
  [
    '\n[staff]\nrequest = !all:10.0.0.0/8\nrequest = !all:*:25',
    [
      'x.conf:4: warning: request of [staff]: every item denies, and what no item matches is denied, too; ' +
        '"request = all:*" as the last line allows the rest',
    ],
  ],
  [
    'request = !all:* user=ann',
    [
      'x.conf:1: warning: request: every item denies, and what no item matches is denied, too; ' +
        '"request = all:*" as the last line allows the rest',
    ],
  ],
];

for (const [text, warnings] of LISTS) {
  test(`${warnings.length === 0 ? 'nothing is' : 'a list that only denies is'} warned of in ${JSON.stringify(text)}`, (t) => {
    const loaded = loadFile(text);
    t.deepEqual(problemsOf(loaded), warnings);
    t.not(loaded.config, undefined);
  });
}
