import test from 'ava';
import { guard, isLocalClient } from '../../src/policy/rules/guard.ts';
import { hereAt } from '../support/here.ts';
import { ip } from '../support/ip.ts';

const OWN = hereAt('198.51.100.7');

/** Destinations, in the order of the columns below. */
const DESTINATIONS = [
  ...['127.0.0.1', '0.0.0.0', '198.51.100.7', '::1', '64:ff9b::127.0.0.1'], // host
  ...['169.254.169.254', 'fe80::1'], // link-local
  ...['10.0.0.1', 'fd00::1', '2002:a00:1::'], // private
  ...['192.0.2.1', '2001:db8::1'], // public
];

const REACH: readonly (readonly [string, string])[] = [
  ['127.0.0.1', '+++++ ++ +++ ++'],
  ['::1', '+++++ ++ +++ ++'],
  ['::ffff:127.0.0.1', '+++++ ++ +++ ++'],
  ['198.51.100.7', '+++++ ++ +++ ++'],
  ['169.254.3.4', '----- -- +++ ++'],
  ['fe80::2', '----- -- +++ ++'],
  ['192.168.1.2', '----- -- +++ ++'],
  ['::ffff:192.168.1.2', '----- -- +++ ++'],
  ['fd00::2', '----- -- +++ ++'],
  ['203.0.113.9', '----- -- --- ++'],
  ['2001:db8::9', '----- -- --- ++'],
  // Carrying a private address gives a stranger no rights.
  ['2002:7f00:1::', '----- -- --- ++'],
  ['64:ff9b::10.0.0.1', '----- -- --- ++'],
];

for (const [client, row] of REACH) {
  const answers = row.replaceAll(' ', '');
  for (const [column, destination] of DESTINATIONS.entries()) {
    const expected = answers[column] === '+' ? 'allow' : 'deny';
    test(`guard() says ${expected} to ${client} for ${destination}`, (t) => {
      t.is(guard(ip(client), ip(destination), OWN), expected);
    });
  }
}

test('isLocalClient() is true for this host, its links and private networks only', (t) => {
  for (const client of [
    '127.0.0.1',
    '::1',
    '198.51.100.7',
    '169.254.3.4',
    'fe80::2',
    '10.0.0.1',
    'fd00::1',
  ]) {
    t.true(isLocalClient(ip(client), OWN), client);
  }
  for (const client of ['203.0.113.9', '2001:db8::9', '2002:a00:1::', '::10.0.0.1']) {
    t.false(isLocalClient(ip(client), OWN), client);
  }
});
