import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { explain } from '../../src/daemon/ask/explain.ts';
import { EXIT, StartFailure } from '../../src/daemon/unix/exit.ts';
import { configOf, load, loadFile } from '../support/configuration.ts';
import { ip } from '../support/ip.ts';

const USERS = { byName: new Map([['alice', { group: 'staff' }]]) };

const RULES = `
network = 10.0.0.0/8,203.0.113.0/24
request = !all:*:25
request = connect:.example.org time=mon-fri@08:00-18:00
request = connect:127.0.0.1:8080, connect:192.0.2.0/24, connect:*:80 userid=joe
[staff]
request = !connect:mail.example.org, connect:*:443
[user bob]
network = 10.9.0.0/16
`;

/** What is said about the stages, without the question; FILE:LINE as `(LINE)`. */
async function stages(query: string, text = RULES): Promise<readonly string[]> {
  const { text: told, status } = await explain(query, { config: configOf(loadFile(text)), users: USERS });
  const lines = told.replaceAll('x.conf:', '').trimEnd().split('\n');
  return [...lines.slice(1, -1).map((line) => line.trim()), `${lines.at(-1)?.split(',')[0] ?? ''} ${status}`];
}

const IN = '10.0.0.0/8 (2)';

/** Question, what the stages say. */
const CASES: readonly (readonly [query: string, told: readonly string[]])[] = [
  [
    'client=10.1.2.3 connect mail.example:25',
    [
      `client: allow: ${IN}`,
      `login: allow: ${IN}`,
      'name: deny: !all:*:25 (3); it is not looked up',
      'denied 1',
    ],
  ],
  [
    'client=10.1.2.3 time=mon@08:00 connect WWW.example.org.:443',
    [
      `client: allow: ${IN}`,
      `login: allow: ${IN}`,
      'name: allow: connect:.example.org time=mon-fri@08:00-18:00 (4)',
      'allowed 0',
    ],
  ],
  [
    'client=10.1.2.3 time=sun@12:00 ip=198.51.100.1 connect example.org:443',
    [
      `client: allow: ${IN}`,
      `login: allow: ${IN}`,
      'name: allow: its addresses decide',
      'address 198.51.100.1: deny: no request rule of the global section matches',
      'denied 1',
    ],
  ],
  [
    'client=203.0.113.9 connect 127.0.0.1:8080',
    [
      'client: allow: 203.0.113.0/24 (2)',
      'login: allow: 203.0.113.0/24 (2)',
      'address 127.0.0.1: allow: connect:127.0.0.1:8080 (5); it names the address, which stands above the guard',
      'allowed 0',
    ],
  ],
  [
    'client=203.0.113.9 userid=joe ip=10.0.0.1 connect a.test:80',
    [
      'client: allow: 203.0.113.0/24 (2)',
      'login: allow: 203.0.113.0/24 (2)',
      'name: allow: its addresses decide',
      'address 10.0.0.1: deny: the guard: it is more private than the client, and no rule names the address',
      'denied 1',
    ],
  ],
  [
    'user=alice client=10.1.2.3 ip=192.0.2.1 connect a.test:443',
    [
      `client: allow: ${IN}`,
      `login: allow: ${IN}`,
      'name: allow: connect:*:443 of [staff] (7)',
      'address 192.0.2.1: allow: connect:*:443 of [staff] (7); the guard agrees',
      'allowed 0',
    ],
  ],
  [
    'user=eve group=staff client=10.1.2.3 connect mail.example.org:443',
    [
      `client: allow: ${IN}`,
      `login: allow: ${IN}`,
      'name: deny: !connect:mail.example.org of [staff] (7); it is not looked up',
      'denied 1',
    ],
  ],
  [
    'user=bob client=10.1.2.3 resolve a.test',
    [
      `client: allow: ${IN}`,
      'login: deny: no network rule of [user bob] matches',
      'name: deny: no request rule of the global section matches; it is not looked up',
      'denied 1',
    ],
  ],
  [
    'client=10.1.2.3 bind 0.0.0.0:0',
    [
      `client: allow: ${IN}`,
      `login: allow: ${IN}`,
      'anybody: deny: no request rule of the global section matches',
      'denied 1',
    ],
  ],
  [
    'client=::ffff:10.1.2.3 connect [::ffff:192.0.2.1]:80',
    [
      `client: allow: ${IN}`,
      `login: allow: ${IN}`,
      'address 192.0.2.1: allow: connect:192.0.2.0/24 (5); the guard agrees',
      'allowed 0',
    ],
  ],
];

for (const [query, told] of CASES) {
  test(`explain() tells about "${query}"`, async (t) => {
    t.deepEqual(await stages(query), told);
  });
}

test('explain() begins with the question as it was understood', async (t) => {
  const config = configOf(loadFile(''));
  const first = async (query: string) => (await explain(query, { config, users: USERS })).text.split('\n')[0];
  t.is(
    await first('user=alice client=10.1.2.3 time=fri@22:30 connect Example.org:25'),
    'user alice of group staff from 10.1.2.3, fri 22:30: connect example.org:25',
  );
  t.is(
    await first('user=eve client=10.1.2.3 time=fri@22:30 bind [::1]:80'),
    'user eve without group, whom no file of users has, from 10.1.2.3, fri 22:30: bind [::1]:80',
  );
  t.regex((await first('group=x client=10.1.2.3 connect 192.0.2.1:1')) ?? '', /^a user of group x from /);
  t.regex(
    (await first('userid=joe client=10.1.2.3 connect 192.0.2.1:1')) ?? '',
    /^a client that calls itself joe from /,
  );
  t.regex((await first('client=10.1.2.3 connect 192.0.2.1:1')) ?? '', /^a client without login from /);
});

test('explain() tells why somebody is in or out where no rule is', async (t) => {
  t.deepEqual(await stages('client=10.1.2.3 connect 192.0.2.1:80', ''), [
    'client: allow: no network rule, and the client is local',
    'login: allow: no network rule, and the client is local',
    'address 192.0.2.1: allow: no request rule; the guard agrees',
    'allowed 0',
  ]);
  t.deepEqual(await stages('client=203.0.113.9 connect 192.0.2.1:80', ''), [
    'client: deny: no network rule admits clients from outside without a login',
    'login: deny: no network rule admits clients from outside without a login',
    'denied 1',
  ]);
  const users = 'auth = /users';
  t.deepEqual(await stages('client=203.0.113.9 connect 192.0.2.1:80', users), [
    'client: allow: no network rule, and clients can log in',
    'login: deny: clients have to log in: auth is set, anonymous is not',
    'denied 1',
  ]);
  t.deepEqual(await stages('user=alice client=203.0.113.9 connect 192.0.2.1:80', users), [
    'client: allow: no network rule, and clients can log in',
    'login: allow: no network rule, and the client has logged in',
    'address 192.0.2.1: allow: no request rule; the guard agrees',
    'allowed 0',
  ]);
});

test('explain() knows the whitelist, and says what it does not know', async (t) => {
  const whitelist = 'auth = /users\nwhitelist = 203.0.113.0/24\nauth-once = 1h\ntcp-wrappers = yes';
  const hosts = 'hosts.allow, hosts.deny: not asked here; tcpdmatch picosocks5 ADDRESS tells what they say';
  t.deepEqual(await stages('client=203.0.113.9 connect 192.0.2.1:80', whitelist), [
    'client: allow: no network rule, and clients can log in',
    'login: allow: no network rule, and the whitelist has the client',
    'address 192.0.2.1: allow: no request rule; the guard agrees',
    hosts,
    'allowed 0',
  ]);
  t.deepEqual(await stages('client=203.0.114.9 connect 192.0.2.1:80', whitelist), [
    'client: allow: no network rule, and clients can log in',
    'login: deny: clients have to log in: auth is set, anonymous is not, unless auth-once remembers the client',
    hosts,
    'denied 1',
  ]);
  const ruled = `${whitelist}\nnetwork = 203.0.113.8`;
  t.deepEqual((await stages('client=203.0.113.9 connect 192.0.2.1:80', ruled)).slice(0, 2), [
    'client: deny: no network rule of the global section matches',
    'login: deny: no network rule of the global section matches',
  ]);
});

test('explain() asks the resolver only where it is told to', async (t) => {
  const told = await stages('client=127.0.0.1 ip=lookup connect localhost:80', '');
  t.deepEqual(told.slice(2), [
    'name: allow: its addresses decide',
    'address ::1: allow: no request rule; the guard agrees',
    'address 127.0.0.1: allow: no request rule; the guard agrees',
    'allowed 0',
  ]);
  // One address that is allowed is enough, as for a session.
  const some = await stages('client=127.0.0.1 ip=lookup connect localhost:80', 'request = all:127.0.0.1');
  t.regex(some[3] ?? '', /^address ::1: deny: no request rule/);
  t.is(some.at(-1), 'allowed 0');
});

/** With the search list `corp.test`, below which `inner` alone exists. */
const SEARCHING = {
  completions: (name: string) => (name.includes('.') ? [name] : [`${name}.corp.test`, name]),
  lookup: (name: string) =>
    name === 'inner.corp.test' || name === 'outer'
      ? { ipv4: [ip('10.0.0.6')], ipv6: [] }
      : { ipv4: new Fault('NAME_NOT_FOUND'), ipv6: new Fault('NAME_NOT_FOUND') },
  close: () => undefined,
};

test('explain() completes a short name as a session does', async (t) => {
  const told = async (query: string, settings: string) => {
    const known = { config: configOf(loadFile(settings)), users: USERS, resolver: SEARCHING };
    const { text } = await explain(`client=127.0.0.1 ${query}`, known);
    return text.trimEnd().split('\n').slice(1);
  };
  const order = '  search: inner.corp.test, then inner: resolv.conf completes the name';
  t.is((await told('connect inner:80', ''))[0], order);
  const byName = 'request = all:inner.corp.test';
  const found = await told('ip=lookup connect inner:80', byName);
  t.is(found[0], '  search: inner.corp.test: resolv.conf completes the name');
  t.is(found.at(-1), 'allowed');
  t.true(
    (await told('ip=lookup connect outer:80', '')).includes(
      '  address 10.0.0.6: allow: no request rule; the guard agrees',
    ),
  );
  t.notRegex((await told('connect inner.corp.test:80', byName)).join('\n'), /search:/);
  await t.throwsAsync(told('ip=lookup connect none:80', ''), { message: /^--explain: none: / });
});

/** Questions that are none, and what is said about them. */
const WRONG: readonly (readonly [query: string, why: RegExp])[] = [
  ['', /does not say what is asked for; write client=ADDRESS COMMAND HOST:PORT/],
  ['connect 192.0.2.1:80', /does not say from where/],
  ['client=10.0.0.1 connect', /"" is not HOST:PORT/],
  ['client=10.0.0.1 connect example.org', /"example.org" is not HOST:PORT/],
  ['client=10.0.0.1 connect 127.1:80', /"127.1:80" is not HOST:PORT/],
  ['client=10.0.0.1 conect example.org:80', /"conect" is not connect, .*did you mean "connect"\?/],
  ['client=10.0.0.1 connect example.org:80 now', /"now" is too much/],
  ['client=gate connect example.org:80', /client=gate is not an address/],
  ['clinet=10.0.0.1 connect example.org:80', /"clinet=10.0.0.1" is not user=, .*did you mean "client"\?/],
  ['client= connect example.org:80', /client= needs a value/],
  ['client=10.0.0.1 time=25:00 connect a.test:80', /time=25:00 is not HH:MM or DAY@HH:MM/],
  ['client=10.0.0.1 time=frday@12:00 connect a.test:80', /time=frday@12:00 is not/],
  ['client=10.0.0.1 ip=x connect a.test:80', /ip=x is not an address or lookup/],
  ['client=10.0.0.1 user=a userid=b connect a.test:80', /has no userid=/],
];

for (const [query, why] of WRONG) {
  test(`explain() does not take "${query}"`, async (t) => {
    const failure = await t.throwsAsync(explain(query, { config: configOf(loadFile('')), users: USERS }), {
      instanceOf: StartFailure,
      message: why,
    });
    t.is(failure.status, EXIT.USAGE);
  });
}

test('explain() shows no more of a user id than the log', async (t) => {
  const { text } = await explain('client=127.0.0.1 userid=joe:secret connect 127.0.0.1:80', {
    config: configOf(loadFile('')),
    users: USERS,
  });
  t.regex(text, /that calls itself joe:\*\*\* from/);
  t.notRegex(text, /secret/);
});

test('--explain takes its question as one argument', (t) => {
  const loaded = load(['--explain', 'client=::1 connect a.test:80']);
  t.is(loaded.action, 'explain');
  t.is(loaded.query, 'client=::1 connect a.test:80');
  t.is(load(['--explain']).config, undefined);
});

const ROUTES = `
request = !connect:10.0.0.0/8, !connect:.bad.test, connect:*, assoc:*, bind:*
route = far.test any 192.0.2.1 1080 192.0.2.2 8080/H
route = near.test any 192.0.2.3 | 192.0.2.4 443/HS names=local
route = 198.51.100.0/24 any 192.0.2.5
`;

const LOCALS = [
  'client: allow: no network rule, and the client is local',
  'login: allow: no network rule, and the client is local',
];

const ROUTED: readonly (readonly [query: string, told: readonly string[]])[] = [
  [
    'connect www.far.test:80',
    [
      'name: allow: connect:* (2)',
      'route: through 192.0.2.2:8080,192.0.2.1:1080: far.test any 192.0.2.1 1080 192.0.2.2 8080/H (3)',
      'allowed 0',
    ],
  ],
  ['connect www.bad.test:80', ['name: deny: !connect:.bad.test (2); it is not looked up', 'denied 1']],
  [
    'ip=203.0.113.1 connect near.test:80',
    [
      'name: allow: connect:* (2)',
      'address 203.0.113.1: allow: connect:* (2); the guard agrees',
      'route: through 192.0.2.3:1080 | 192.0.2.4:443/tls: near.test any 192.0.2.3 | 192.0.2.4 443/HS names=local (4)',
      'allowed 0',
    ],
  ],
  [
    'ip=198.51.100.7 connect other.test:80',
    [
      'name: allow: connect:* (2)',
      'address 198.51.100.7: allow: connect:* (2); the guard agrees',
      'route of 198.51.100.7: through 192.0.2.5:1080: 198.51.100.0/24 any 192.0.2.5 (5)',
      'allowed 0',
    ],
  ],
  [
    'connect 203.0.113.1:80',
    [
      'address 203.0.113.1: allow: connect:* (2); the guard agrees',
      'route of 203.0.113.1: straight: no route matches',
      'allowed 0',
    ],
  ],
  [
    'assoc www.far.test:53',
    [
      'name: allow: assoc:* (2)',
      'route: nowhere, its proxies take no datagrams: far.test any 192.0.2.1 1080 192.0.2.2 8080/H (3)',
      'dropped 1',
    ],
  ],
  [
    'assoc 198.51.100.7:53',
    [
      'address 198.51.100.7: allow: assoc:* (2); the guard agrees',
      'route of 198.51.100.7: through 192.0.2.5:1080: 198.51.100.0/24 any 192.0.2.5 (5)',
      'allowed 0',
    ],
  ],
  [
    'bind www.far.test:0',
    [
      'name: allow: bind:* (2)',
      'route: through 192.0.2.2:8080,192.0.2.1:1080: far.test any 192.0.2.1 1080 192.0.2.2 8080/H (3)',
      'allowed 0',
    ],
  ],
  [
    'bind 198.51.100.7:0',
    [
      'address 198.51.100.7: allow: bind:* (2); the guard agrees',
      'route of 198.51.100.7: through 192.0.2.5:1080: 198.51.100.0/24 any 192.0.2.5 (5)',
      'allowed 0',
    ],
  ],
  [
    'connect a.Localhost:80 ip=127.0.0.1',
    [
      'name: allow: connect:* (2)',
      'address 127.0.0.1: allow: connect:* (2); the guard agrees',
      'route: straight: names below localhost and invalid stay here (RFC 6761)',
      'allowed 0',
    ],
  ],
  [
    'bind 0.0.0.0:0',
    ['anybody: allow: bind:* (2)', 'route of 0.0.0.0: straight: no route matches', 'allowed 0'],
  ],
];

for (const [query, told] of ROUTED) {
  test(`explain() tells the route of ${query}`, async (t) => {
    t.deepEqual(await stages(`client=127.0.0.1 ${query}`, ROUTES), [...LOCALS, ...told]);
  });
}
