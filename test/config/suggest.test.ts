import test from 'ava';
import fc from 'fast-check';
import { didYouMean, suggest } from '../../src/config/values/suggest.ts';

const KNOWN = ['idle-timeout', 'timeout', 'maxconn', 'listen', 'user', 'syslog', 'handshake-timeout'];

const CASES: readonly (readonly [word: string, nearest: string | undefined])[] = [
  ['idle-timout', 'idle-timeout'],
  ['idle_timeout', 'idle-timeout'],
  ['Listen', 'listen'],
  ['lisetn', 'listen'],
  ['maxcon', 'maxconn'],
  ['max', 'maxconn'],
  ['usre', 'user'],
  ['hand', 'handshake-timeout'],
  ['x', undefined],
  ['', undefined],
  ['port', undefined],
  ['completely-different', undefined],
];

for (const [word, nearest] of CASES) {
  test(`suggest() finds ${nearest ?? 'nothing'} for "${word}"`, (t) => {
    t.is(suggest(word, KNOWN), nearest);
  });
}

test('suggest() finds every known word for itself', (t) => {
  for (const word of KNOWN) t.is(suggest(word, KNOWN), word);
});

test('suggest() finds a word of which one letter is missing, doubled or wrong', (t) => {
  const spoilt = fc
    .constantFrom(...KNOWN)
    .chain((word) =>
      fc.record({ word: fc.constant(word), at: fc.nat(word.length - 1), by: fc.constantFrom('', 'q', '##') }),
    );
  fc.assert(
    fc.property(spoilt, ({ word, at, by }) => {
      const misspelt =
        word.slice(0, at) + (by === '##' ? word.charAt(at).repeat(2) : by) + word.slice(at + 1);
      return suggest(misspelt, KNOWN) === word;
    }),
  );
  t.pass();
});

test('didYouMean() is a clause with the prefix, or nothing', (t) => {
  t.is(didYouMean('usr', KNOWN, '--'), '; did you mean "--user"?');
  t.is(didYouMean('zzz', KNOWN), '');
});
