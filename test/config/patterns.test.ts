import test from 'ava';
import fc from 'fast-check';
import { formatCidr } from '../../src/base/ip.ts';
import type { NetworkRule } from '../../src/config/config.ts';
import type { Parsed } from '../../src/config/parsed.ts';
import { parseNetworkList, parseRequestList } from '../../src/config/patterns.ts';

const ORIGIN = { file: 'x.conf', line: 7 };

/** A rule as `VERDICT [COMMAND] BLOCK`, with * for every address. */
function show(rule: NetworkRule & { readonly command?: string }): string {
  const block = rule.cidr === undefined ? '*' : formatCidr(rule.cidr);
  return [rule.verdict, rule.command, block].filter((word) => word !== undefined).join(' ');
}

function shown(parsed: Parsed<readonly NetworkRule[]>): string | readonly string[] {
  return parsed.kind === 'wrong' ? parsed.why : parsed.value.map(show);
}

const NETWORKS: readonly (readonly [text: string, rules: readonly string[]])[] = [
  ['*', ['allow *']],
  ['!*', ['deny *']],
  ['192.0.2.1', ['allow 192.0.2.1/32']],
  ['192.0.2.0/24', ['allow 192.0.2.0/24']],
  ['2001:db8::/32', ['allow 2001:db8::/32']],
  ['::1', ['allow ::1/128']],
  ['!10.0.0.66, 10.0.0.0/8', ['deny 10.0.0.66/32', 'allow 10.0.0.0/8']],
  ['! 10.0.0.66', ['deny 10.0.0.66/32']],
  // As in the C program a block of no bits matches both families.
  ['0.0.0.0/0', ['allow *']],
  ['!::/0', ['deny *']],
];

for (const [text, rules] of NETWORKS) {
  test(`parseNetworkList() reads ${text}`, (t) => {
    t.deepEqual(shown(parseNetworkList(text, ORIGIN)), rules);
  });
}

const REQUESTS: readonly (readonly [text: string, rules: readonly string[]])[] = [
  ['connect:*', ['allow connect *']],
  ['!all:127.0.0.0/8,all:*', ['deny all 127.0.0.0/8', 'allow all *']],
  ['bind:2001:db8::/32', ['allow bind 2001:db8::/32']],
  ['assoc:::1', ['allow assoc ::1/128']],
  ['connect:0.0.0.0/0', ['allow connect *']],
];

for (const [text, rules] of REQUESTS) {
  test(`parseRequestList() reads ${text}`, (t) => {
    t.deepEqual(shown(parseRequestList(text, ORIGIN)), rules);
  });
}

const BAD_BLOCKS: readonly (readonly [text: string, why: RegExp])[] = [
  ['', /item is empty/],
  ['10.0.0.0/8,', /item is empty/],
  ['example.org', /"example.org" is a name.*write its address/],
  ['10.0.0.0/33', /"10.0.0.0\/33" is not ADDRESS/],
  ['10.0.0', /is not ADDRESS/],
  ['10.0.0.0/255.0.0.0', /is not ADDRESS/],
  ['!', /item is empty/],
  ['!!10.0.0.1', /is not ADDRESS/],
  ['[::1]', /is not ADDRESS/],
];

for (const [text, why] of BAD_BLOCKS) {
  test(`neither list takes the block ${JSON.stringify(text)}`, (t) => {
    t.regex(String(shown(parseNetworkList(text, ORIGIN))), why);
    t.is(parseNetworkList(text, ORIGIN).kind, 'wrong');
    t.is(parseRequestList(`connect:${text}`, ORIGIN).kind, 'wrong');
  });
}

test('parseRequestList() wants a command, and suggests the one that was meant', (t) => {
  t.regex(String(shown(parseRequestList('conect:*', ORIGIN))), /did you mean "connect"\?$/);
  t.regex(String(shown(parseRequestList('10.0.0.1', ORIGIN))), /does not name a command/);
  t.regex(String(shown(parseRequestList('*', ORIGIN))), /connect, bind, assoc, resolve or all/);
});

test('rules remember how and where they were written', (t) => {
  const parsed = parseNetworkList('10.0.0.0/8, !0.0.0.0/0', ORIGIN);
  t.is(parsed.kind, 'value');
  if (parsed.kind !== 'value') return;
  t.deepEqual(
    parsed.value.map(({ text }) => text),
    ['10.0.0.0/8', '!0.0.0.0/0'],
  );
  t.is(parsed.value[1]?.origin, ORIGIN);
});

test('neither list ever throws', (t) => {
  const part = fc.constantFrom('!', '*', ',', ':', '/', '10.0.0.0', '::1', 'connect', 'all', '8', ' ');
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(part).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (each) => {
      parseNetworkList(each, ORIGIN);
      parseRequestList(each, ORIGIN);
    }),
  );
  t.pass();
});
