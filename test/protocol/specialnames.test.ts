import test from 'ava';
import { specialUseOf, staysHere } from '../../src/protocol/specialnames.ts';

const USES = [
  ['localhost', 'loopback'],
  ['a.localhost', 'loopback'],
  ['a.b.localhost', 'loopback'],
  ['invalid', 'nothing'],
  ['a.invalid', 'nothing'],
  ['abc.onion', 'tor'],
  ['notlocalhost', undefined],
  ['localhost.test', undefined],
  ['localhost.localdomain', undefined],
  ['printer.local', undefined],
] as const;

for (const [name, use] of USES) {
  test(`specialUseOf() knows ${name}`, (t) => {
    t.is(specialUseOf(name), use);
    t.is(staysHere(name), use === 'loopback' || use === 'nothing');
  });
}
