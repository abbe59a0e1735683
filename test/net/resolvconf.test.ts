import test from 'ava';
import {
  completionsOf,
  DNS_DEFAULTS,
  parseResolvConf,
  type DnsSettings,
} from '../../src/net/dns/resolvconf.ts';

const ONE = 'nameserver 192.0.2.53\n';

/** What a file says beside the defaults, `servers` by their addresses. */
const FILES: readonly (readonly [string, Partial<Omit<DnsSettings, 'servers'>> & { servers?: string[] }])[] =
  [
    [ONE, {}],
    [
      'nameserver 192.0.2.1\nnameserver 2001:db8::53\nnameserver\tfe80::1%eth0\nnameserver 192.0.2.4',
      { servers: ['192.0.2.1', '2001:db8::53', 'fe80::1%eth0'] },
    ],
    [
      `nameserver dns.example\nnameserver 192.0.2\nnameserver 192.0.2.1%eth0\nnameserver fe80::1%\n${ONE}`,
      {},
    ],
    [`# nameserver 192.0.2.1\n; nameserver 192.0.2.2\n nameserver 192.0.2.3\n${ONE}`, {}],
    [`${ONE}search Corp.Test. lab.test  corp.test\n`, { search: ['corp.test', 'lab.test'] }],
    [`${ONE}search corp.test\ndomain lab.test other.test\n`, { search: ['lab.test'] }],
    [`${ONE}domain lab.test\nsearch .\n`, { search: [] }],
    [`${ONE}search\n`, {}],
    [`${ONE}search a_b.test a*b.test 127.1\n`, { search: ['a_b.test'] }],
    [
      `${ONE}options ndots:3 timeout:2 attempts:4 rotate\n`,
      { ndots: 3, timeoutMs: 2000, attempts: 4, rotate: true },
    ],
    [`${ONE}options ndots:99 timeout:99 attempts:99\n`, { ndots: 15, timeoutMs: 30_000, attempts: 5 }],
    [`${ONE}options ndots:0 timeout:0 attempts:0\n`, { ndots: 0, timeoutMs: 1000, attempts: 1 }],
    [`${ONE}options timeout:1 edns0\noptions timeout:x trust-ad\noptions timeout:3\n`, { timeoutMs: 3000 }],
    [`${ONE}sortlist 192.0.2.0\nlookup file bind\nfamily inet4\n`, {}],
  ];

for (const [text, { servers = ['192.0.2.53'], ...said }] of FILES) {
  test(`parseResolvConf() of ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(parseResolvConf(text, 'host'), {
      ...DNS_DEFAULTS,
      ...said,
      servers: servers.map((address) => ({ address, port: 53 })),
    });
  });
}

test('without a search list that of the name of the host counts', (t) => {
  t.deepEqual(parseResolvConf(ONE, 'host.Corp.test')?.search, ['corp.test']);
  t.deepEqual(parseResolvConf(`${ONE}search lab.test\n`, 'host.corp.test')?.search, ['lab.test']);
});

const COMPLETED: readonly (readonly [name: string, ndots: number, completed: string])[] = [
  ['a', 1, 'a.x.test a.y.test a'],
  ['a.b', 1, 'a.b a.b.x.test a.b.y.test'],
  ['a.b', 2, 'a.b.x.test a.b.y.test a.b'],
  ['a.b.c', 2, 'a.b.c a.b.c.x.test a.b.c.y.test'],
  ['a', 0, 'a a.x.test a.y.test'],
  [`${'a.'.repeat(124)}aaaa`, 1, `${'a.'.repeat(124)}aaaa`],
];

for (const [name, ndots, completed] of COMPLETED) {
  test(`completionsOf(${name}) with ndots:${ndots}`, (t) => {
    t.deepEqual(completionsOf(name, { search: ['x.test', 'y.test'], ndots }), completed.split(' '));
  });
}

test('a file without a name server means nothing', (t) => {
  for (const text of ['', 'search corp.test\n', 'nameserver\n', '\0\0'])
    t.is(parseResolvConf(text, 'host'), undefined);
});
