import test from 'ava';
import { quote } from '../../src/config/values/parsed.ts';

test('quote() shows text as it was written, on one line and not too long', (t) => {
  t.is(quote('a"b\n'), '"a\\"b\\n"');
  t.is(quote('x'.repeat(81)), `"${'x'.repeat(80)}..."`);
  for (const text of ['time=mon@22:30', '[::1]:80', 'a:b c@d']) t.is(quote(text), `"${text}"`);
});

test('quote() shows no password of USER:PASSWORD@HOST', (t) => {
  t.is(quote('http://ann:sesame@proxy.test:8080'), '"http://ann:***@proxy.test:8080"');
  t.is(quote('ann:sesame@proxy.test'), '"ann:***@proxy.test"');
  t.is(quote(':sesame@proxy.test,bob:open@b'), '":***@proxy.test,bob:***@b"');
});
