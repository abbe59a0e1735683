import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { nameAmong, reverseNameOf } from '../../src/net/dns/reversename.ts';
import { ip } from '../support/ip.ts';

test('reverseNameOf() turns an address round (RFC 1035 section 3.5, RFC 3596 section 2.5)', (t) => {
  t.is(reverseNameOf(ip('192.0.2.4')), '4.2.0.192.in-addr.arpa');
  t.is(reverseNameOf(ip('0.0.0.255')), '255.0.0.0.in-addr.arpa');
  t.is(
    reverseNameOf(ip('4321:0:1:2:3:4:567:89ab')),
    'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa',
  );
});

test('nameAmong() takes the first name that a host can bear', (t) => {
  t.is(nameAmong(['a b', '10.0.0.1', '', `${'a'.repeat(64)}.test`, 'Good.Test.', 'later.test']), 'good.test');
  for (const none of [[], ['-.\0'], ['a\u001b[0m.test'], ['0x7f.1']]) {
    const answer = nameAmong(none);
    t.is(answer instanceof Fault ? answer.code : answer, 'NAME_NOT_FOUND');
  }
});
