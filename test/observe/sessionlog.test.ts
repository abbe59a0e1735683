import test from 'ava';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULTS, Fault } from '../../src/base/fault.ts';
import { parseIp, type Endpoint } from '../../src/base/ip.ts';
import type { RecordLevel } from '../../src/observe/lines/level.ts';
import { formatText } from '../../src/observe/lines/record.ts';
import type { Log } from '../../src/observe/log.ts';
import { reportTo } from '../../src/observe/sessionlog.ts';
import type { SessionEvent, SessionFacts } from '../../src/session/events.ts';

function endpoint(ip: string, port: number): Endpoint {
  return { ip: parseIp(ip)!, port };
}

const FRESH: SessionFacts = {
  id: 7,
  client: endpoint('192.0.2.1', 5000),
  startedAtMs: 0,
  identity: undefined,
  command: undefined,
  destination: undefined,
  dialled: undefined,
};
const DONE: SessionFacts = {
  ...FRESH,
  identity: { kind: 'user', name: 'ann b', group: undefined },
  command: 'connect',
  destination: { kind: 'name', name: 'example.org', port: 443 },
  dialled: endpoint('2001:db8::5', 443),
};
const ABOUT_DONE =
  'id=7 client=192.0.2.1:5000 user="ann b" cmd=connect dest=example.org:443 dialled=[2001:db8::5]:443';

const CASES: readonly [string, SessionEvent, RecordLevel, string][] = [
  ['accepted', { kind: 'accepted', session: FRESH }, 'debug', 'accepted id=7 client=192.0.2.1:5000'],
  [
    'turnedAway',
    { kind: 'turnedAway', client: FRESH.client, fault: new Fault('SESSIONS_FULL'), count: 12 },
    'warn',
    'turned-away client=192.0.2.1:5000 count=12 why=SESSIONS_FULL text="too many sessions; see maxconn, and who holds them: \\"pis5ctl sessions\\""',
  ],
  [
    'turnedAway without a client',
    { kind: 'turnedAway', client: undefined, fault: new Fault('RESOURCES_EXHAUSTED', 'EMFILE'), count: 1 },
    'warn',
    'turned-away count=1 why=RESOURCES_EXHAUSTED detail=EMFILE text="out of descriptors or memory; ' +
      'see \\"ulimit -n\\" of the daemon, maxconn, and the memory of this host"',
  ],
  [
    'turnedAway because no password can be checked',
    {
      kind: 'turnedAway',
      client: FRESH.client,
      fault: new Fault('LOGIN_UNCHECKED', new Error('ENOENT')),
      count: 3,
    },
    'err',
    'turned-away client=192.0.2.1:5000 count=3 why=LOGIN_UNCHECKED detail=ENOENT ' +
      'text="the password could not be checked: a fault of this host and not of the client; right passwords are refused ' +
      'until that is mended: set the password of a damaged entry again, and where threads cannot start, restart the ' +
      'daemon, which then says what it needs"',
  ],
  [
    'listening',
    { kind: 'listening', session: { ...FRESH, command: 'bind' }, bound: endpoint('203.0.113.7', 4000) },
    'debug',
    'listening id=7 client=192.0.2.1:5000 cmd=bind bound=203.0.113.7:4000',
  ],
  [
    'stranger',
    {
      kind: 'stranger',
      session: { ...FRESH, command: 'bind' },
      peer: endpoint('198.51.100.9', 20),
      fault: new Fault('REQUEST_DENIED', '!bind:198.51.100.0/24 (test.conf:1)'),
      count: 3,
    },
    'info',
    'stranger id=7 client=192.0.2.1:5000 cmd=bind peer=198.51.100.9:20 count=3 why=REQUEST_DENIED ' +
      'detail="!bind:198.51.100.0/24 (test.conf:1)" text="denied by the request rules"',
  ],
  [
    'loginFailed with a forged name',
    {
      kind: 'loginFailed',
      session: FRESH,
      user: 'x\nlogin-failed client=203.0.113.9:1 why=LOGIN_FAILED',
      fault: new Fault('LOGIN_FAILED'),
    },
    'warn',
    'login-failed client=192.0.2.1:5000 why=LOGIN_FAILED id=7 ' +
      'user="x\\nlogin-failed client=203.0.113.9:1 why=LOGIN_FAILED" text="unknown user or wrong password"',
  ],
  [
    'banned, a client',
    {
      kind: 'banned',
      ban: { kind: 'client', name: '2001:db8::/64', endsAt: 0, lengthMs: 60_000 },
      client: FRESH.client,
      failures: 20,
    },
    'warn',
    'banned client=2001:db8::/64 secs=60 failures=20',
  ],
  [
    'banned, a name that was made up',
    {
      kind: 'banned',
      ban: { kind: 'user', name: 'x client=203.0.113.9', endsAt: 0, lengthMs: 1500 },
      client: FRESH.client,
      failures: 3,
    },
    'warn',
    'banned user="x client=203.0.113.9" secs=2 failures=3',
  ],
  [
    'connected',
    { kind: 'connected', session: DONE, bound: endpoint('198.51.100.1', 4000) },
    'debug',
    `connected ${ABOUT_DONE} bound=198.51.100.1:4000`,
  ],
  [
    'refused with the system’s error',
    {
      kind: 'refused',
      session: { ...DONE, identity: { kind: 'anonymous', userId: undefined } },
      fault: new Fault('CONNECT_FAILED', Object.assign(new Error('bad\nthing'), { code: 'EIO' })),
      rep: 1,
    },
    'notice',
    `refused ${ABOUT_DONE.replace(' user="ann b"', '')} rep=1 why=CONNECT_FAILED detail="EIO bad\\nthing" ` +
      'text="connection failed"',
  ],
  [
    'refused with a user id that would be a user',
    {
      kind: 'refused',
      session: { ...FRESH, identity: { kind: 'anonymous', userId: 'x user=root\nended' } },
      fault: new Fault('LOGIN_IMPOSSIBLE'),
      rep: 2,
    },
    'notice',
    'refused id=7 client=192.0.2.1:5000 userid="x user=root\\nended" rep=2 why=LOGIN_IMPOSSIBLE ' +
      'text="a login is required, and SOCKS4 has none"',
  ],
  [
    'ended with a user id',
    {
      kind: 'ended',
      session: { ...DONE, identity: { kind: 'anonymous', userId: 'ann' } },
      bytesUp: 0,
      bytesDown: 0,
      seconds: 1,
      endedBy: 'answered',
    },
    'info',
    `ended ${ABOUT_DONE.replace('user="ann b"', 'userid=ann')} up=0 down=0 secs=1 why=answered`,
  ],
  [
    'refused for want of rules, naming the option to set',
    { kind: 'refused', session: FRESH, fault: new Fault('CLIENT_NOT_LOCAL'), rep: undefined },
    'notice',
    `refused id=7 client=192.0.2.1:5000 why=CLIENT_NOT_LOCAL text="${FAULTS.CLIENT_NOT_LOCAL}` +
      '; to serve others set network, for example network = 192.0.2.0/24, or network = * for everybody"',
  ],
  [
    'ended',
    { kind: 'ended', session: DONE, bytesUp: 517, bytesDown: 1e9, seconds: 1.23456, endedBy: 'client-fin' },
    'info',
    `ended ${ABOUT_DONE} up=517 down=1000000000 secs=1.235 why=client-fin`,
  ],
  [
    'ended with datagrams that were dropped',
    {
      kind: 'ended',
      session: DONE,
      bytesUp: 1,
      bytesDown: 2,
      seconds: 3,
      endedBy: 'idle-timeout',
      dropped: { 'too-long': 2, stranger: 1 },
    },
    'info',
    `ended ${ABOUT_DONE} up=1 down=2 secs=3 why=idle-timeout dropped=too-long:2,stranger:1`,
  ],
  [
    'ended with proxies that took no datagrams',
    {
      kind: 'ended',
      session: DONE,
      bytesUp: 1,
      bytesDown: 2,
      seconds: 3,
      endedBy: 'idle-timeout',
      dropped: { 'no-proxy': 2 },
      fault: new Fault('PROXY_WITHOUT_UDP', 'socks5 proxy 192.0.2.9:1080: said REP 7'),
    },
    'info',
    `ended ${ABOUT_DONE} up=1 down=2 secs=3 why=idle-timeout dropped=no-proxy:2 detail="socks5 proxy 192.0.2.9:1080: said REP 7"`,
  ],
];

/** A log that remembers, and takes what `takes` takes. */
function memoryLog(takes: (level: RecordLevel) => boolean) {
  const lines: string[] = [];
  const log: Log = {
    enabled: takes,
    write: (level, event, fields = {}, text) =>
      void lines.push(`${level} ${formatText({ level, event, fields, text })}`),
    tell: (record) => void lines.push(`${record.level} ${formatText(record)}`),
    configure: () => undefined,
    drain: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return { log, lines };
}

for (const [name, event, level, expected] of CASES) {
  test(`reportTo() writes ${name}`, (t) => {
    const { log, lines } = memoryLog(() => true);
    reportTo(log)(event);
    t.deepEqual(lines, [`${level} ${expected}`]);
    const silent = memoryLog((asked) => asked !== level);
    reportTo(silent.log)(event);
    t.deepEqual(silent.lines, []);
  });
}

test('reportTo() cuts the cause of a fault and leaves other objects out', (t) => {
  const { log, lines } = memoryLog(() => true);
  const report = reportTo(log);
  for (const cause of ['y'.repeat(5000), { secret: 'hunter2' }]) {
    report({ kind: 'refused', session: FRESH, fault: new Fault('CONNECT_FAILED', cause), rep: undefined });
  }
  t.regex(lines[0]!, / detail=y{200} text=/);
  t.notRegex(lines[1]!, /detail|hunter2/);
});

test('reportTo() asks for the name of who comes, and writes it where it is known', (t) => {
  const { log, lines } = memoryLog((level) => level !== 'debug');
  const asked: string[] = [];
  const report = reportTo(log, {
    ask: (client) => void asked.push(client),
    find: (client) => (client === FRESH.client.ip ? 'host.example' : undefined),
  });
  report({ kind: 'accepted', session: FRESH });
  report({ kind: 'refused', session: FRESH, fault: new Fault('REQUEST_DENIED'), rep: 2 });
  report({
    kind: 'refused',
    session: { ...FRESH, client: endpoint('192.0.2.2', 1) },
    fault: new Fault('REQUEST_DENIED'),
    rep: 2,
  });
  t.deepEqual(asked, ['192.0.2.1']);
  t.regex(lines[0]!, / client=192\.0\.2\.1:5000 .* name=host\.example text=/);
  t.notRegex(lines[1]!, / name=/);
});

test('docs/logging.md names every event with its level and every field', (t) => {
  const doc = readFileSync(join(import.meta.dirname, '../../docs/logging.md'), 'utf8');
  for (const [, each] of CASES) {
    reportTo({
      ...memoryLog(() => true).log,
      tell({ level, event, fields }) {
        const row = new RegExp(`^\\| \`${event}\` +\\| ${level} +\\| (.*) \\|$`, 'm').exec(doc);
        t.truthy(row, `${event} ${level}`);
        for (const [key, value] of Object.entries(fields)) {
          if (value !== undefined) t.true(row?.[1]?.includes(key), `${event} ${key}`);
        }
      },
    })(each);
  }
});
