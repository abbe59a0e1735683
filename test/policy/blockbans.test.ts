import test from 'ava';
import { formatCidr, parseCidr } from '../../src/base/ip.ts';
import { parseZonedCidr } from '../../src/base/zoned.ts';
import { Bans, type BanRules } from '../../src/policy/access/bans.ts';
import { BlockBans, MAX_BLOCKS_BANNED } from '../../src/policy/access/blockbans.ts';
import { canonical, holdsBlock, overlap } from '../../src/policy/blocks.ts';
import { clientOfBlock } from '../../src/policy/clientkey.ts';
import { ip } from '../support/ip.ts';

const block = (text: string) => parseCidr(text)!;

test('a banned block keeps its addresses out until its time is over, IPv4-mapped ones too', (t) => {
  const clock = { now: 0 };
  const bans = new BlockBans(() => clock.now);
  bans.ban(block('192.0.2.0/24'), 1000);
  bans.ban(block('2001:db8::/96'), 2000);
  for (const inside of ['192.0.2.9', '::ffff:192.0.2.9', '2001:db8::9'])
    t.true(bans.holds(ip(inside)), inside);
  for (const outside of ['192.0.3.9', '2001:db8::1:0:9']) t.false(bans.holds(ip(outside)), outside);
  clock.now = 1000;
  t.false(bans.holds(ip('192.0.2.9')));
  t.deepEqual(
    bans.list().map(({ name }) => name),
    ['2001:db8::/96'],
  );
  t.false(bans.unban(block('192.0.2.0/24')));
  t.true(bans.unban(block('2001:db8::/96')));
  t.false(bans.holds(ip('2001:db8::9')));
});

test('beyond the bound no block gives way, and there is room again when one is over', (t) => {
  const clock = { now: 0 };
  const bans = new BlockBans(() => clock.now);
  for (let at = 0; at < MAX_BLOCKS_BANNED; at++) t.truthy(bans.ban(block(`10.${at}.0.0/16`), 1000 + at));
  t.is(bans.ban(block('172.16.0.0/12'), 1000), undefined);
  t.truthy(bans.ban(block('10.0.0.0/16'), 1000));
  clock.now = 1000;
  t.truthy(bans.ban(block('172.16.0.0/12'), 1000));
});

test('ban-allow stands above a banned block, whether or not anybody else is suspected', (t) => {
  const rules: BanRules = {
    failures: 1,
    windowMs: 1000,
    firstMs: 9000,
    longestMs: 9000,
    allow: [block('10.0.0.1')],
  };
  const bans = new Bans(() => 0);
  bans.blocks.ban(block('10.0.0.0/8'), 1000);
  for (const others of [0, 1]) {
    if (others > 0) bans.failed(rules, ip('192.0.2.1'), 'ann');
    t.false(bans.holds(rules, ip('10.0.0.1')));
    t.true(bans.holds(rules, ip('10.0.0.2')));
    t.false(bans.holds(rules, ip('11.0.0.2')));
  }
  t.deepEqual(
    bans.list().map(({ name }) => name),
    ['10.0.0.0/8', '192.0.2.1', 'ann'],
  );
});

test('canonical() takes the bits behind the length away', (t) => {
  for (const [text, plain] of [
    ['192.0.2.77/24', '192.0.2.0/24'],
    ['192.0.2.77/31', '192.0.2.76/31'],
    ['192.0.2.77', '192.0.2.77/32'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
    ['9.9.9.9/0', '0.0.0.0/0'],
  ] as const) {
    t.is(formatCidr(canonical(block(text))), plain);
  }
});

test('holdsBlock() and overlap() compare blocks of one family', (t) => {
  const [wide, narrow, other] = [block('10.0.0.0/8'), block('10.1.0.0/16'), block('11.0.0.0/8')];
  t.deepEqual(
    [holdsBlock(wide, narrow), holdsBlock(narrow, wide), holdsBlock(wide, wide)],
    [true, false, true],
  );
  t.deepEqual(
    [overlap(narrow, wide), overlap(wide, other), overlap(wide, block('::/0'))],
    [true, false, false],
  );
});

test('blocks of two links are apart, and one that names no link holds both', (t) => {
  const [all, one, other] = ['fe80::/10', 'fe80::%a/64', 'fe80::%b/10'].map((text) => parseZonedCidr(text)!);
  t.deepEqual(
    [holdsBlock(all!, one!), holdsBlock(one!, all!), holdsBlock(other!, one!)],
    [true, false, false],
  );
  t.deepEqual([overlap(all!, one!), overlap(other!, one!), overlap(other!, all!)], [true, false, true]);
  t.is(formatCidr(canonical(parseZonedCidr('fe80::7%a/64')!)), 'fe80::%a/64');
  t.is(clientOfBlock(one!), ip('fe80::%a'));
  const bans = new BlockBans(() => 0);
  bans.ban(other!, 1);
  t.deepEqual([bans.holds(ip('fe80::1%b')), bans.holds(ip('fe80::1%a'))], [true, false]);
});

test('clientOfBlock() knows the blocks that are one client', (t) => {
  t.is(clientOfBlock(block('192.0.2.1/32')), ip('192.0.2.1'));
  t.is(clientOfBlock(block('2001:db8::/64')), ip('2001:db8::'));
  t.is(clientOfBlock(block('2001:db8::7')), ip('2001:db8::7'));
  for (const text of ['192.0.2.0/31', '2001:db8::/63', '2001:db8::/65'])
    t.is(clientOfBlock(block(text)), undefined);
});
