import test from 'ava';
import { mustBeCidr } from '../../src/base/ip.ts';
import { clashOfNat64, NAT64_PREFIX, SIX_RD_PREFIX } from '../../src/config/values/carriers.ts';
import type { Kind } from '../../src/config/values/kinds.ts';

const READING = { origin: {}, folder: '/', portOf: () => undefined };

/** What is read, as it is written; or what is wrong. */
function answer<T>(kind: Kind<T>, text: string): string {
  const parsed = kind.parse(text, READING);
  return parsed.kind === 'wrong' ? parsed.why : kind.format(parsed.value);
}

for (const text of [
  '2001:db8::/32',
  '2001:db8:100::/40',
  '64:ff9b:1::/48',
  '2001:db8:64::/96',
  'auto',
  'none',
]) {
  test(`${text} says which the prefix of a translator is`, (t) => {
    t.is(answer(NAT64_PREFIX, text), text);
  });
}

for (const text of ['2001:db8::/33', '2001:db8::', '10.0.0.0/32', 'AUTO']) {
  test(`${text} is no prefix of a translator`, (t) => {
    t.is(
      answer(NAT64_PREFIX, text),
      `"${text}" is neither auto nor none nor an IPv6 prefix of 32, 40, 48, 56, 64, 96 bits`,
    );
  });
}

test('`none` stands beside no other value, `auto` beside prefixes', (t) => {
  t.is(clashOfNat64('none', 'auto'), '`none` stands alone');
  t.is(clashOfNat64(mustBeCidr('2001:db8::/32'), 'none'), '`none` stands alone');
  t.is(clashOfNat64(mustBeCidr('2001:db8::/32'), 'auto'), undefined);
});

for (const text of ['2001:db8::/32', '2001:db8::/28,10.0.0.0/8']) {
  test(`${text} is a prefix of 6rd`, (t) => {
    t.is(answer(SIX_RD_PREFIX, text), text);
  });
}

for (const text of [
  '10.0.0.0/8',
  '2001:db8::/32,2001:db8::/40',
  '2001:db8::/32,10.0.0.0/8,',
  '2001:db8::/48',
]) {
  test(`${text} is no prefix of 6rd`, (t) => {
    t.regex(answer(SIX_RD_PREFIX, text), /is not an IPv6 PREFIX|leaves no 64 bits/);
  });
}
