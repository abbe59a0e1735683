// Routes as srelay.conf writes them, and what is said of those that are wrong.
import test from 'ava';
import fc from 'fast-check';
import { formatCidr } from '../../src/base/ip.ts';
import { renderConfig } from '../../src/config/documents/print.ts';
import type { Hop, Route } from '../../src/config/model/config.ts';
import { ROUTE } from '../../src/config/routes/routes.ts';
import { formatWay } from '../../src/config/routes/routeways.ts';
import { SOURCE_PLAN } from '../../src/config/routes/source.ts';
import { configOf, load, loadFile, problemsOf, withoutOrigins } from '../support/configuration.ts';

const READING = { origin: { file: 'test.conf', line: 3 }, folder: '/', portOf: () => undefined };

function read(text: string): Route {
  const parsed = ROUTE.parse(text, READING);
  if (parsed.kind === 'wrong') throw new Error(parsed.why);
  return parsed.value;
}

/** `HIGHEST` where the span is that of one address, else both ends. */
function placeOf({ place }: Route): string {
  switch (place.kind) {
    case 'any':
      return '*';
    case 'name':
      return place.name;
    case 'suffix':
      return place.suffix;
    case 'addresses': {
      const [low, high] = [place.span.low, place.span.high].map((base) =>
        formatCidr({ family: base.length === 4 ? 4 : 6, base, bits: 0 }).slice(0, -2),
      );
      return low === high ? low! : `${low}-${high}`;
    }
  }
}

function portsOf({ ports, carrier }: Route): string {
  return `${ports === undefined ? 'any' : `${ports.low}-${ports.high}`} ${carrier}`;
}

function hopText({ protocol, cover, host, port }: Hop): string {
  return `${protocol}${cover === 'tls' ? '+tls' : ''}://${host}:${port}`;
}

const PLACES: readonly (readonly [text: string, place: string])[] = [
  ['*', '*'],
  ['0.0.0.0', '0.0.0.0-255.255.255.255'],
  ['0.0.0.0/0', '0.0.0.0-255.255.255.255'],
  ['[::]', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['192.168.1.1', '192.168.1.1'],
  ['192.168.1.1/0', '192.168.1.1'],
  ['192.168.1.77/24', '192.168.1.0-192.168.1.255'],
  ['172.16.3.4/255.240.0.0', '172.16.0.0-172.31.255.255'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['[2001:DB8::]/32', '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:db8:21::/64', '2001:db8:21::-2001:db8:21:0:ffff:ffff:ffff:ffff'],
  ['[2001:db8:21::/64]', '2001:db8:21::-2001:db8:21:0:ffff:ffff:ffff:ffff'],
  ['[2001:db8::1/0]', '2001:db8::1'],
  ['[::/0]', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['::1', '::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['C-Wind.com', '.c-wind.com'],
  ['.example.org.', '.example.org'],
  ['localhost', '.localhost'],
];

for (const [text, place] of PLACES) {
  test(`ROUTE reads the destination "${text}"`, (t) => {
    t.is(placeOf(read(`${text} any`)), place);
  });
}

// One of each form that the files in srelay's distributions have.
for (const line of [
  '172.16.1.0/24 - 192.0.2.1',
  '198.51.100.0/255.255.255.248 any 192.0.2.3',
  '[2001:db8:1:21::/64] 1024- 192.0.2.1',
  '2001:db8:1:21::/64 1080 192.0.2.1',
  '[::] 21-23 [2001:db8::240:2ff:fe3e:b2]',
  ':: 21-23 2001:db8::240:2ff:fe3e:b2',
  'example.org - x',
  '10.1.1.0/25 any 198.51.100.100 1111 firewall 8080/H fw2 1080',
  '0.0.0.0 -',
  '0.0.0.0 -1 test 1 test2 2/H',
]) {
  test(`ROUTE reads the line "${line}" of a sample file`, (t) => t.notThrows(() => read(line)));
}

const PORTS: readonly (readonly [text: string, ports: string])[] = [
  ['80', '80-80 any'],
  ['1000-2000', '1000-2000 any'],
  ['-1023', '0-1023 any'],
  ['1024-', '1024-65535 any'],
  ['-', 'any any'],
  ['any', 'any any'],
  ['any/T', 'any tcp'],
  ['53/U', '53-53 udp'],
  ['-/t', 'any tcp'],
];

for (const [text, ports] of PORTS) {
  test(`ROUTE reads the ports "${text}"`, (t) => {
    t.is(portsOf(read(`* ${text}`)), ports);
  });
}

const WAYS: readonly (readonly [text: string, ways: readonly (readonly string[])[]])[] = [
  ['', [[]]],
  ['192.168.1.1', [['socks://192.168.1.1:1080']]],
  ['proxy.example.org 1081', [['socks://proxy.example.org:1081']]],
  ['proxy 8080/H', [['http://proxy:8080']]],
  ['[2001:db8::1] 1080/5', [['socks5://2001:db8::1:1080']]],
  ['proxy 443/HS', [['http+tls://proxy:443']]],
  ['far 1080/5s, near 443/hs', [['http+tls://near:443', 'socks5+tls://far:1080']]],
  // The farthest is written first, and contacted last.
  ['far 1080/4, near 1090/5', [['socks5://near:1090', 'socks4://far:1080']]],
  ['a 1/H b 2/S c', [['socks://c:1080', 'socks://b:2', 'http://a:1']]],
  ['a 1 | b 2 c 3 | d', [['socks://a:1'], ['socks://c:3', 'socks://b:2'], ['socks://d:1080']]],
];

for (const [text, ways] of WAYS) {
  test(`ROUTE reads the proxies "${text}"`, (t) => {
    t.deepEqual(
      read(`* any ${text}`).ways.map(({ hops }) => hops.map(hopText)),
      ways,
    );
  });
}

test('ROUTE takes white space and commas between words', (t) => {
  const { text } = read('10.0.0.0/8,\tany ,  far 1080,near');
  t.is(text, '10.0.0.0/8 any far 1080 near');
});

test('ROUTE reads the keys behind the proxies', (t) => {
  const { pick, names } = read('* any a 1 | b 2 pick=round-robin names=local');
  t.deepEqual({ pick, names }, { pick: 'round-robin', names: 'local' });
  t.deepEqual(read('* any').pick, 'failover');
  t.deepEqual(read('* any').names, 'remote');
});

test('ROUTE reads how to leave this host, and leaves open what is not said', (t) => {
  const { source, family, device, mark } = read(
    '10.0.0.0/8 any source=192.0.2.1+2001:db8::/64+sticky=1h family=prefer-4 device=eth1 mark=0x11',
  );
  t.is(source && SOURCE_PLAN.format(source), '192.0.2.1,2001:db8::/64,sticky=1h');
  t.deepEqual({ family, device, mark }, { family: 'prefer-4', device: 'eth1', mark: 17 });
  const silent = read('* any');
  t.deepEqual(
    [silent.source, silent.family, silent.device, silent.mark],
    [undefined, undefined, undefined, undefined],
  );
});

test('ROUTE reads direct as a way without proxies, wherever it stands among them', (t) => {
  const hosts = (text: string) => read(text).ways.map(({ hops }) => hops.map(({ host }) => host).join());
  t.deepEqual(hosts('* any a | direct'), ['a', '']);
  t.deepEqual(hosts('* any direct | b 1 a pick=round-robin'), ['', 'a,b']);
  t.deepEqual(hosts('* any direct'), ['']);
  // A proxy of that name has a port.
  t.deepEqual(hosts('* any direct 1080'), ['direct']);
});

const WRONG: readonly (readonly [text: string, why: RegExp])[] = [
  ['example.org', /"example.org" has no ports after it/],
  ['LOCALHOST. any a 1', /"localhost" never goes to a proxy \(RFC 6761\)/],
  ['a.localhost any direct | a 1', /"a.localhost" never goes to a proxy/],
  ['invalid any a 1', /"invalid" never goes to a proxy/],
  ['10.0.0.0/33 any', /no mask that can be; write a length of 0 to 32/],
  ['10.0.0.0/255.0.255.0 any', /no mask that can be/],
  ['[2001:db8::]/129 any', /a length of 0 to 128/],
  ['[2001:db8::]/255.0.0.0 any', /a length of 0 to 128/],
  ['[2001:db8::/129] any', /a length of 0 to 128/],
  ['[192.0.2.0/24] any', /no destination/],
  ['[2001:db8::/64 any', /no destination/],
  ['example.org/8 any', /is no destination/],
  ['*.example.org any', /is no destination/],
  ['10.0.0 any', /is no destination/],
  ['1.2.3.4/8/9 any', /is no destination/],
  ['* http', /"http" is no range of ports/],
  ['* 80-79', /is no range of ports/],
  ['* 65536', /is no range of ports/],
  ['* 80/X', /is no range of ports/],
  ['* any a b', /"a" has no port after it; only the last proxy/],
  ['* any a 0', /"0" is no port of a proxy/],
  ['* any a 65536', /is no port of a proxy/],
  ['* any a 1080/6', /unknown type of proxy; write \/S, \/5, \/4, \/H, \/5S or \/HS/],
  ['* any a 443/4S', /unknown type of proxy/],
  ['* any a/H', /"a\/H" is no proxy; .*behind the port/],
  ['* any 1080', /"1080" is no proxy/],
  ['* any a 1 |', /"\|" stands between two ways/],
  ['* any | a', /"\|" stands between two ways/],
  ['* any a 1 pick=random', /pick: "random" is not failover, round-robin or least-sessions/],
  ['* any a 1 name=local', /"name=local" is not pick=, names=, source=, .* or mark=; did you mean "names"/],
  ['* any a 1 names=local names=local', /names stands twice/],
  ['* any a b direct', /"direct" is a way without proxies; write it alone/],
  ['* any a 1 direct', /"direct" is a way without proxies/],
  ['* any source=', /source: no address to choose from/],
  ['* any source=client+192.0.2.1', /source: client stands for .*; write it alone/],
  ['* any family=ipv4', /family: "ipv4" is not any, 4, 6, prefer-4 or prefer-6/],
  ['* any device=a/b', /device: "a\/b" is no interface/],
  ['* any device=interface-of-17-l', /device: .* up to 15 letters/],
  ['* any mark=0', /mark: "0" is not a count; write a whole number from 1 to 4294967295/],
  ['* any names=local a 1', /"a" stands behind KEY=VALUE/],
  ['* any/U a 1/H', /\/U needs proxies that are all SOCKS5/],
  ['* any/U a 1/5S', /without TLS/],
  ['* any/U a 1/5 b 2/4', /\/U needs proxies that are all SOCKS5/],
];

for (const [text, why] of WRONG) {
  test(`ROUTE refuses "${text}"`, (t) => {
    const parsed = ROUTE.parse(text, READING);
    t.regex(parsed.kind === 'wrong' ? parsed.why : 'it was read', why);
  });
}

const hops = fc.record({
  host: fc.constantFrom('192.0.2.1', '[2001:db8::1]', 'proxy.example.org'),
  port: fc.integer({ min: 1, max: 65_535 }),
  type: fc.constantFrom('', '/S', '/5', '/4', '/H', '/5S', '/HS'),
});
const separators = fc.stringMatching(/^[ \t,]{1,3}$/);

test('ROUTE finds each proxy of a chain of any length, the last one first', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(hops, { minLength: 1, maxLength: 300 }), separators, (chain, separator) => {
        const words = chain.flatMap(({ host, port, type }) => [host, `${port}${type}`]);
        const [way, ...more] = read(['*', 'any', ...words].join(separator)).ways;
        const expected = chain.map(({ host, port, type }) => {
          return type.length > 2 ? `${host}:${port}/tls` : `${host}:${port}`;
        });
        t.is(formatWay(way!), expected.reverse().join(','));
        t.is(more.length, 0);
      }),
      { numRuns: 50 },
    ),
  );
});

test('ROUTE never throws', (t) => {
  const words = fc.constantFrom('*', 'any', 'a', '1', '|', '[::', '=', 'pick=', '/', '-', '1/', '[]', '.');
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string())), (parts) => {
        ROUTE.parse(parts.join(' '), READING);
      }),
    ),
  );
});

const SRELAY = `# comment
; another
192.168.0.0/255.255.0.0 any
c-wind.com\t80  10.0.0.1 # the web
  * - proxy1.example.org 1080 proxy2.example.org 8080/H
`;

test('a file of routes is read where it is named, with lines as the file has them', (t) => {
  const files = {
    '/etc/srelay.conf': SRELAY,
    '/etc/x.conf': 'route = 10.0.0.0/8 any\nroutes = srelay.conf\n',
  };
  const { routes } = configOf(load(['-c', '/etc/x.conf', '--route', '* any'], files));
  t.deepEqual(
    routes.map(({ text, origin }) => `${origin.file ?? ''}:${origin.line ?? ''} ${text}`),
    [
      '/etc/x.conf:1 10.0.0.0/8 any',
      '/etc/srelay.conf:3 192.168.0.0/255.255.0.0 any',
      '/etc/srelay.conf:4 c-wind.com 80 10.0.0.1',
      '/etc/srelay.conf:5 * - proxy1.example.org 1080 proxy2.example.org 8080/H',
      ': * any',
    ],
  );
});

test('a bad line of a file of routes is an error with its number, and nothing holds', (t) => {
  const loaded = load(['--routes', 'r.conf'], { 'r.conf': `${SRELAY}\nexample.org\n` });
  t.deepEqual(problemsOf(loaded), [
    'r.conf:7: route: "example.org" has no ports after it; write any for all, as in "example.org any"',
  ]);
  t.is(loaded.config, undefined);
});

test('a file of routes that is not there is an error', (t) => {
  t.deepEqual(problemsOf(load(['--routes', 'gone'])), ['gone: cannot be read: no such file or directory']);
});

test('a file of routes may have more lines than srelay took', (t) => {
  const text = Array.from({ length: 1000 }, (_, at) => `10.0.${at >> 8}.${at & 255} any\n`).join('');
  t.is(configOf(load(['--routes', 'r'], { r: text })).routes.length, 1000);
});

test('--print-config writes routes that read back', (t) => {
  const config = configOf(load(['--routes', 'r', '--proxy-auth', '/etc/auth'], { r: SRELAY }));
  const again = configOf(loadFile(renderConfig(config)));
  t.deepEqual(withoutOrigins(again), withoutOrigins(config));
});
