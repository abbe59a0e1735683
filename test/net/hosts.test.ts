import test from 'ava';
import fc from 'fast-check';
import { parseHostNames, parseHosts } from '../../src/net/names/hosts.ts';
import { ip } from '../support/ip.ts';

const CASES = [
  { what: 'a name and its aliases', text: '192.0.2.1 one two\tthree', name: 'three', ipv4: ['192.0.2.1'] },
  {
    what: 'both families of a name',
    text: '192.0.2.1 a\n2001:db8::1 a',
    ipv4: ['192.0.2.1'],
    ipv6: ['2001:db8::1'],
  },
  {
    what: 'several addresses in file order',
    text: '192.0.2.2 a\n192.0.2.1 a',
    ipv4: ['192.0.2.2', '192.0.2.1'],
  },
  { what: 'the same line twice as one', text: '192.0.2.1 a\n192.0.2.1 a', ipv4: ['192.0.2.1'] },
  { what: 'names in any case', text: '192.0.2.1 A', ipv4: ['192.0.2.1'] },
  { what: 'names with a trailing dot', text: '192.0.2.1 a.', ipv4: ['192.0.2.1'] },
  { what: 'addresses in any spelling', text: '2001:DB8:0:0::1 a', ipv6: ['2001:db8::1'] },
  { what: 'mapped addresses as IPv4', text: '::ffff:192.0.2.1 a', ipv4: ['192.0.2.1'] },
  { what: 'carriage returns and blank space', text: '\r\n \t192.0.2.1   a \r\n', ipv4: ['192.0.2.1'] },
  { what: 'nothing after #', text: '192.0.2.1 b # a\n#192.0.2.1 a' },
  { what: 'no line without a valid address', text: '127.1 a\n300.0.0.1 a\nfe80::1%eth0 a\na a' },
  { what: 'no address without a name', text: '192.0.2.1\n192.0.2.1 #a' },
] as const;

for (const { what, text, ...rest } of CASES) {
  test(`parseHosts() reads ${what}`, (t) => {
    const expected: { name?: string; ipv4?: readonly string[]; ipv6?: readonly string[] } = rest;
    const entry = parseHosts(text).get(expected.name ?? 'a');
    t.deepEqual<unknown, unknown>(
      [entry?.ipv4 ?? [], entry?.ipv6 ?? []],
      [expected.ipv4 ?? [], expected.ipv6 ?? []],
    );
  });
}

test('parseHosts() never throws, and every name is lower case without blanks', (t) => {
  const word = fc.constantFrom('127.0.0.1', '::1', 'name', 'Name', '#', '\n', ' ', '\t', '%', '.', '\0');
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string())), (words) => {
      for (const name of parseHosts(words.join(' ')).keys())
        t.true(name === name.toLowerCase() && !/\s/.test(name));
    }),
  );
});

const NAMES: readonly [string, string, string | undefined][] = [
  ['the first name of a line', '192.0.2.1 One.test. two', 'one.test'],
  ['the first line of an address', '192.0.2.1 one\n192.0.2.1 two', 'one'],
  ['an address in any spelling', '::ffff:192.0.2.1 one', 'one'],
  ['the first name that a host can bear', '192.0.2.1 a/b 1.2.3 one', 'one'],
  ['no name of a comment', '192.0.2.1 #one', undefined],
  ['no name of another address', '192.0.2.11 one', undefined],
];

for (const [what, text, name] of NAMES) {
  test(`parseHostNames() reads ${what}`, (t) => t.is(parseHostNames(text).get(ip('192.0.2.1')), name));
}
