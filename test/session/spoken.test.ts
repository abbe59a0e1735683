// What the log says of clients that could not be served.
import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import {
  faultOfLogin,
  faultOfOpening,
  faultOfRequest,
  listMethods,
  withStage,
} from '../../src/session/spoken.ts';

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

for (const [owed, command, cause] of [
  ['nothing', undefined, 'before its first message was whole'],
  ['status', undefined, 'after the greeting, during the login'],
  ['verdict', undefined, 'while its login was being checked'],
  ['reply', undefined, 'after the greeting, before it had asked for anything'],
  ['reply', 'connect', 'after its request, while connecting'],
  ['reply', 'bind', 'it gave up BIND before anybody had come'],
] as const) {
  test(`a client that leaves while it is owed ${owed} of ${command ?? 'nothing yet'} is told where it left`, (t) => {
    const handshake = { owed, session: { command } } as Parameters<typeof withStage>[0];
    t.is(withStage(handshake, new Fault('CLIENT_CLOSED')).cause, cause);
    t.is(withStage(handshake, new Fault('CLIENT_CLOSED', 'why')).cause, 'why');
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    for (const errno of [reset, 'ECONNRESET', 'EPIPE'])
      t.is(withStage(handshake, new Fault('PEER_RESET', errno)).cause, cause);
    t.is(withStage(handshake, new Fault('PEER_RESET', '192.0.2.1:80')).cause, '192.0.2.1:80');
    t.is(withStage(handshake, new Fault('REQUEST_DENIED')).cause, undefined);
  });
}
