import test from 'ava';
import fc from 'fast-check';
import { credentialsOf } from '../../../src/protocol/http/basic.ts';

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const given = (value: string) => credentialsOf([{ name: 'proxy-Authorization', value }]);

test('credentialsOf() reads back every user without a colon, and every password', (t) => {
  const user = fc.uint8Array({ maxLength: 255 }).map((bytes) => bytes.filter((byte) => byte !== 0x3a));
  fc.assert(
    fc.property(user, fc.uint8Array({ maxLength: 255 }), (name, password) => {
      const found = given(`Basic ${base64(Buffer.concat([name, Buffer.from(':'), password]))}`);
      if (found.kind !== 'basic') return t.fail(found.kind);
      t.deepEqual([...found.login.user], [...name]);
      t.deepEqual([...found.login.password], [...password]);
    }),
  );
});

test('credentialsOf() never throws', (t) => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      t.truthy(given(value).kind);
      t.truthy(given(`Basic ${value}`).kind);
    }),
  );
});

test('credentialsOf() tells none from those that it cannot read', (t) => {
  t.deepEqual(credentialsOf([{ name: 'Authorization', value: `Basic ${base64('a:b')}` }]), { kind: 'none' });
  t.deepEqual(given('Negotiate YIIabc=='), { kind: 'other', scheme: 'Negotiate' });
  t.is(given(`bAsIc   ${base64('a:b')}`).kind, 'basic');
  t.is(given(`Basic ${base64('a:b').replace(/=+$/, '')}`).kind, 'basic');
  for (const value of [
    '',
    'Basic a b',
    'Basic ====',
    'Basic YQ',
    `Basic ${base64('nocolon')}`,
    'Basic Yzp\xff',
  ])
    t.is(given(value).kind, 'bad', value);
  t.is(given(`Basic ${base64(`${'u'.repeat(256)}:p`)}`).kind, 'bad');
  const field = { name: 'Proxy-Authorization', value: `Basic ${base64('a:b')}` };
  t.is(credentialsOf([field, field]).kind, 'bad');
});
