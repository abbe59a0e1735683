import test from 'ava';
import { parseCidr } from '../../src/base/ip.ts';
import { isListed } from '../../src/policy/blocks.ts';
import { ip } from '../support/ip.ts';

test('isListed() folds mapped addresses and keeps families apart', (t) => {
  const blocks = ['192.0.2.0/24', '2001:db8::/32'].map((text) => parseCidr(text)!);
  t.deepEqual(
    ['192.0.2.9', '::ffff:192.0.2.9', '2001:db8::1', '192.0.3.1', '::1'].map((text) =>
      isListed(blocks, ip(text)),
    ),
    [true, true, true, false, false],
  );
  t.false(isListed([], ip('192.0.2.9')));
});
