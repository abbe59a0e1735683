import test from 'ava';
import fc from 'fast-check';
import { formatCidr } from '../../src/base/ip.ts';
import type { NetworkRule } from '../../src/config/model/config.ts';
import { parseNetworkList, parseRequestList } from '../../src/config/rules/patterns.ts';
import { ORIGIN, readRequest, showRequest } from '../support/requestrule.ts';

/** A rule as `VERDICT BLOCK`, with * for every address. */
function showNetwork({ verdict, cidr }: NetworkRule): string {
  return `${verdict} ${cidr === undefined ? '*' : formatCidr(cidr)}`;
}

function networks(text: string): string | readonly string[] {
  const parsed = parseNetworkList(text, ORIGIN);
  return parsed.kind === 'wrong' ? parsed.why : parsed.value.map(showNetwork);
}

function requests(text: string): string | readonly string[] {
  const parsed = readRequest(text);
  return parsed.kind === 'wrong' ? parsed.why : parsed.value.map(showRequest);
}

const NETWORKS: readonly (readonly [text: string, rules: readonly string[]])[] = [
  ['*', ['allow *']],
  ['!*', ['deny *']],
  ['192.0.2.1', ['allow 192.0.2.1/32']],
  ['192.0.2.0/24', ['allow 192.0.2.0/24']],
  ['2001:db8::/32', ['allow 2001:db8::/32']],
  ['::1', ['allow ::1/128']],
  ['!10.0.0.66, 10.0.0.0/8', ['deny 10.0.0.66/32', 'allow 10.0.0.0/8']],
  ['! 10.0.0.66', ['deny 10.0.0.66/32']],
  // As in the C program a block of no bits matches both families.
  ['0.0.0.0/0', ['allow *']],
  ['!::/0', ['deny *']],
];

for (const [text, rules] of NETWORKS) {
  test(`parseNetworkList() reads ${text}`, (t) => {
    t.deepEqual(networks(text), rules);
  });
}

const REQUESTS: readonly (readonly [text: string, rules: readonly string[]])[] = [
  // As the C program has them.
  ['connect:*', ['allow connect *']],
  ['all:*', ['allow all *']],
  ['!all:127.0.0.0/8,all:*', ['deny all 127.0.0.0-127.255.255.255', 'allow all *']],
  ['connect:192.0.2.0/24', ['allow connect 192.0.2.0-192.0.2.255']],
  ['bind:2001:db8::/32', ['allow bind 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff']],
  ['assoc:::1', ['allow assoc ::1-::1']],
  ['connect:0.0.0.0/0', ['allow connect *']],
  ['!bind,connect, all user=ann', ['deny bind *', 'allow connect *', 'allow all * user=ann']],
  ['! resolve:::/0', ['deny resolve *']],
  // Ports.
  ['connect:*:25', ['allow connect * 25-25']],
  ['connect:*:0-1023', ['allow connect * 0-1023']],
  ['connect:192.0.2.1:smtp', ['allow connect 192.0.2.1-192.0.2.1 25-25']],
  ['connect:192.0.2.0/31:80', ['allow connect 192.0.2.0-192.0.2.1 80-80']],
  ['connect:Example.ORG.:443', ['allow connect example.org 443-443']],
  ['connect:.Example.org.:443', ['allow connect .example.org 443-443']],
  ['connect:localhost', ['allow connect localhost']],
  // IPv6: what reads as an address is one.
  ['connect:2001:db8::1:443', ['allow connect 2001:db8::1:443-2001:db8::1:443']],
  ['connect:[2001:db8::1]', ['allow connect 2001:db8::1-2001:db8::1']],
  ['connect:[2001:db8::1]:443', ['allow connect 2001:db8::1-2001:db8::1 443-443']],
  ['connect:[2001:db8::]/127:443', ['allow connect 2001:db8::-2001:db8::1 443-443']],
  ['connect:2001:db8::/127:443', ['allow connect 2001:db8::-2001:db8::1 443-443']],
  ['connect:::ffff:192.0.2.0/127', ['allow connect 192.0.2.0-192.0.2.1']],
  // Ranges.
  ['connect:10.0.0.1-10.0.0.9', ['allow connect 10.0.0.1-10.0.0.9']],
  ['connect:10.0.0.1-10.0.0.9:80-90', ['allow connect 10.0.0.1-10.0.0.9 80-90']],
  ['connect:::1-::9', ['allow connect ::1-::9']],
  ['connect:[::1]-[::9]:443', ['allow connect ::1-::9 443-443']],
  ['connect:0.0.0.0-255.255.255.255', ['allow connect *']],
  ['connect:a-b.example-c', ['allow connect a-b.example-c']],
  // Conditions.
  ['connect:* user=ann', ['allow connect * user=ann']],
  ['connect:*:25   user=ann\tgroup=* user=*-ops', ['allow connect * 25-25 user=ann user=*-ops group=*']],
  ['connect:* client=10.0.0.0/31 userid=x', ['allow connect * userid=x client=10.0.0.0-10.0.0.1']],
  ['connect:* userid=joe:* userid=joe*', ['allow connect * userid=joe:* userid=joe*']],
  ['connect:* client=[::1]', ['allow connect * client=::1-::1']],
  ['all:* time=08:00-18:00', ['allow all * time=0123456@480-1080']],
  ['all:* time=fri-MON', ['allow all * time=0156@0-1440']],
  ['all:* time=wed@22:00-06:00', ['allow all * time=3@1320-360']],
  ['!all:* user=ann, all:*', ['deny all * user=ann', 'allow all *']],
];

for (const [text, rules] of REQUESTS) {
  test(`parseRequestList() reads ${text}`, (t) => {
    t.deepEqual(requests(text), rules);
  });
}

const BAD_BLOCKS: readonly (readonly [text: string, why: RegExp])[] = [
  ['', /item is empty/],
  ['10.0.0.0/8,', /item is empty/],
  ['example.org', /"example.org" is a name.*write its address/],
  ['10.0.0.0/33', /"10.0.0.0\/33" is not ADDRESS/],
  ['10.0.0', /is not ADDRESS/],
  ['10.0.0.0/255.0.0.0', /is not ADDRESS/],
  ['!', /item is empty/],
  ['!!10.0.0.1', /is not ADDRESS/],
  ['[::1]', /is not ADDRESS/],
];

for (const [text, why] of BAD_BLOCKS) {
  test(`parseNetworkList() does not take ${JSON.stringify(text)}`, (t) => {
    t.regex(String(networks(text)), why);
    t.is(parseNetworkList(text, ORIGIN).kind, 'wrong');
  });
}

const BAD_REQUESTS: readonly (readonly [text: string, why: RegExp])[] = [
  ['', /"" does not name a command/],
  ['*', /connect, bind, assoc, resolve or all$/],
  ['10.0.0.1', /does not name a command/],
  ['all:* userid=joe:secret', /"joe:secret": what follows the first colon .* write joe:\*$/],
  ['conect:*', /did you mean "connect"\?$/],
  ['!!connect:*', /does not name a command/],
  ['connect:', /item is empty/],
  ['connect:*,', /does not name a command/],
  ['connect: *', /item is empty/],
  ['connect:10.0.0.0/33', /"10.0.0.0\/33" is not ADDRESS/],
  ['connect:10.0.0', /is not ADDRESS/],
  ['connect:127.1', /is not ADDRESS/],
  ['connect:[10.0.0.1]', /is not ADDRESS/],
  ['connect:*.example.org', /"\.example\.org" means that name and every name below it/],
  ['connect:10.0.0.9-10.0.0.1', /is no range; write two addresses of one family, the lower one first/],
  ['connect:10.0.0.1-::1', /is no range/],
  ['connect:*:', /"" is not a port/],
  ['connect:*:65536', /is not a range of ports/],
  ['connect:*:9-8', /"9-8" is not a range of ports/],
  ['connect:*:htpp', /"htpp" is not a port, a range LOW-HIGH or a service/],
  ['connect:1:2:3:4:5:6:7:8:x', /"x" is not a port/],
  ['connect:* usr=ann', /"usr=ann" is not a condition; write user=, group=.*did you mean "user"\?$/],
  ['connect:* ann', /"ann" is not a condition/],
  ['connect:* user=', /user: needs a value/],
  ['connect:* user=a*b*', /user: "a\*b\*" has more than one \*/],
  ['connect:* client=gate.example', /client: "gate.example" is not ADDRESS/],
  ['connect:* client=0.0.0.0/0', /client: "0.0.0.0\/0" is everybody; leave it out/],
  ['connect:* time=8-18', /time: "8-18" is not a time of day; write HH:MM-HH:MM/],
  ['connect:* time=mno-fri', /"mno" is not a day.*did you mean "mon"\?$/],
  ['connect:* time=mon-tue-wed', /"mon-tue-wed" is not a day/],
  ['connect:* time=08:00-08:00', /is no part of a day/],
  ['connect:* time=08:60-09:00', /is no part of a day/],
  ['connect:* time=24:00-09:00', /is no part of a day/],
  ['connect:* time=22:00-24:01', /is no part of a day/],
  ['connect:* time=mon@08:00-09:00@x', /more than one @/],
];

for (const [text, why] of BAD_REQUESTS) {
  test(`parseRequestList() does not take ${JSON.stringify(text)}`, (t) => {
    t.regex(String(requests(text)), why);
    t.is(readRequest(text).kind, 'wrong');
  });
}

test('rules remember how and where they were written', (t) => {
  for (const parsed of [
    parseNetworkList('10.0.0.0/8, !0.0.0.0/0', ORIGIN),
    readRequest(' all:* , !bind:* user=a '),
  ]) {
    t.is(parsed.kind, 'value');
    if (parsed.kind !== 'value') return;
    const texts = parsed.value.map(({ text }) => text);
    t.true(['10.0.0.0/8;!0.0.0.0/0', 'all:*;!bind:* user=a'].includes(texts.join(';')));
    t.is(parsed.value[1]?.origin, ORIGIN);
  }
});

test('no old rule has changed its meaning', (t) => {
  const block = fc.oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
    fc.tuple(fc.ipV6(), fc.integer({ min: 1, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
    fc.ipV4(),
    fc.ipV6(),
  );
  fc.assert(
    fc.property(block, fc.constantFrom('', '!'), (each, mark) => {
      const [rule, ...rest] = requests(`${mark}all:${each}`);
      t.deepEqual(rest, []);
      t.notRegex(String(rule), /^\S+ all \S+ /, 'no part of the address is taken for a port');
    }),
  );
});

test('neither list ever throws', (t) => {
  const part = fc.constantFrom(
    ...['!', '*', ',', ':', '/', '-', '.', '@', '=', ' ', '[', ']', '10.0.0.0', '::1', 'connect', 'all', '8'],
    ...['user=', 'client=', 'time=', 'mon', '08:00', 'a.example'],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(part).map((parts) => parts.join('')),
    fc.array(part).map((parts) => `connect:${parts.join('')}`),
    fc.array(part).map((parts) => `connect:* time=${parts.join('')}`),
  );
  fc.assert(
    fc.property(text, (each) => {
      parseNetworkList(each, ORIGIN);
      parseRequestList(each, { origin: ORIGIN, portOf: () => undefined });
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
