// The part of each limit that one member allows while it knows nothing of the others.
import test from 'ava';
import { dividedLimits } from '../../src/policy/limits/divided.ts';
import { limitsOf } from '../../src/policy/limits/limits.ts';
import { limits } from '../support/limits.ts';

test('sessions and rates are divided, and somebody can still come in; quotas stay', (t) => {
  const table = dividedLimits(limits('client sessions=10 rate=1 up=10 day=100', 'user:ann sessions=2'), 4);
  const client = limitsOf(table, { scope: 'client', name: '192.0.2.1' });
  t.is(client.sessions?.value, 2);
  t.is(client.rate?.value, 0.5);
  t.is(client.up?.value, 2);
  t.is(client.day?.value, 100);
  t.regex(client.sessions?.text ?? '', /sessions=10 .*its part at one of 4 members/);
  t.is(limitsOf(table, { scope: 'user', name: 'ann' }).sessions?.value, 1);
  t.is(limitsOf(table, { scope: 'user', name: 'ben' }).sessions, undefined);
});
