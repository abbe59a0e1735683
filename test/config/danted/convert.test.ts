// What the parts of a sockd.conf become.
import test from 'ava';
import fc from 'fast-check';
import { convertDanted } from '../../../src/danted/convert.ts';
import { configOf, loadFile, problemsOf } from '../../support/configuration.ts';
import { convert, HOST, IPV4, type Case } from '../../support/danted.ts';

/** Nobody may ask for anything where there is no method. */
const SETTINGS: readonly Case[] = [
  ['internal: 192.0.2.1 port = 1080', ['listen = 192.0.2.1:1080']],
  ['internal: 192.0.2.1', ['listen = 192.0.2.1:1080']],
  ['internal: 2001:db8::1 port = 1081', ['listen = [2001:db8::1]:1081']],
  ['internal: eth0 port = http', ['listen = @eth0:80']],
  ['internal: proxy.example.org port = 1', ['listen = proxy.example.org:1']],
  ['internal: eth0\ninternal: eth0', ['listen = @eth0:1080']],
  ['internal.protocol: ipv4\ninternal: eth0', ['listen = 192.0.2.1:1080']],
  ['internal.protocol: ipv6\ninternal: eth0 port = 1', ['listen = [2001:db8::1]:1']],
  ['internal.protocol: ipv4 ipv6\ninternal: eth0', ['listen = @eth0:1080']],
  ['internal.protocol: ipv6\ninternal: 192.0.2.1', [], ['2 internal']],
  ['internal.protocol: ipv4\ninternal: proxy.example.org', [], ['2 internal']],
  ['internal.protocol: ipv5\ninternal: eth0', ['listen = @eth0:1080'], ['1 internal.protocol']],
  ['internal: eth1:0 port = 1', ['listen = 198.51.100.2:1', 'listen = 198.51.100.3:1']],
  ['internal: localhost', ['listen = localhost:1080']],
  ['internal: eth7', ['listen = eth7:1080']],
  ['internal:192.0.2.1 port:81', ['listen = 192.0.2.1:81']],
  ['internal: eth0:9 port = 1', [], ['1 listen']],
  ['internal:', [], ['1 internal']],
  ['internal: eth0 port = none', [], ['1 internal']],
  ['external: 192.0.2.1\nexternal: 192.0.2.2', ['family = 4', 'source = 192.0.2.1']],
  ['external: 2001:db8::1\nexternal: 192.0.2.1\nexternal: eth0', ['source = 192.0.2.1,2001:db8::1']],
  ['external: eth0\nexternal: eth7', ['source = 192.0.2.1,2001:db8::1'], ['2 external']],
  ['external: eth0', ['source = 192.0.2.1,2001:db8::1']],
  ['external.protocol: ipv4\nexternal: eth0', ['family = 4', 'source = 192.0.2.1']],
  ['external: eth7', [], ['1 external']],
  ['external: eth0\nexternal.rotation: same-same', ['source = client']],
  ['external: eth1\nexternal.rotation: route', ['family = 4'], ['2 external.rotation']],
  ['external: eth0\nexternal: eth1\nexternal: eth1:0\nexternal.rotation: route', []],
  [
    'internal: eth0\nexternal.protocol: ipv6\nexternal: eth0\nexternal.rotation: same-same',
    ['listen = @eth0:1080', 'source = client'],
    ['2 external.protocol', '4 external.rotation'],
  ],
  [
    'internal: eth0\nexternal: eth1\nexternal.rotation: same-same',
    ['listen = @eth0:1080', 'source = client'],
    ['3 external.rotation'],
  ],
  [
    'external: eth1\nexternal.rotation: random',
    ['family = 4', 'source = 198.51.100.1'],
    ['2 external.rotation'],
  ],
  ['logoutput: syslog', ['logmode = syslog']],
  ['logoutput: stderr', ['logmode = stderr']],
  ['logoutput: syslog/daemon stdout', ['logmode = combined']],
  ['logoutput: syslog/local0', ['logmode = syslog'], ['1 logoutput syslog/local0']],
  ['logoutput: /var/log/sockd.log', [], ['1 logoutput /var/log/sockd.log']],
  ['user.privileged: root\nuser.unprivileged: sockd\nuser.libwrap: nobody', ['user = sockd']],
  ['timeout.negotiate: 30\ntimeout.connect: 20', ['handshake-timeout = 30s', 'connect-timeout = 20s']],
  ['timeout.negotiate: 0\ntimeout.connect: 0', [], ['1 timeout.negotiate 0', '2 timeout.connect 0']],
  ['timeout.io: 86400', ['idle-timeout = 86400s', 'udp-idle-timeout = 86400s']],
  ['timeout.io.tcp: 0\ntimeout.io.udp: 9', ['idle-timeout = 0s', 'udp-idle-timeout = 9s']],
  ['timeout.tcp_fin_wait: 7', ['half-closed-timeout = 7s']],
  ['timeout.io: 99999999', [], ['1 idle-timeout', '1 udp-idle-timeout']],
  ['timeout.io: soon', [], ['1 timeout.io']],
  ['clientmethod: none', []],
  ['clientmethod: rfc931', ['network = !*'], ['1 clientmethod rfc931']],
  ['clientmethod: rfc931 none', [], ['1 clientmethod rfc931']],
  ['libwrap.hosts_access: yes', ['tcp-wrappers = yes'], ['1 libwrap.hosts_access']],
  ['libwrap.hosts_access: no', []],
  ['libwrap.hosts_access: maybe', [], ['1 libwrap.hosts_access']],
  ['external.protocol: ip4\nexternal: eth0', ['source = 192.0.2.1,2001:db8::1'], ['1 external.protocol']],
  ['intrenal: eth0', [], ['1 intrenal']],
  ['srchost: nodnsmismatch\ncpu.mask.io: 0', [], ['1 srchost', '2 cpu.mask.io']],
  ['hostid pass { from: 0/0 to: 0/0 }\nmonitor { }', [], ['1 hostid pass', '2 monitor']],
  ['no keyword', [], ['1 this line']],
];

for (const [text, settings, left = []] of SETTINGS) {
  test(`a setting is carried over: ${JSON.stringify(text)}`, (t) => {
    t.like(convert(text), { settings: ['request = !all:*', ...settings], left });
  });
}

const PASSED = 'client pass { from: 0/0 to: 0/0 }';

for (const [text, stops] of [
  ['internal: eth0 port = none', 1],
  ['internal: eth0:9', 1],
  ['internal:', 1],
  ['', 1],
  ['intrenal: eth0', 1],
  ['internal: eth0\nclient blok { from: 10.0.0.0/8 to: 0/0 }', 1],
  ['internal: eth0\nclient block { from: 10.0.0.0/8 to: 0/0', 1],
  ['internal: eth0\nlibwrap.hosts_access: maybe', 1],
  ['internal: eth0\nuser.unprivileged:', 1],
  ['internal: eth0\nsrchost: nodnsmismatch\ncpu.mask.io: 0', 0],
  ['internal: eth0\nmonitor { }', 0],
  ['internal: eth0\nhostid block { from: 10.0.0.0/8 to: 0/0 }', 1],
] as const) {
  test(`what cannot be read of ${JSON.stringify(text)} ${stops > 0 ? 'keeps the daemon from starting' : 'lets nobody in'}`, (t) => {
    const converted = convert(`${PASSED}\n${text}`);
    t.is(converted.stops > 0, stops > 0);
    if (stops > 0) t.not(converted.left.length, 0);
  });
}

test('with a line LEFT there is no configuration, and the problem says why', (t) => {
  const { config, problems } = loadFile(convertDanted(`${PASSED}\ninternal: eth0:9`, HOST).text);
  t.is(config, undefined);
  t.regex(problems[0]?.text ?? '', /--convert has left something to you/);
});

const METHODS: readonly Case[] = [
  ['socksmethod: none', []],
  ['socksmethod: username', ['auth = shadow:']],
  ['socksmethod: username none', ['auth = shadow:', 'anonymous = yes']],
  ['method: none', []],
  ['socksmethod: gssapi', ['request = !all:*'], ['1 socksmethod gssapi']],
  ['socksmethod: pam.username none', [], ['1 socksmethod pam.username']],
];

for (const [text, settings, left = []] of METHODS) {
  test(`methods are carried over: ${text}`, (t) => {
    t.like(convert(text), { settings, left });
  });
}

const BOTH = 'internal: eth0\nexternal: eth0\nsocksmethod: username none\n';
const FROM_ALL = 'from: 0/0 to: 0/0';

const CLIENT_RULES: readonly Case[] = [
  ['client pass { from: 10.0.0.0/8 to: 0/0 }', ['10.0.0.0/8']],
  ['client block { from: eth1 to: 0.0.0.0/0 log: connect error }', ['!198.51.100.1/32']],
  ['client pass { from: 0.0.0.0/0 port 1-65535 to: 192.0.2.1 }', ['*']],
  ['client pass { from: ::/0 to: 0/0 }', []],
  ['client pass { from: 0/0 to: ::/0 }', []],
  ['client pass { from: 0/0 to: 192.0.2.1 port = 1 }', [], ['4 to']],
  [`client pass { ${FROM_ALL} socksmethod: username }`, ['!*'], ['4 socksmethod']],
  ['client pass { from: 10.0.0.0/8 to: 0/0 socksmethod: none }', ['!10.0.0.0/8'], ['4 socksmethod']],
  ['client pass { from: 10.0.0.0/8 to: 0/0\nlibwrap: deny }', ['!10.0.0.0/8'], ['5 libwrap']],
  ['client pass { from: 10.0.0.0/8 to: 0/0 hostid: 10.0.0.1 }', [], ['4 hostid']],
  [`client pass { ${FROM_ALL} socksmethod: username none }`, ['*']],
  ['client pass { from: 0/0 to: 192.0.2.9/32 }', [], ['4 to']],
  ['client block { from: 0/0 to: 192.0.2.9/32 }', ['!*'], ['4 to']],
  ['client pass { from: 0/0 port = 20 to: 0/0 }', [], ['4 from']],
  ['client pass { from: 0/0 from: 10.0.0.0/8 to: 0/0 }', [], ['4 from']],
  ['client block { from: 10.0.0.0/8 from: 172.16.0.0/12 to: 0/0 }', ['!*'], ['4 from']],
  ['client pass { from: 0/0 to: 0/0', [], ['4 this line']],
  ['client pass { from: .example.org to: 0/0 }', [], ['4 from']],
  ['client block { from: .example.org to: 0/0 }', ['!*'], ['4 from']],
  [`client pass { ${FROM_ALL} clientmethod: rfc931 }`, [], ['4 clientmethod']],
  [`client pass { ${FROM_ALL} libwrap: spawn finger }`, ['!*'], ['4 libwrap']],
  [`client pass { ${FROM_ALL} log: data ioop }`, ['*'], ['4 log data', '4 log ioop']],
];

for (const [text, network, left = []] of CLIENT_RULES) {
  test(`${text} becomes network`, (t) => {
    const { settings, left: found } = convert(IPV4 + text);
    t.deepEqual(
      settings.filter((line) => line.startsWith('network')),
      network.map((item) => `network = ${item}`),
    );
    t.deepEqual(found, left);
  });
}

const REQUEST_RULES: readonly Case[] = [
  [`socks pass { ${FROM_ALL} }`, ['all:*']],
  [`pass { ${FROM_ALL} }`, ['all:*']],
  ['socks block { from: 0.0.0.0/0 to: 0.0.0.0/0 }', ['!all:*']],
  ['socks pass { from: 0/0 to: ::/0 }', []],
  [
    'socks pass { from: 10.0.0.0/8 to: 203.0.113.0/24 port = http }',
    ['connect:203.0.113.0/24:80 client=10.0.0.0/8'],
  ],
  ['socks block { from: 0/0 to: lo }', ['!all:127.0.0.1/32', '!all:[::1]/128']],
  ['socks block { from: 0/0 to: 2001:db8::/32 port = 25 }', ['!all:[2001:db8::]/32:25']],
  ['socks pass { from: 0/0 to: .example.com }', ['connect:.example.com']],
  ['socks pass { from: 0/0 to: 10.0.0.0/255.0.0.0 command: connect }', ['connect:10.0.0.0/8']],
  ['socks pass { from: 0/0 to: 10.0.0.0/255.0.255.0 command: connect }', [], ['4 to']],
  ['socks block { from: 0/0 to: www.example.com }', ['!all:www.example.com'], ['4 to']],
  ['socks pass { from: 0/0 to: eth7 }', [], ['4 to']],
  ['socks pass { from: 0/0 to: 0/0 to: 198.51.100.7 }', [], ['4 to']],
  ['socks block { from: 0/0 to: 198.51.100.7 to: 198.51.100.8 user: ann }', ['!all:* user=ann'], ['4 to']],
  ['socks pass { from: 0/0 to: 0/0', [], ['4 this line']],
  ['socks block { from: 0/0 to: eth7 }', ['!all:*'], ['4 to']],
  ['socks pass { from: 0/0 to: 0/0 port != 25 }', ['connect:*:0-24', 'connect:*:26-65535']],
  ['socks pass { from: 0/0 to: 0/0 port ge 1024 }', ['connect:*:1024-65535']],
  ['socks pass { from: 0/0 to: 0/0 port < 1024 }', ['connect:*:0-1023']],
  ['socks pass { from: 0/0 to: 0/0 port 6000 - 6063 }', ['connect:*:6000-6063']],
  ['socks pass { from: 0/0 to: 0/0 port gt 65535 }', []],
  ['socks pass { from: 0/0 to: 0/0 port = gopher }', [], ['4 to']],
  ['socks pass { from: 0/0 to: 0/0 port != 20-30 }', [], ['4 to']],
  [`socks pass { ${FROM_ALL} command: connect }`, ['connect:*']],
  [`socks pass { ${FROM_ALL} protocol: tcp }`, ['connect:*', 'bind:*']],
  [`socks block { ${FROM_ALL} protocol: udp }`, ['!assoc:*']],
  [`socks block { ${FROM_ALL} command: bindreply }`, []],
  [`socks pass { ${FROM_ALL} command: bind }`, []],
  [
    `socks pass { ${FROM_ALL} command: bind }\nsocks pass { ${FROM_ALL} command: bindreply udpreply }`,
    ['bind:*'],
  ],
  [`socks pass { ${FROM_ALL} user: ann bob }`, ['all:* user=ann user=bob']],
  [`socks pass { ${FROM_ALL} command: conect }`, [], ['4 command']],
  [`socks block { ${FROM_ALL} command: conect }`, ['!all:*'], ['4 command']],
  [`socks block { ${FROM_ALL} protocol: }`, ['!all:*'], ['4 protocol']],
  [`socks pass { ${FROM_ALL} user: }`, [], ['4 user']],
  [`socks pass { ${FROM_ALL} user: an* }`, [], ['4 user']],
  [`socks pass { ${FROM_ALL} group: staff }`, [], ['4 group']],
  [`socks block { ${FROM_ALL} group: staff }`, ['!all:*'], ['4 group']],
  [`socks pass { ${FROM_ALL} socksmethod: username }`, ['all:* user=*']],
  [`socks pass { ${FROM_ALL} socksmethod: username none }`, ['all:*']],
  [`socks pass { ${FROM_ALL} socksmethod: none }`, [], ['4 socksmethod']],
  [`socks pass { ${FROM_ALL} proxyprotocol: socks_v4 socks_v5 }`, ['all:*']],
  [`socks pass { ${FROM_ALL} proxyprotocol: socks_v5 }`, [], ['4 proxyprotocol']],
  [`socks pass { ${FROM_ALL} redirect: to }`, ['!all:*'], ['4 redirect']],
  [`socks pass { ${FROM_ALL} command: connect libwrap: deny }`, ['!connect:*'], ['4 libwrap']],
];

for (const [text, request, left = []] of REQUEST_RULES) {
  test(`${JSON.stringify(text)} becomes request`, (t) => {
    const { settings, left: found } = convert(IPV4 + text);
    t.deepEqual(
      settings.filter((line) => line.startsWith('request')),
      request.map((item) => `request = ${item}`),
    );
    t.deepEqual(found, left);
  });
}

test('with two families 0.0.0.0/0 stays what it is', (t) => {
  const { settings, left } = convert(
    `${BOTH}client pass { from: 0/0 to: 0.0.0.0/0 }\nsocks block { from: ::/0 to: 0.0.0.0/0 }\nsocks pass { from: 0/0 to: ::/0 }`,
  );
  t.deepEqual(settings.slice(4), [
    'network = 0.0.0.0/1,128.0.0.0/1',
    'request = !all:0.0.0.0/1 client=::/1 client=8000::/1',
    'request = !all:128.0.0.0/1 client=::/1 client=8000::/1',
    'request = !bind:* client=::/1 client=8000::/1',
    'request = !connect:0.0.0.0/1',
    'request = !connect:128.0.0.0/1',
    'request = connect:*',
    // Answers are blocked from IPv6 to IPv4, and passed to IPv6 alone.
    'request = !assoc:[::]/1 client=0.0.0.0/1 client=128.0.0.0/1',
    'request = !assoc:[8000::]/1 client=0.0.0.0/1 client=128.0.0.0/1',
    'request = !assoc:0.0.0.0/1 client=::/1 client=8000::/1',
    'request = !assoc:128.0.0.0/1 client=::/1 client=8000::/1',
    'request = assoc:* client=::/1 client=8000::/1',
  ]);
  t.deepEqual(left, ['5 to', '6 to']);
});

test('the other family, blocked, blocks names that have addresses of both in Dante, which is told', (t) => {
  const fence = (to: string) => `${IPV4}socks block { from: 0/0 to: ${to} }\nsocks pass { ${FROM_ALL} }`;
  t.deepEqual(convert(fence('::/0')).left, ['4 to']);
  t.deepEqual(convert(fence('0.0.0.0/0')).left, []);
});

test('a name with one blocked address is told once, where something is passed afterwards', (t) => {
  const fence = 'socks block { from: 0/0 to: 10.0.0.0/8 }\n';
  t.deepEqual(convert(`${IPV4}${fence}${fence}socks pass { ${FROM_ALL} }`).left, ['4 to']);
  t.deepEqual(convert(`${IPV4}socks pass { ${FROM_ALL} }\n${fence}`).left, []);
});

const LIMITS: readonly Case[] = [
  [
    `client pass { ${FROM_ALL}\nsession.max: 10\nsession.throttle: 30/2 }`,
    ['total sessions=10', 'total rate=15'],
  ],
  [
    `client pass { ${FROM_ALL}\nsession.state.key: from\nsession.state.max: 3\nsession.state.throttle: 1/9 }`,
    ['client sessions=3', 'client rate=1'],
    ['7 session.state.throttle'],
  ],
  [`socks pass { ${FROM_ALL}\nbandwidth: 1000 }`, ['total up=1000 down=1000']],
  ['client pass { from: 10.0.0.0/8 to: 0/0\nsession.max: 10 }', [], ['5 session.max']],
  [`socks pass { ${FROM_ALL}\nuser: ann\nsession.max: 10 }`, [], ['6 session.max']],
  [`socks pass { ${FROM_ALL}\nsession.max: many\ntimeout.io: 5 }`, [], ['5 session.max', '6 timeout.io']],
];

for (const [text, limit, left = []] of LIMITS) {
  test(`${JSON.stringify(text)} becomes limit`, (t) => {
    const { settings, left: found } = convert(IPV4 + text);
    t.deepEqual(
      settings.filter((line) => line.startsWith('limit')),
      limit.map((item) => `limit = ${item}`),
    );
    t.deepEqual(found, left);
  });
}

const ROUTES: readonly Case[] = [
  [`${FROM_ALL} via: direct`, ['* any/T']],
  [`${FROM_ALL} via: 203.0.113.1 port = 1080`, ['* any/T 203.0.113.1 1080/S']],
  [`${FROM_ALL} via: 203.0.113.1`, ['* any/T 203.0.113.1 1080/S']],
  [
    'from: 0/0 to: 0.0.0.0/0 port = http via: p.example port = 1 proxyprotocol: socks_v5',
    ['* 80/T p.example 1/5'],
    ['4 route'],
  ],
  [`${FROM_ALL} via: 2001:db8::1 port = 1 proxyprotocol: socks_v4`, ['* any/T [2001:db8::1] 1/4']],
  [
    `${FROM_ALL} via: p.example port = 8080 proxyprotocol: http_v1.0 method: none`,
    ['* any/T p.example 8080/H'],
  ],
  [
    'from: 0/0 to: .example.com port != 25 via: p.example port = 1',
    ['example.com 0-24/T p.example 1/S', 'example.com 26-65535/T p.example 1/S'],
    ['4 route'],
  ],
  [
    'from: 0/0 to: 10.0.0.0/8 via: p.example port = 1 command: connect',
    ['10.0.0.0/8 any/T p.example 1/S'],
    ['4 route'],
  ],
  ['from: 0/0 to: 2001:db8::/32 via: direct', ['[2001:db8::]/32 any/T'], ['4 route']],
  ['from: 0/0 to: www.example.com via: p.example port = 1', [], ['4 to', '4 route']],
  ['from: 10.0.0.0/8 to: 0/0 via: p.example port = 1', [], ['4 from', '4 route']],
  [`${FROM_ALL} via: p.example port = 1 proxyprotocol: upnp`, [], ['4 via']],
  [`${FROM_ALL} via: p.example port = 1 method: username`, [], ['4 method']],
  [`${FROM_ALL} via: p.example port = 1 command: bind`, [], ['4 command', '4 route']],
];

for (const [text, route, left = []] of ROUTES) {
  test(`route { ${text} } becomes route`, (t) => {
    const { settings, left: found } = convert(`${IPV4}route { ${text} }`);
    t.deepEqual(
      settings.filter((line) => line.startsWith('route')),
      route.map((item) => `route = ${item}`),
    );
    t.deepEqual(found, left);
  });
}

for (const [routes, stops] of [
  ['', 0],
  [`route { ${FROM_ALL} via: direct }`, 0],
  ['route { from: 0/0 to: 0.0.0.0/0 via: direct }', 0],
  ['route { from: 0/0 to: 10.0.0.0/8 via: direct }', 1],
  ['route { from: 0/0 to: ::/0 via: direct }', 1],
  ['route { from: 0/0 to: 0/0 port = 80 via: direct }', 1],
  [`route { from: 0/0 to: 10.0.0.0/8 via: p.example port = 1 } route { ${FROM_ALL} via: direct }`, 0],
  [`route { from: 10.0.0.0/8 to: 0/0 via: direct } route { ${FROM_ALL} via: direct }`, 0],
  [`route { from: 10.0.0.0/8 to: 0/0 via: p.example port = 1 } route { ${FROM_ALL} via: direct }`, 1],
  [`route { ${FROM_ALL} via: p.example port = 1 method: username }`, 1],
] as const) {
  test(`${routes === '' ? 'no route' : routes} ${stops > 0 ? 'leaves something to say where connections go' : 'says where all connections go'}`, (t) => {
    t.is(convert(IPV4 + routes).stops, stops);
  });
}

for (const [to, names] of [
  ['10.0.0.0/8', ' names=local'],
  ['lo', ' names=local'],
  ['0.0.0.0/0', ''],
  ['.example.com', ''],
] as const) {
  test(`with a rule about ${to}, names ${names === '' ? 'go' : 'are looked up before they go'} to a proxy`, (t) => {
    const text = `${IPV4}socks block { from: 0/0 to: ${to} }\nroute { ${FROM_ALL} via: p.example port = 1 }`;
    t.is(convert(text).settings.at(-1), `route = * any/T p.example 1/S${names}`);
  });
}

test('a protocol of internal does not narrow the clients, for somebody may add an address of the other family', (t) => {
  const text =
    'internal.protocol: ipv4\ninternal: eth0\nsocksmethod: none\nclient pass { from: 0.0.0.0/0 to: 0/0 }';
  t.is(convert(text).settings.at(-1), 'network = 0.0.0.0/1,128.0.0.0/1');
});

test('what no rule passes is blocked, as in Dante', (t) => {
  const config = configOf(loadFile(convertDanted('', HOST).text));
  t.is(config.rules.network.at(-1)?.text, '!*');
  t.is(config.rules.request.at(-1)?.text, '!all:*');
});

test('each part stands under its lines', (t) => {
  const { text } = convertDanted('client pass {\n from: 10.0.0.0/8 to: 0/0\n log: data\n}\n', HOST);
  t.true(
    text.includes(
      [
        '# 1: client pass {',
        '#   2: from: 10.0.0.0/8',
        '#   2: to: 0/0',
        '#   3: log: data',
        '# }',
        'network = 10.0.0.0/8',
        '# LEFT: log data: one record for each session is what is logged',
      ].join('\n'),
    ),
    text,
  );
});

const words = [
  ...[
    'internal:',
    'external:',
    'from:',
    'to:',
    'via:',
    'port',
    '=',
    '!=',
    'ge',
    '{',
    '}',
    'client',
    'socks',
    'pass',
    'block',
  ],
  ...[
    'route',
    'command:',
    'connect',
    'udpreply',
    'user:',
    'a,b',
    'ann',
    'socksmethod:',
    'username',
    'none',
    'log:',
    'eth0',
  ],
  ...[
    '0/0',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/8',
    '2001:db8::1',
    '.example.com',
    'example.com',
    '80',
    '1-2',
    'http',
    '[x]',
    ';',
  ],
  ...[
    'timeout.io:',
    'session.max:',
    'bandwidth:',
    '99999999999',
    'logoutput:',
    'user.unprivileged:',
    '#',
    '\n',
    '%',
    '"',
  ],
];

const texts = fc.oneof(
  fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join(' ')),
  fc
    .array(
      fc
        .tuple(
          fc.constantFrom('client pass', 'client block', 'socks pass', 'socks block', 'route'),
          fc.array(fc.constantFrom(...words.filter((word) => !'{}#'.includes(word))), { maxLength: 20 }),
        )
        .map(([head, inside]) => `${head} { from: 0/0 to: ${inside.join(' ')}\n}\n`),
      { maxLength: 5 },
    )
    .map((blocks) => `socksmethod: username none\n${blocks.join('')}`),
  fc.string({ unit: 'grapheme' }),
);

test('whatever the text, what comes out is read back without an error or a doubt, but for lines LEFT', (t) => {
  fc.assert(
    fc.property(texts, (text) => {
      const converted = convertDanted(text, HOST).text;
      const stops = converted.split('\n').flatMap((line, at) => (line.startsWith('LEFT = ') ? [at + 1] : []));
      const problems = problemsOf(loadFile(converted)).map((problem) =>
        Number(/^x\.conf:(\d+): /.exec(problem)?.[1]),
      );
      t.deepEqual(problems, stops, converted);
    }),
    { numRuns: 400 },
  );
});
