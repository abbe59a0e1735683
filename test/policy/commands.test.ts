import test from 'ava';
import { ANONYMOUS } from '../../src/policy/identity.ts';
import { admitCommand } from '../../src/policy/rules/commands.ts';
import { policy, section } from '../support/policy.ts';

const CASES: readonly (readonly [string, 'allow' | 'deny', string?])[] = [
  ['', 'allow'],
  ['all:*', 'allow'],
  ['assoc:192.0.2.0/24', 'allow'],
  ['!assoc:10.0.0.0/8 all:*', 'allow'],
  ['connect:*', 'deny', 'no request rule of the global section matches'],
  ['!assoc:* all:*', 'deny', '!assoc:* (test.conf:1)'],
  ['!assoc:*:53 all:*', 'allow'],
  ['!assoc:10.0.0.0/8 connect:*', 'deny', 'no request rule of the global section matches'],
];

for (const [request, verdict, rule] of CASES) {
  test(`UDP is ${verdict === 'allow' ? 'of use' : 'refused at once'} under "${request}"`, (t) => {
    const ruling = admitCommand(policy({ rules: section('', { request }) }), ANONYMOUS, 'assoc');
    t.like(ruling, { verdict, rule });
  });
}
