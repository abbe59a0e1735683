import test from 'ava';
import { givenUser } from '../../src/auth/files/given.ts';
import { MICROSOCKS } from '../../src/compat/microsocks.ts';
import { HOST, read } from '../support/translation.ts';

const FRONT = ['nofork = yes', 'logmode = stderr', 'method-order = client'];
const USER = ['-u', 'joe', '-P', 'pass:word'];

interface Case {
  readonly argv: readonly string[];
  /** Beside those that are always there. */
  readonly lines: readonly string[];
}

const AUTH = 'auth = /etc/picosocks5/users';

const CASES: Readonly<Record<string, Case>> = {
  'nothing means 0.0.0.0:1080': { argv: [], lines: ['listen = 0.0.0.0:1080'] },
  '-i and -p say where it listens': {
    argv: ['-i', '127.0.0.1', '-p', '1081'],
    lines: ['listen = 127.0.0.1:1081'],
  },
  'the last -i and -p count': {
    argv: ['-i', '127.0.0.1', '-i127.0.0.2', '-p', '1', '-p2'],
    lines: ['listen = 127.0.0.2:2'],
  },
  '-i takes IPv6 without brackets': { argv: ['-i', '::1'], lines: ['listen = [::1]:1080'] },
  '-i :: is both families, as the kernel has it': { argv: ['-i', '::'], lines: ['listen = *:1080'] },
  '-i takes a name': { argv: ['-i', 'localhost'], lines: ['listen = localhost:1080'] },
  '-b says where connections come from': {
    argv: ['-b', '127.0.0.2'],
    lines: ['listen = 0.0.0.0:1080', 'source = 127.0.0.2'],
  },
  '-q keeps it silent': { argv: ['-q'], lines: ['listen = 0.0.0.0:1080', 'loglevel = none'] },
  '-u and -P are a user in memory': { argv: USER, lines: ['listen = 0.0.0.0:1080', AUTH] },
  '-1 remembers for as long as can be said': {
    argv: ['-1', ...USER],
    lines: ['listen = 0.0.0.0:1080', AUTH, 'auth-once = 24d'],
  },
  '-w lets in those addresses, and nobody after a login': {
    argv: [...USER, '-w', '192.0.2.1,2001:db8::1'],
    lines: ['listen = 0.0.0.0:1080', AUTH, 'whitelist = 192.0.2.1', 'whitelist = 2001:db8::1'],
  },
};

for (const [title, { argv, lines }] of Object.entries(CASES)) {
  test(`microsocks: ${title}`, async (t) => {
    const said = await read(MICROSOCKS, argv);
    t.is(said.told, undefined);
    t.deepEqual([...said.lines].sort(), [...lines, ...FRONT].sort());
  });
}

test('microsocks: -w looks names up', async (t) => {
  const { lines } = await read(MICROSOCKS, [...USER, '-w', 'localhost']);
  t.true(lines.includes('whitelist = 127.0.0.1') || lines.includes('whitelist = ::1'), lines.join('\n'));
});

test('microsocks: the password is in the user alone', async (t) => {
  const said = await read(MICROSOCKS, USER);
  t.deepEqual(said.users, [`joe $base64$${Buffer.from('pass:word').toString('base64')}`]);
  t.deepEqual(said.problems, []);
  t.notRegex([...said.lines, ...said.problems].join('\n'), /pass:word/);
});

test('microsocks: what is told about the user is one line of comment', async (t) => {
  const said = await MICROSOCKS.translate([], {
    ...HOST,
    argumentBytes: ['-u', 'joe\nnetwork = *', '-P', 'x'],
  });
  t.true(said.kind === 'settings');
  t.regex(said.kind === 'settings' ? said.unprinted.join() : '', /^The password .* "joe\\nnetwork = \*"$/);
});

test('microsocks: as root it ends as nobody', async (t) => {
  t.true((await read(MICROSOCKS, [], { isRoot: true })).lines.includes('user = nobody'));
});

test('microsocks: without a user it says whom it does not serve, unless that is settled', async (t) => {
  const { problems } = await read(MICROSOCKS, []);
  t.is(problems.length, 1);
  t.regex(problems[0]!, /warning: only clients of this host.*--as microsocks --network='\*' -- /);
  for (const keyword of ['network', 'auth', 'config']) {
    t.deepEqual((await read(MICROSOCKS, [], { own: new Set([keyword]) })).problems, [], keyword);
  }
});

const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'error: option -p requires an operand': ['-p'],
  'error: user and pass must be used together': ['-u', 'joe'],
  'error: -1/-w options must be used together with user/pass': ['-1'],
  'error: -w: failed to resolve nowhere.invalid': [...USER, '-w', '127.0.0.1,nowhere.invalid'],
  'error: -b: failed to resolve nowhere.invalid': ['-b', 'nowhere.invalid'],
  'error: user and pass must have 1 to 255 bytes each': ['-u', '', '-P', 'x'],
  'error: -i: an empty text is no address': ['-i', ''],
  'usage: microsocks': ['-h'],
};

for (const [message, argv] of Object.entries(REFUSED)) {
  test(`microsocks: ${argv.join(' ')} ends with 1: ${message}`, async (t) => {
    const { told, status } = await read(MICROSOCKS, argv);
    t.true(told?.startsWith(`stderr: ${message}`), told);
    t.is(status, 1);
  });
}

test('user and password are the bytes of the command line, and a line whose bytes nobody knows is refused', async (t) => {
  const argumentBytes = ['-u', 'j\xf6', '-P', 'p\xe4 "s'];
  const said = await MICROSOCKS.translate([], { ...HOST, argumentBytes });
  const [given] = said.kind === 'settings' ? (said.given?.users ?? []) : [];
  t.is(given?.key, 'j\xf6');
  t.deepEqual(given?.user.hashes, givenUser(Buffer.of(1), Buffer.from('p\xe4 "s', 'latin1')).user.hashes);
  const refused = await MICROSOCKS.translate(['-u', 'x', '-P', '\uFFFD'], HOST);
  t.regex(refused.kind === 'told' ? refused.text : '', /not UTF-8/);
});
