// What a rule matches: names, addresses, ports, commands. Each table is a list of rules and what they answer.
import test from 'ava';
import fc from 'fast-check';
import { ipFromBytes } from '../../src/base/ip.ts';
import { ANONYMOUS } from '../../src/policy/identity.ts';
import { admitName, admitRequest, type Asking } from '../../src/policy/rules/rules.ts';
import { destinationOf } from '../../src/protocol/address.ts';
import { ip } from '../support/ip.ts';
import { policy, section } from '../support/policy.ts';

const CLIENT = ip('127.0.0.1');

function asking(to: string, command: Asking['command'] = 'connect'): Asking {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(to) ?? [];
  const destination = destinationOf(host, Number(port));
  if (destination === undefined) throw new Error(`no destination: ${to}`);
  return { identity: ANONYMOUS, client: CLIENT, command, destination };
}

/** The rule that decides, as written, with `+` or `-` in front; `-` alone where none matches, `+` alone where none decides. */
function decider(rules: string, to: string, address?: string): string {
  const book = policy({ rules: section('', { request: rules }) });
  const ruling =
    address === undefined ? admitName(book, asking(to)) : admitRequest(book, asking(to), ip(address));
  const rule = / \(test\.conf/.test(ruling.rule ?? '') ? (ruling.rule ?? '').replace(/ \(.*/, '') : '';
  return `${ruling.verdict === 'allow' ? '+' : '-'}${rule}`;
}

const NAMES =
  'connect:example.org:443 !connect:.example.org connect:192.0.2.0/24:80-90 !connect:*:25 connect:*:20-30';

/** Destination, the address that is about to be dialled, and the rule of NAMES that decides. */
const BY_ADDRESS: readonly (readonly [to: string, address: string, decider: string])[] = [
  ['example.org:443', '203.0.113.1', '+connect:example.org:443'],
  ['EXAMPLE.ORG.:443', '203.0.113.1', '+connect:example.org:443'],
  ['example.org:80', '192.0.2.1', '-!connect:.example.org'],
  ['a.example.org:443', '192.0.2.1', '-!connect:.example.org'],
  ['a.b.Example.org.:80', '192.0.2.1', '-!connect:.example.org'],
  // The label boundary.
  ['xexample.org:80', '192.0.2.1', '+connect:192.0.2.0/24:80-90'],
  ['org:80', '192.0.2.1', '+connect:192.0.2.0/24:80-90'],
  ['example.org.test:80', '192.0.2.1', '+connect:192.0.2.0/24:80-90'],
  // A name that is not ruled upon goes by its addresses, each one.
  ['other.test:80', '192.0.2.1', '+connect:192.0.2.0/24:80-90'],
  ['other.test:90', '192.0.2.255', '+connect:192.0.2.0/24:80-90'],
  ['other.test:80', '192.0.3.0', '-'],
  ['other.test:91', '192.0.2.1', '-'],
  ['other.test:79', '192.0.2.1', '-'],
  ['other.test:25', '192.0.2.1', '-!connect:*:25'],
  ['other.test:20', '2001:db8::1', '+connect:*:20-30'],
  ['other.test:30', '2001:db8::1', '+connect:*:20-30'],
  ['other.test:31', '2001:db8::1', '-'],
  // Who asks by address is not caught by rules about names.
  ['192.0.2.1:80', '192.0.2.1', '+connect:192.0.2.0/24:80-90'],
  ['2001:db8::1:80', '2001:db8::1', '-'],
];

for (const [to, address, expected] of BY_ADDRESS) {
  test(`admitRequest(): ${to} at ${address}: ${expected}`, (t) => {
    t.is(decider(NAMES, to, address), expected);
  });
}

/** Rules, destination, and what is known before the look-up. */
const EARLY: readonly (readonly [rules: string, to: string, decider: string])[] = [
  ['', 'a.test:80', '+'],
  [NAMES, 'example.org:443', '+connect:example.org:443'],
  [NAMES, 'example.org:80', '-!connect:.example.org'],
  ['connect:10.0.0.0/8 !all:*', '192.0.2.1:80', '+'],
  // A rule that allows addresses may match: only the look-up tells.
  ['connect:10.0.0.0/8 !connect:a.test', 'a.test:80', '+'],
  // One that denies changes nothing about a name that is denied anyway.
  ['!connect:10.0.0.0/8 !connect:a.test all:*', 'a.test:80', '-!connect:a.test'],
  ['!connect:10.0.0.0/8 connect:b.test', 'a.test:80', '-'],
  ['!connect:10.0.0.0/8 connect:b.test', 'b.test:80', '+connect:b.test'],
  // Rules for another port, command or client do not count.
  ['connect:10.0.0.0/8:443 !connect:a.test', 'a.test:80', '-!connect:a.test'],
  ['bind:10.0.0.0/8 !connect:a.test', 'a.test:80', '-!connect:a.test'],
  ['connect:10.0.0.0/8 user=ann !connect:a.test', 'a.test:80', '-!connect:a.test'],
  ['connect:*:443', 'a.test:80', '-'],
  ['connect:*:443', 'a.test:443', '+connect:*:443'],
  // Anybody (BIND), as long as there is somebody who could be allowed.
  ['connect:10.0.0.0/8', '0.0.0.0:0', '+'],
  ['bind:10.0.0.0/8 connect:a.test', '0.0.0.0:0', '-'],
  ['!connect:* connect:10.0.0.0/8', ':::0', '-!connect:*'],
];

for (const [rules, to, expected] of EARLY) {
  test(`admitName(): "${rules}" for ${to}: ${expected}`, (t) => {
    t.is(decider(rules, to), expected);
  });
}

/** Rules that override the guard, and rules that do not, for a stranger who asks for LOOPBACK by a name. */
const GUARDED: readonly (readonly [rules: string, code: string])[] = [
  ['', 'GUARD_DENIED'],
  ['connect:*', 'GUARD_DENIED'],
  ['connect:*:80', 'GUARD_DENIED'],
  ['connect:0.0.0.0/0', 'GUARD_DENIED'],
  ['connect:0.0.0.0-255.255.255.255', 'GUARD_DENIED'],
  // Who owns a name chooses its addresses.
  ['connect:inside.test', 'GUARD_DENIED'],
  ['connect:.test:80', 'GUARD_DENIED'],
  ['connect:* client=203.0.113.9', 'GUARD_DENIED'],
  ['connect:127.0.0.1', 'allow'],
  ['connect:127.0.0.1:80', 'allow'],
  ['connect:127.0.0.0-127.0.0.9', 'allow'],
  ['connect:127.0.0.0/8:81 connect:*', 'GUARD_DENIED'],
  ['connect:inside.test connect:127.0.0.1', 'GUARD_DENIED'],
  ['connect:127.0.0.1 connect:inside.test', 'allow'],
  ['!connect:inside.test connect:127.0.0.1', 'REQUEST_DENIED'],
];

for (const [rules, expected] of GUARDED) {
  test(`"${rules}" for a stranger who asks for a name of 127.0.0.1: ${expected}`, (t) => {
    const book = policy({ rules: section('', { request: rules }) });
    const stranger = { ...asking('inside.test:80'), client: ip('203.0.113.9') };
    const ruling = admitRequest(book, stranger, CLIENT);
    t.is(ruling.verdict === 'allow' ? 'allow' : ruling.code, expected);
  });
}

/** Rules, an address that carries 10.0.0.1, and what a client on this host hears. */
const CARRIED: readonly (readonly [rules: string, address: string, decider: string])[] = [
  ['!all:10.0.0.0/8 all:*', '64:ff9b::10.0.0.1', '-!all:10.0.0.0/8'],
  ['!all:10.0.0.0/8 all:*', '2002:a00:1::1', '-!all:10.0.0.0/8'],
  ['!all:10.0.0.0/8 all:*', '::10.0.0.1', '-!all:10.0.0.0/8'],
  ['!all:10.0.0.0/8 all:*', '2001:0:c000:201::f5ff:fffe', '-!all:10.0.0.0/8'],
  ['!all:10.0.0.0/8 all:*', '64:ff9b::11.0.0.1', '+all:*'],
  ['!all:10.0.0.0/8 all:*', '2001:db8::a00:1', '+all:*'],
  // A carried address opens nothing.
  ['all:10.0.0.0/8', '64:ff9b::10.0.0.1', '-'],
  ['all:64:ff9b::/96 !all:10.0.0.0/8', '64:ff9b::10.0.0.1', '+all:64:ff9b::/96'],
];

for (const [rules, address, expected] of CARRIED) {
  test(`"${rules}" for ${address}: ${expected}`, (t) => {
    t.is(decider(rules, `${address}:80`, address), expected);
  });
}

test('admitName() denies nothing that some address could be allowed', (t) => {
  const place = fc.constantFrom('*', 'a.test', '.test', 'b.test', '10.0.0.0/8', '192.0.2.1', '[::]/1');
  const rule = fc
    .tuple(
      fc.constantFrom('', '!'),
      fc.constantFrom('connect', 'all', 'bind'),
      place,
      fc.constantFrom('', ':80', ':1-79'),
    )
    .map(([mark, command, where, ports]) => `${mark}${command}:${where}${ports}`);
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), fc.constantFrom('a.test', 'c.example'), (rules, name) => {
      const book = policy({ rules: section('', { request: rules.join(' ') }) });
      const early = admitName(book, asking(`${name}:80`));
      if (early.verdict === 'allow') return;
      for (const address of ['10.1.2.3', '192.0.2.1', '203.0.113.1', '::2', 'ff00::1']) {
        t.is(admitRequest(book, asking(`${name}:80`), ip(address)).verdict, 'deny', rules.join(' '));
      }
    }),
  );
});

test('a block holds exactly the addresses from its first to its last', (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(bytes, bytes, fc.nat(127), (base, other, length) => {
      const bits = (length % (base.length * 8)) + 1;
      // Near the edge of the block, where it could go wrong.
      const near =
        base.length === other.length ? base.map((byte, at) => (at < bits >> 3 ? byte : other[at]!)) : other;
      const book = policy({ rules: section('', { request: `all:${ipFromBytes(base)}/${bits}` }) });
      const address = ipFromBytes(near);
      const inBlock = bitsOf(near).startsWith(bitsOf(base).slice(0, bits));
      if (address.startsWith('::ffff:') || ipFromBytes(base).startsWith('::ffff:')) return;
      const to = { kind: 'ip', ip: address, port: 80 } as const;
      const ruling = admitRequest(book, { ...asking('192.0.2.1:80'), destination: to }, address);
      t.is(ruling.verdict, inBlock && near.length === base.length ? 'allow' : 'deny');
    }),
  );
});

function bitsOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}
