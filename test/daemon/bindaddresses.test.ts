import test from 'ava';
import { resolveBind } from '../../src/daemon/host/bindaddresses.ts';
import { StartFailure } from '../../src/daemon/unix/exit.ts';
import { interfaceAddresses } from '../../src/net/native/hostaddresses.ts';
import { ip } from '../support/ip.ts';

test('resolveBind() takes addresses as they are, mapped ones as IPv4', async (t) => {
  t.deepEqual(await resolveBind([]), []);
  t.deepEqual(await resolveBind(['192.0.2.1', '2001:DB8::1']), [ip('192.0.2.1'), ip('2001:db8::1')]);
  t.deepEqual(await resolveBind(['::ffff:192.0.2.1']), [ip('192.0.2.1')]);
});

test('resolveBind() takes the first address of each family', async (t) => {
  const [first, ...others] = await resolveBind(['127.0.0.9', 'localhost']);
  t.is(first, ip('127.0.0.9'));
  t.false(others.includes(ip('127.0.0.1')));
});

test('resolveBind() takes an interface for its addresses', async (t) => {
  const own = interfaceAddresses('lo');
  const resolved = await resolveBind(['@lo']);
  t.true(resolved.length > 0);
  t.true(resolved.every((each) => own.includes(each)));
});

for (const [place, why] of [
  [
    '@nosuch0',
    'cannot wait for BIND at @nosuch0: no such interface, or it has no address; "ip address" lists them',
  ],
  ['nobody.invalid', 'cannot wait for BIND at nobody.invalid: the name has no address'],
] as const) {
  test(`resolveBind() fails for ${place}, which has no address`, async (t) => {
    const failure = await t.throwsAsync(resolveBind(['192.0.2.1', place]), { instanceOf: StartFailure });
    t.is(failure.message, why);
  });
}
