// What the log says of clients that could not be served.
import test from 'ava';
import { Deadline } from '../../src/base/deadline.ts';
import { Fault } from '../../src/base/fault.ts';
import type { Leg } from '../../src/net/transport.ts';
import { LISTENER } from '../../src/session/dialect.ts';
import { SOCKS5 } from '../../src/session/dialects/socks5.ts';
import { listMethods } from '../../src/session/login/authenticate.ts';
import { USERPASS } from '../../src/session/login/userpass.ts';
import { Logins } from '../../src/session/logins.ts';
import type { Handshake, Surroundings } from '../../src/session/session.ts';
import { faultOfLogin, faultOfOpening, faultOfRequest, withStage } from '../../src/session/spoken.ts';
import { ip } from '../support/ip.ts';
import { SNAPSHOT } from '../support/server.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

const OPENINGS: readonly (readonly [bytes: string, cause: string | undefined])[] = [
  ['47455420', 'first byte 0x47: an HTTP client; set this address as its SOCKS proxy, not as its HTTP proxy'],
  ['43', 'first byte 0x43: an HTTP client; set this address as its SOCKS proxy, not as its HTTP proxy'],
  [
    '504f5354202f',
    'first byte 0x50: an HTTP client; set this address as its SOCKS proxy, not as its HTTP proxy',
  ],
  ['4741', 'first byte 0x47'],
  ['160301', 'first byte 0x16: TLS; the client shall speak SOCKS in clear'],
  ['5353482d322e30', 'first byte 0x53: an SSH client'],
  ['00', 'first byte 0x00'],
  ['0a', 'first byte 0x0a'],
];

for (const [bytes, cause] of OPENINGS) {
  test(`a first message ${bytes} is shown as ${cause ?? 'nothing'}`, (t) => {
    t.is(faultOfOpening('VERSION_UNSUPPORTED', hex(bytes)).cause, cause);
  });
}

test('a client that leaves is a probe, or has said how much', (t) => {
  t.regex(String(faultOfOpening(undefined, hex('')).cause), /nothing at all: a probe/);
  t.is(faultOfOpening(undefined, hex('0502')).cause, 'after 2 bytes of its first message');
  t.is(faultOfRequest(undefined, hex('0501')).cause, 'after 2 bytes of its request');
  t.is(faultOfLogin(undefined, hex('0103616263')).cause, 'during the login');
});

test('no byte of a login is shown but its version', (t) => {
  t.is(faultOfLogin('LOGIN_VERSION_UNSUPPORTED', hex('05616263')).cause, 'version 05 instead of 01');
});

test('a name that no host can have is quoted, with its port, and bounded', (t) => {
  const request = (name: string) =>
    Buffer.concat([hex('05010003'), Buffer.from([name.length]), Buffer.from(name, 'latin1'), hex('01bb')]);
  t.is(faultOfRequest('NAME_INVALID', request('bad name\n')).cause, '"bad name\\n":443');
  t.true(String(faultOfRequest('NAME_INVALID', request('\u0001'.repeat(255))).cause).length < 600);
  t.is(faultOfRequest('ADDRESS_TYPE_UNSUPPORTED', hex('05010007')).cause, 'address type 07');
  t.is(faultOfRequest('MESSAGE_MALFORMED', hex('04')).cause, 'a request begins with 05, not with 04');
});

test('methods have names', (t) => {
  t.is(listMethods([0, 1, 2, 3, 0x80]), '00 (no login), 01 (GSSAPI), 02 (user and password), 03 (CHAP), 80');
  t.is(listMethods([]), 'none');
});

/** Gives `said`, then nothing more, and takes whatever it is told. */
function legThatSaid(said: string): Leg {
  const arrivals = [hex(said)];
  return {
    receive: () => (said === '' ? 'later' : (arrivals.shift() ?? 'later')),
    write: () => undefined,
  } as unknown as Leg;
}

/** Of a client that has to log in with a password, and then `said`. */
function inLogin(said: string): Handshake {
  const handshake = {
    session: { client: { ip: ip('192.0.2.7'), port: 7 } },
    snapshot: { ...SNAPSHOT, checkLogin: () => new Promise(() => undefined) },
    deadline: new Deadline(0, 'HANDSHAKE_TIMEOUT'),
    leg: legThatSaid(said),
    speaker: LISTENER,
  } as unknown as Handshake;
  void USERPASS.login(handshake, {
    logins: new Logins(),
    report: () => undefined,
  } as unknown as Surroundings);
  return handshake;
}

/** Of a client that is in. */
function loggedIn(): Handshake {
  const handshake = { leg: legThatSaid(''), speaker: LISTENER } as unknown as Handshake;
  void SOCKS5.request(handshake, { version: 5, greeting: { methods: [0] } }, {} as Surroundings);
  return handshake;
}

for (const [title, begin, command, cause] of [
  ['before its greeting', () => ({ speaker: LISTENER }), undefined, 'before its first message was whole'],
  ['before its password', () => inLogin(''), undefined, 'after the greeting, during the login'],
  ['after it', () => inLogin('0101610162'), undefined, 'while its login was being checked'],
  ['before its request', loggedIn, undefined, 'after the greeting, before it had asked for anything'],
  ['after CONNECT', loggedIn, 'connect', 'after its request, while connecting'],
  ['after BIND', loggedIn, 'bind', 'it gave up BIND before anybody had come'],
] as const) {
  test(`a client that leaves ${title} is told where it left`, async (t) => {
    const begun = begin();
    // What is there is read at once, and the login hears of it in a later turn.
    await new Promise(setImmediate);
    const handshake = { speaker: begun.speaker, session: { command } } as Parameters<typeof withStage>[0];
    t.is(withStage(handshake, new Fault('CLIENT_CLOSED')).cause, cause);
    t.is(withStage(handshake, new Fault('CLIENT_CLOSED', 'why')).cause, 'why');
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    for (const errno of [reset, 'ECONNRESET', 'EPIPE'])
      t.is(withStage(handshake, new Fault('PEER_RESET', errno)).cause, cause);
    t.is(withStage(handshake, new Fault('PEER_RESET', '192.0.2.1:80')).cause, '192.0.2.1:80');
    t.is(withStage(handshake, new Fault('REQUEST_DENIED')).cause, undefined);
  });
}
