import test, { type ExecutionContext } from 'ava';
import { ipFromBytes, mustBeCidr } from '../../src/base/ip.ts';
import { Nat64 } from '../../src/daemon/host/nat64.ts';
import { createResolver } from '../../src/net/names/resolve.ts';
import { carriedAddresses } from '../../src/policy/rules/carriers.ts';
import { startDnsServer, type DnsRecord } from '../support/dns.ts';
import { ip } from '../support/ip.ts';

const NAME = 'ipv4only.arpa';

/** `later` lets answers grow too old to be kept. */
async function setUp(t: ExecutionContext, table: Record<string, DnsRecord>) {
  let now = 0;
  const dns = await startDnsServer(table);
  const resolver = createResolver(
    { kind: 'servers', servers: [dns.endpoint] },
    { now: () => now, hostsPath: '/dev/null' },
  );
  t.teardown(() => {
    resolver.close();
    dns.close();
  });
  const told: unknown[] = [];
  const nat64 = new Nat64(resolver, {
    write: (level, event, fields) => void told.push([level, event, fields]),
  });
  return { dns, nat64, told, later: () => (now += 7_200_000) };
}

test('a prefix that the name server knows counts, and is told once', async (t) => {
  const { dns, nat64, told, later } = await setUp(t, { [NAME]: { aaaa: ['2001:db8:64::192.0.0.170'] } });
  t.deepEqual(nat64.carriers, []);
  await nat64.ask();
  t.deepEqual(carriedAddresses(ip('2001:db8:64::10.0.0.1'), nat64.carriers), [ip('10.0.0.1')]);
  later();
  await nat64.ask();
  t.deepEqual(dns.queries, [`AAAA ${NAME}`, `AAAA ${NAME}`]);
  t.deepEqual(told, [['notice', 'nat64', { prefix: '2001:db8:64::/96' }]]);
});

for (const aaaa of ['nxdomain', 'servfail', [], ['2001:db8::1']] as const) {
  test(`the answer "${String(aaaa)}" changes nothing, and takes nothing back`, async (t) => {
    const table: Record<string, DnsRecord> = { [NAME]: { aaaa } };
    const { nat64, told, later } = await setUp(t, table);
    await nat64.ask();
    t.deepEqual(nat64.carriers, []);
    table[NAME] = { aaaa: ['2001:db8:64::192.0.0.170'] };
    later();
    await nat64.ask();
    table[NAME] = { aaaa };
    later();
    await nat64.ask();
    t.is(nat64.carriers.length, 1);
    t.is(told.length, 1);
  });
}

test('a name server that has other prefixes each time takes none back, and has no more than 16 counted', async (t) => {
  const table: Record<string, DnsRecord> = {};
  const { nat64, told, later } = await setUp(t, table);
  const first = ip('2001:db8:0:64::10.0.0.1');
  for (let round = 0; round < 3; round++) {
    const addresses = Array.from({ length: 10 }, (_, each) =>
      ipFromBytes(Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, round, 0, 0x64 + each, 0, 0, 0, 0, 192, 0, 0, 170)),
    );
    table[NAME] = { aaaa: addresses };
    later();
    await nat64.ask();
    t.deepEqual(carriedAddresses(first, nat64.carriers), [ip('10.0.0.1')]);
  }
  t.is(nat64.carriers.length, 16);
  t.is(told.length, 2);
});

test('follow() asks where the configuration says `auto`, and only there', (t) => {
  const asked: string[] = [];
  const lookup = (name: string) => {
    asked.push(name);
    return { ipv6: [], ipv4: [] };
  };
  const nat64 = new Nat64({ lookup }, { write: () => undefined });
  nat64.follow({ nat64Prefixes: [] });
  nat64.follow({ nat64Prefixes: ['none'] });
  nat64.follow({ nat64Prefixes: [mustBeCidr('2001:db8:64::/96')] });
  t.deepEqual(asked, []);
  nat64.follow({ nat64Prefixes: [mustBeCidr('2001:db8:64::/96'), 'auto'] });
  t.deepEqual(asked, [NAME]);
  nat64.follow({ nat64Prefixes: ['auto'] });
  t.deepEqual(asked, [NAME, NAME]);
});
