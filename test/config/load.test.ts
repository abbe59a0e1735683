// A command line and files in, a configuration or all its problems out.
import test from 'ava';
import fc from 'fast-check';
import { parseCidr } from '../../src/base/ip.ts';
import type { Config } from '../../src/config/model/config.ts';
import { OPTIONS } from '../../src/config/options/options.ts';
import { loadConfig } from '../../src/config/reading/load.ts';
import { configOf, load, loadFile, problemsOf } from '../support/configuration.ts';
import { systemError } from '../support/systemerror.ts';

const DEFAULTS = configOf(load([]));

test('no argument at all gives the documented defaults', (t) => {
  t.like(DEFAULTS, {
    listen: [{ kind: 'any', port: 1080 }],
    auth: [],
    anonymous: false,
    allowPlaintext: false,
    bind: [],
    maxSessions: 0,
    handshakeTimeoutMs: 15_000,
    connectTimeoutMs: 10_000,
    idleTimeoutMs: 900_000,
    halfClosedTimeoutMs: 60_000,
    drainMs: 30_000,
    family: 'any',
    resolver: { kind: 'builtin' },
    user: undefined,
    group: undefined,
    chroot: undefined,
    foreground: false,
    pidFile: undefined,
    logMode: 'syslog',
    logLevel: 'info',
    logFormat: 'text',
    syslog: { kind: 'local', path: '/dev/log' },
  });
  t.deepEqual(DEFAULTS.rules, {
    name: '',
    base: undefined,
    network: [],
    request: [],
    source: undefined,
  });
  t.is(DEFAULTS.sections.size, 0);
  t.deepEqual(load([]).files, []);
});

const source = (file: string) => ({ format: 'auto', file, origin: {} });
const any = (port: number) => ({ kind: 'any', port }) as const;

/** What a command line changes; every case is also read from a file where it can stand there. */
const ARGUMENTS: readonly (readonly [argv: string, changed: Partial<Record<keyof Config, unknown>>])[] = [
  // As the C program's manual has it.
  ['-u nobody -g nobody *:1080', { user: 'nobody', group: 'nobody' }],
  ['-u 65534 -g 0xfffe --nofork', { user: '65534', group: '0xfffe', foreground: true }],
  ['*:1081', { listen: [any(1081)] }],
  ['*:1081 :1082', { listen: [any(1081), any(1082)] }],
  ['--listen *:1081 :1082', { listen: [any(1081), any(1082)] }],
  ['-A', { anonymous: true }],
  ['-A --anonymous=no', { anonymous: false }],
  ['--allow-plaintext', { allowPlaintext: true }],
  ['-a u --auth-once', { auth: [source('u')], authOnceMs: 3_600_000 }],
  ['-a u --auth-once=30m', { auth: [source('u')], authOnceMs: 1_800_000 }],
  ['--auth-once --auth-once=no', { authOnceMs: 0 }],
  ['--method-order client', { methodOrder: 'client' }],
  [
    '-a u --whitelist 192.0.2.0/24,::1 --whitelist 192.0.2.7',
    { auth: [source('u')], whitelist: ['192.0.2.0/24', '::1', '192.0.2.7'].map(parseCidr) },
  ],
  ['--ban-allow 192.0.2.7', { banAllow: [parseCidr('192.0.2.7')] }],
  ['--ban-after 0 --ban-window 1m --tarpit 8s', { banAfter: 0, banWindowMs: 60_000, tarpitMs: 8000 }],
  ['--tcp-wrappers', { tcpWrappers: true }],
  ['--tcp-wrappers-name srelay', { tcpWrappersName: 'srelay' }],
  ['--log-names', { logNames: true }],
  ['--inetd', { inetd: true, foreground: true }],
  ['--maxconn 5 --maxconn=7', { maxSessions: 7 }],
  ['--timeout 1.5', { idleTimeoutMs: 1500 }],
  ['--timeout 5 --idle-timeout 2m', { idleTimeoutMs: 120_000 }],
  ['--idle-timeout 2m --timeout 5', { idleTimeoutMs: 5000 }],
  [
    '--idle-timeout 0 --half-closed-timeout 0 --drain 0',
    { idleTimeoutMs: 0, halfClosedTimeoutMs: 0, drainMs: 0 },
  ],
  [
    '--handshake-timeout 500ms --connect-timeout 1h',
    { handshakeTimeoutMs: 500, connectTimeoutMs: 3_600_000 },
  ],
  ['-L stderr', { logMode: 'stderr', foreground: true }],
  ['-Lcombined', { logMode: 'combined', foreground: true }],
  ['-L syslog', { logMode: 'syslog', foreground: false }],
  ['-v debug', { logLevel: 'debug' }],
  ['-v error', { logLevel: 'err' }],
  ['-Av none', { anonymous: true, logLevel: 'none' }],
  ['--log-format json', { logFormat: 'json' }],
  ['--syslog unix:/run/log', { syslog: { kind: 'local', path: '/run/log' } }],
  ['--syslog udp:192.0.2.1', { syslog: { kind: 'remote', protocol: 'udp', host: '192.0.2.1', port: 514 } }],
  ['--syslog tcp:[::1]:601', { syslog: { kind: 'remote', protocol: 'tcp', host: '::1', port: 601 } }],
  [
    '--syslog tcp:log.example',
    { syslog: { kind: 'remote', protocol: 'tcp', host: 'log.example', port: 514 } },
  ],
  ['--family prefer-4', { family: 'prefer-4' }],
  ['--resolver system', { resolver: { kind: 'system' } }],
  [
    '--resolver 192.0.2.1,[::1]:5353,::2',
    {
      resolver: {
        kind: 'servers',
        servers: [
          { ip: '192.0.2.1', port: 53 },
          { ip: '::1', port: 5353 },
          { ip: '::2', port: 53 },
        ],
      },
    },
  ],
  ['-B @eth0 -B 192.0.2.1 -B gate.example', { bind: ['@eth0', '192.0.2.1', 'gate.example'] }],
  [
    '--pidfile run/p.pid --chroot /srv/../jail -u nobody',
    { pidFile: 'run/p.pid', chroot: '/jail', user: 'nobody' },
  ],
];

for (const [argv, changed] of ARGUMENTS) {
  test(`"${argv}" is understood`, (t) => {
    const loaded = load(argv.split(' '));
    t.deepEqual(problemsOf(loaded), []);
    t.deepEqual(loaded.config, { ...DEFAULTS, ...changed } as Config);
    t.is(loaded.action, 'run');
  });
}

test('users come from files in order, with their format', (t) => {
  const { auth } = configOf(
    load([
      '-a',
      'users',
      '-a',
      'htpasswd:/a:b',
      '--auth=password:p',
      '-a',
      './x:y',
      '-a',
      'shadow:',
      '-a',
      'shadow:s',
    ]),
  );
  t.deepEqual(
    auth.map(({ format, file }) => [format, file]),
    [
      ['auto', 'users'],
      ['htpasswd', '/a:b'],
      ['password', 'p'],
      ['auto', 'x:y'],
      ['shadow', '/etc/shadow'],
      ['shadow', 's'],
    ],
  );
});

test('after -- everything is a listen address', (t) => {
  t.deepEqual(problemsOf(load(['--', '-u'])), [
    'command line: operand: "-u" is not a listen address: no address, host name, @interface or *',
  ]);
});

const ACTIONS = [
  ['--check', 'check'],
  ['--print-config --check', 'print'],
  ['--print-config -V', 'version'],
  ['-V --help --check', 'help'],
  ['-h', 'help'],
] as const;

for (const [argv, action] of ACTIONS) {
  test(`"${argv}" asks for ${action}`, (t) => {
    t.is(load(argv.split(' ')).action, action);
  });
}

test('help and version are given whatever else is wrong', (t) => {
  const loaded = load(['--nonsense', '-h', '-c', 'missing']);
  t.is(loaded.action, 'help');
  t.deepEqual(loaded.problems, []);
});

/** Command lines that are wrong, with the one thing that is said about each. */
const USAGE: readonly (readonly [argv: string, problem: string])[] = [
  ['--idle-timout 5m', 'unknown option "--idle-timout"; did you mean "--idle-timeout"?'],
  ['--print', 'unknown option "--print"; did you mean "--print-config"?'],
  ['--maxcon 3', 'unknown option "--maxcon"; did you mean "--maxconn"?'],
  ['-x', 'unknown option "-x"'],
  ['--__proto__', 'unknown option "--__proto__"'],
  ['--base=x', 'unknown option "--base"'],
  ['--maxconn', '--maxconn needs a value: --maxconn N'],
  ['--maxconn=', '--maxconn: needs a value'],
  ['-c --check', '-c needs a value: -c FILE'],
  ['-u --nofork', '-u needs a value: -u USER'],
  ['--check=yes', '--check takes no value'],
  ['-A --anonymous=maybe', '--anonymous: "maybe" is neither yes nor no'],
  ['--maxconn many', '--maxconn: "many" is not a count; write a whole number from 0 to 999999999'],
  ['--handshake-timeout 0', '--handshake-timeout: this limit cannot be switched off; write a time over 0'],
  ['--drain soon', '--drain: "soon" is not a time up to 24 days; write 15, 15s, 500ms, 5m, 2h or 1d'],
  ['-L sylog', '-L: "sylog" is not syslog, stderr or combined; did you mean "syslog"?'],
  [
    '-a passwrod:f',
    '-a: "passwrod" is not a format of user files (auto, htpasswd, password or shadow); did you mean "password"?',
  ],
  ['--family ipv4', '--family: "ipv4" is not any, 4, 6, prefer-4 or prefer-6'],
  ['*:1080 :1080', 'operand: *:1080 is a listen address already'],
  ['-B 192.0.2.1 -B 192.0.2.2', '-B: stands beside 192.0.2.1; there is one address for BIND per family'],
  [
    '-B ::ffff:0.0.0.0',
    '-B: "::ffff:0.0.0.0" is no address that a peer could connect to; write one of this host, or @INTERFACE',
  ],
  [
    '--public-address ::',
    '--public-address: "::" is no address that leads here; write the IPv4 or IPv6 address of the NAT',
  ],
  [
    '--public-address example.org',
    '--public-address: "example.org" is no address that leads here; write the IPv4 or IPv6 address of the NAT',
  ],
  ['-B 127.1', '-B: "127.1" is not an address, a host name or @INTERFACE'],
  ['--syslog udp:', '--syslog: "" is not an address or host name'],
  ['--syslog unix:log', '--syslog: "log" does not begin with /'],
  [
    '--resolver dns.example',
    '--resolver: "dns.example" is not builtin, system or the ADDRESS[:PORT] of a name server',
  ],
  [
    '--whitelist a.example',
    '--whitelist: "a.example" is not ADDRESS or ADDRESS/BITS; names are not allowed here',
  ],
  ['--auth-once=soon', '--auth-once: "soon" is not yes, no or a time up to 24 days such as 30m, 8h or 1d'],
  ['--auth-once=', '--auth-once: needs a value'],
  ['--tarpit 9s', '--tarpit: an answer may be put off by 8s at most'],
  ['--chroot /jail', 'chroot is set without user, and root can leave a chroot; set user too, or neither'],
  ['-g nogroup', 'group is set without user; set user too, or neither'],
];

for (const [argv, problem] of USAGE) {
  test(`"${argv}" is refused`, (t) => {
    const loaded = load(argv.split(' '));
    t.deepEqual(problemsOf(loaded), [`command line: ${problem}`]);
    t.is(loaded.config, undefined);
  });
}

test('a whitelist without users is doubtful: everybody else comes in as well', (t) => {
  const why = 'says nothing without auth, because nobody has to log in; network says who may come';
  t.deepEqual(problemsOf(load(['--whitelist', '192.0.2.1', '--auth-once'])), [
    `command line: warning: whitelist ${why}`,
    `command line: warning: auth-once ${why}`,
  ]);
  t.deepEqual(problemsOf(load(['--auth-once=no'])), []);
});

test('a file with everything is read', (t) => {
  const config = configOf(
    loadFile(`
      # The C program's sample.
      listen = 127.0.0.1:1080
      anonymous
      nofork = no
      network = !10.0.0.66, 10.0.0.0/8
      network = ::1
      request = connect:*
      [*]
      network = 127.0.0.1
      [staff]
      base = *
      [guests]
      base = staff
      request = !connect:10.0.0.0/8,all:*
      [staff]
      request = all:*
    `),
  );
  t.true(config.anonymous);
  t.deepEqual(
    config.rules.network.map(({ text, origin }) => [text, origin]),
    [
      ['!10.0.0.66', { file: 'x.conf', line: 6 }],
      ['10.0.0.0/8', { file: 'x.conf', line: 6 }],
      ['::1', { file: 'x.conf', line: 7 }],
    ],
  );
  t.deepEqual(
    [...config.sections.values()].map(({ name, base, network, request }) => [
      ...[name, base],
      ...[network, request].map((rules) => rules.map(({ text }) => text)),
    ]),
    [
      ['*', undefined, ['127.0.0.1'], []],
      ['staff', '*', [], ['all:*']],
      ['guests', 'staff', [], ['!connect:10.0.0.0/8', 'all:*']],
    ],
  );
});

test('a file counts where it stands: later settings win, lists add up', (t) => {
  const files = { 'a.conf': 'maxconn = 2\nlisten = :2\nuser = a' };
  const config = configOf(
    load(['--maxconn', '1', ':1', '-u', 'b', '-c', 'a.conf', '--maxconn=3', ':3'], files),
  );
  t.is(config.maxSessions, 3);
  t.is(config.user, 'a');
  t.deepEqual(config.listen, [any(1), any(2), any(3)]);
});

test('names of files count from the folder of the file in which they stand', (t) => {
  const files = {
    '/etc/p/main.conf': 'include = sub/users.conf\npidfile = p.pid\nauth = /abs',
    '/etc/p/sub/users.conf': 'auth = htpasswd:users',
  };
  const loaded = load(['-c', 'main.conf', '-a', 'here'], files, '/etc/p');
  t.deepEqual(
    configOf(loaded).auth.map(({ file }) => file),
    ['/etc/p/sub/users', '/abs', '/etc/p/here'],
  );
  t.is(configOf(loaded).pidFile, '/etc/p/p.pid');
  t.deepEqual(loaded.files, ['/etc/p/main.conf', '/etc/p/sub/users.conf']);
});

test('an included file begins outside every section, and leaves that of the including file alone', (t) => {
  const files = { a: 'include = b\nmaxconn = 9', b: '[staff]\nnetwork = *' };
  t.is(configOf(load(['-c', 'a'], files)).maxSessions, 9);
});

test('a file may be read twice, but not from within itself', (t) => {
  t.deepEqual(problemsOf(load(['-c', 'a', '-c', 'a'], { a: 'maxconn = 1' })), []);
  t.deepEqual(problemsOf(load(['-c', 'a'], { a: 'include = b', b: '\ninclude = ./a' })), [
    'b:2: include: a includes itself: a, then b, then a',
  ]);
});

test('files may be nested, but not without end', (t) => {
  const chain = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`f${at}`, `include = f${at + 1}`]));
  t.deepEqual(problemsOf(load(['-c', 'f0'], chain)), ['f15:1: include: files are nested deeper than 16']);
});

test('a file that cannot be read is a problem of that file, with the reason', (t) => {
  t.deepEqual(problemsOf(load(['-c', 'a'], { a: 'include = b' })), [
    'b: cannot be read: no such file or directory (included at a:1)',
  ]);
  const refused = loadConfig(['-c', 'a'], () => {
    throw systemError('EACCES');
  });
  t.deepEqual(problemsOf(refused), ['a: cannot be read: permission denied']);
  t.deepEqual(refused.files, ['a']);
});

/** Lines that are wrong, with the one thing that is said about each. */
const LINES: readonly (readonly [text: string, problem: string])[] = [
  ['idle-timout = 5m', ':1: unknown key "idle-timout"; did you mean "idle-timeout"?'],
  ['config = x', ':1: unknown key "config"; did you mean "config-version"?'],
  ['check = yes', ':1: unknown key "check"'],
  ['maxconn', ':1: maxconn: needs a value'],
  ['network =', ':1: network: needs a value'],
  ['include', ':1: include: an empty text is no file name'],
  [
    'maxconn = 5 # five',
    ':1: maxconn: "5 # five" is not a count; write a whole number from 0 to 999999999; ' +
      'a comment needs a line of its own',
  ],
  ['\n= x', ':2: no key before "="; write key = value'],
  ['[a', ':1: malformed section header; write [GROUP] or [*] on a line of its own'],
  ['base = a', ':1: "base" belongs in a section; outside every section is the base'],
  ['[a]\nmaxconn = 1', ':2: "maxconn" does not belong in section [a]; move it above the first section'],
  ['[a]\nnetwrk = *', ':2: unknown key "netwrk"; did you mean "network"?'],
  ['[a]\nbase = b', ':2: base of [a]: there is no section "b"'],
  ['[staff]\n[a]\nbase = staf', ':3: base of [a]: there is no section "staf"; did you mean "staff"?'],
  ['[a]\nbase = a', ':2: base of [a]: goes round in a circle: a, then a'],
  [
    'network = gate.example',
    ':1: network: "gate.example" is a name, and rules are not looked up; write its address',
  ],
];

for (const [text, problem] of LINES) {
  test(`the file ${JSON.stringify(text)} is refused`, (t) => {
    const loaded = loadFile(text);
    t.deepEqual(problemsOf(loaded), [`x.conf${problem}`]);
    t.is(loaded.config, undefined);
  });
}

test('each section of a circle of bases is told, and one that only leads to it is not', (t) => {
  t.deepEqual(problemsOf(loadFile('[a]\nbase = b\n[b]\nbase = a\n[c]\nbase = a')), [
    'x.conf:2: base of [a]: goes round in a circle: a, then b, then a',
    'x.conf:4: base of [b]: goes round in a circle: b, then a, then b',
  ]);
});

test('all problems are told at once', (t) => {
  const files = { a: 'maxcon = 1\n[b]\nbase = c\n', d: 'network = x.y\nloglevel = loud' };
  const problems = problemsOf(load(['--nope', '-c', 'a', '-c', 'd', '-c', 'e', ':70000', '-g', 'g'], files));
  const places = problems.map((problem) => problem.replace(/: .*/, ''));
  t.deepEqual(places.sort(), [
    'a:1',
    'a:3',
    'command line',
    'command line',
    'command line',
    'd:1',
    'd:2',
    'e',
  ]);
});

test('a port may be a name of /etc/services, which is read only then', (t) => {
  const files = {
    '/etc/services': '# comment\nhttp\t80/tcp www # web\nsocks 1080/tcp\nsocks 1080/udp\nbroken x/tcp',
  };
  const loaded = load(['*:www', '127.0.0.1:socks'], files);
  t.deepEqual(
    configOf(loaded).listen.map((address) => (address.kind === 'endpoint' ? address.endpoint.port : 0)),
    [0, 1080],
  );
  t.deepEqual(configOf(loaded).listen[0], any(80));
  t.deepEqual(loaded.files, ['/etc/services']);
  t.regex(problemsOf(load(['*:www'])).join(), /\/etc\/services: cannot be read/);
});

test('no field of a configuration is left without a row of the table', (t) => {
  const optional = [
    'user',
    'group',
    'chroot',
    'pidFile',
    'stateFile',
    'control',
    'ready',
    'metrics',
    'page',
    'accounting',
    'gssapiKeytab',
    'gssapiRealm',
    'pac',
    'device',
    'mark',
    'typeOfService',
    'proxyAuth',
    'proxyCa',
    'tlsClientCa',
    'helperAs',
    'saslauthdRealm',
    'ldapBase',
    'ldapGroup',
    'ldapBind',
    'ldapPasswordFile',
    'ldapCa',
    'fleet',
    'fleetName',
    'fleetStore',
    'fleetAuth',
    'fleetCa',
    'fleetZone',
    'configVersion',
  ];
  for (const [field, value] of Object.entries(DEFAULTS)) {
    t.is(value === undefined, optional.includes(field), field);
  }
});

test('no command line and no file makes it throw', (t) => {
  const word = fc.oneof(
    fc.constantFrom(
      ...OPTIONS.flatMap(({ keyword, short }) => [`--${keyword}`, `-${short ?? 'c'}`, `--${keyword}=x`]),
    ),
    fc.constantFrom('-c', 'f', '*:1', '::1', '--', '0', 'yes', '10.0.0.0/8', '!all:*'),
    fc.string({ unit: 'binary' }),
  );
  const line = fc.oneof(
    fc
      .tuple(fc.constantFrom('include', 'base', ...OPTIONS.map(({ keyword }) => keyword)), word)
      .map((kv) => kv.join(' = ')),
    fc.constantFrom('[*]', '[a]', '[b]', 'base = a', 'base = b', 'include = f'),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(word), fc.array(line), (argv, lines) => {
      const loaded = load(['-c', 'f', ...argv], { f: lines.join('\n') });
      const hasErrors = loaded.problems.some(({ severity }) => severity === 'error');
      const hasNone = loaded.action === 'help' || loaded.action === 'version' || hasErrors;
      t.is(loaded.config === undefined, hasNone);
    }),
  );
});
