// The command line and the files of PicoSOCKS5, the C program, as its manual has them.
import test from 'ava';
import type { Config } from '../../src/config/model/config.ts';
import { configOf, load, problemsOf } from '../support/configuration.ts';

/** What is looked at of a configuration: where it listens, and the rules as written. */
function gist(config: Config): Record<string, unknown> {
  const { listen, auth, rules, sections, ...rest } = config;
  const texts = (list: readonly { readonly text: string }[]): string => list.map(({ text }) => text).join();
  const groups = [...sections.values()].map(
    ({ name, base, network, request }) => [name, base ?? '', texts(network), texts(request)] as const,
  );
  return {
    ...rest,
    listen: listen.map((each) => JSON.stringify(each)).join(),
    auth: auth.map(({ format, file }) => `${format}:${file}`).join(),
    network: texts(rules.network),
    request: texts(rules.request),
    groups: groups.map((each) => each.join('|')).join('; '),
  };
}

const SERVICES = { '/etc/services': 'socks 1080/tcp' };
const ANY = '{"kind":"any","port":1080}';

const COMMAND_LINES: readonly (readonly [line: string, means: Readonly<Record<string, unknown>>])[] = [
  // The example of its README.
  [
    '-u nobody -g nogroup -a authfile.txt *:1080',
    { user: 'nobody', group: 'nogroup', auth: 'auto:/d/authfile.txt', listen: ANY, foreground: false },
  ],
  ['', { listen: ANY, logMode: 'syslog', maxSessions: 0, anonymous: false }],
  [':1081', { listen: '{"kind":"any","port":1081}' }],
  ['127.0.0.1', { listen: '{"kind":"endpoint","endpoint":{"ip":"127.0.0.1","port":1080}}' }],
  ['[::1]:21080', { listen: '{"kind":"endpoint","endpoint":{"ip":"::1","port":21080}}' }],
  ['localhost:socks', { listen: '{"kind":"name","host":"localhost","port":1080}' }],
  ['--auth password:one -a two', { auth: 'password:/d/one,auto:/d/two' }],
  ['-A -a one', { anonymous: true }],
  ['--anonymous -a one', { anonymous: true }],
  ['-B 192.0.2.1 --bind 2001:db8::1', { bind: ['192.0.2.1', '2001:db8::1'] }],
  ['--bind @eth0', { bind: ['@eth0'] }],
  ['--maxconn 100', { maxSessions: 100 }],
  ['--timeout 1.5', { idleTimeoutMs: 1500 }],
  ['--timeout 0', { idleTimeoutMs: 0 }],
  ['--timeout=3600', { idleTimeoutMs: 3_600_000 }],
  [
    '--network !192.168.1.0/24,192.168.0.0/16 --network ::1',
    { network: '!192.168.1.0/24,192.168.0.0/16,::1' },
  ],
  ['--request !connect:10.0.0.0/8,connect,bind:*', { request: '!connect:10.0.0.0/8,connect,bind:*' }],
  ['--request all', { request: 'all' }],
  ['--request assoc:2001:db8::/32', { request: 'assoc:2001:db8::/32' }],
  ['-u 65534 -g 0xfffe', { user: '65534', group: '0xfffe' }],
  ['--user daemon --group mail', { user: 'daemon', group: 'mail' }],
  ['--nofork', { foreground: true, logMode: 'syslog' }],
  ['-L stderr', { logMode: 'stderr', foreground: true }],
  ['--logmode combined', { logMode: 'combined', foreground: true }],
  ['-v err', { logLevel: 'err' }],
  ['-v error', { logLevel: 'err' }],
  ['--loglevel none', { logLevel: 'none' }],
];

for (const [line, means] of COMMAND_LINES) {
  test(`the command line of the C program: ${line}`, (t) => {
    const loaded = load(line === '' ? [] : line.split(' '), SERVICES, '/d');
    t.deepEqual(problemsOf(loaded), []);
    t.like(gist(configOf(loaded)), means);
  });
}

test('files of the C program: include, sections, base, flags and blanks', (t) => {
  const files = {
    '/etc/p/picosocks5.conf': [
      '# Both kinds',
      '; of comments',
      '  listen = 127.0.0.1:1081  ',
      'auth=password:authfile.txt',
      'anonymous = 1',
      'nofork = true',
      'timeout = 2.5',
      'maxconn=10',
      'bind = @eth0',
      'network = 127.0.0.0/8, 10.0.0.0/8',
      'request = !connect:10.0.0.1, all',
      'include = groups/staff.conf',
      'loglevel = notice',
    ].join('\n'),
    '/etc/p/groups/staff.conf': [
      'maxconn = 20',
      'include=more.conf',
      '[staff]',
      'network = 127.0.0.1',
      '[guests]',
      'base = staff',
      'request = connect',
      '[*]',
      'request = !all',
      '[staff]',
      'request = bind:*',
    ].join('\r\n'),
    '/etc/p/groups/more.conf': 'user = nobody\ngroup=nogroup\n',
  };
  const loaded = load(['-c', '/etc/p/picosocks5.conf', '--maxconn', '30'], files);
  t.deepEqual(problemsOf(loaded), []);
  t.like(gist(configOf(loaded)), {
    listen: '{"kind":"endpoint","endpoint":{"ip":"127.0.0.1","port":1081}}',
    auth: 'password:/etc/p/authfile.txt',
    anonymous: true,
    foreground: true,
    idleTimeoutMs: 2500,
    maxSessions: 30,
    bind: ['@eth0'],
    network: '127.0.0.0/8,10.0.0.0/8',
    request: '!connect:10.0.0.1,all',
    user: 'nobody',
    group: 'nogroup',
    logLevel: 'notice',
    groups: 'staff||127.0.0.1|bind:*; guests|staff||connect; *|||!all',
  });
});

test('later settings win over earlier ones, wherever they stand', (t) => {
  const files = { 'one.conf': 'maxconn = 1\nloglevel = err', 'two.conf': 'maxconn = 2' };
  const { config } = load(['--maxconn', '5', '-c', 'one.conf', '-v', 'debug', '-c', 'two.conf'], files);
  t.like(config, { maxSessions: 2, logLevel: 'debug' });
});
