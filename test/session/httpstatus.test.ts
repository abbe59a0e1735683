// A chain of ours over HTTP tells the same as one over SOCKS5: each fault to its answer and back, beside its REP and back.
import test from 'ava';
import { Fault, FAULTS, type FaultCode } from '../../src/base/fault.ts';
import { faultOfAnswer, faultOfRep } from '../../src/net/proxies/replies.ts';
import { decodeConnectAnswer } from '../../src/protocol/httpconnect.ts';
import { encodeHttpReply } from '../../src/protocol/http/httpreply.ts';
import { STATUS_OF } from '../../src/session/dialects/httpstatus.ts';
import { refuse } from '../../src/session/refuse.ts';
import type { Handshake } from '../../src/session/session.ts';

/** What a fault becomes where another one of ours hears of it by SOCKS5; undefined: nothing is said. */
function bySocks(code: FaultCode): FaultCode | undefined {
  let told: number | undefined;
  const handshake = {
    deadline: { clear: () => undefined },
    leg: { write: () => undefined, close: () => undefined, local: { ip: '127.0.0.1', port: 1 } },
    speaker: { refusal: (rep: number | undefined) => void (told = rep), tellsRep: true, stage: () => '' },
    home: { crowdedOut: () => undefined },
    session: {},
  } as unknown as Handshake;
  refuse(handshake, new Fault(code), () => undefined);
  return told === undefined ? undefined : faultOfRep(told);
}

function byHttp(code: FaultCode): FaultCode | undefined {
  const told = STATUS_OF[code];
  if (told === undefined) return undefined;
  const answer = decodeConnectAnswer(
    encodeHttpReply({ ...told, body: FAULTS[code], shows: 'body', connection: 'close' }),
  );
  return answer.kind === 'done' ? faultOfAnswer(answer.value) : undefined;
}

/** Where HTTP says more or less than a REP: logins, which SOCKS refuses before there is a REP, and what it has no word for. */
const OTHERWISE: Partial<Record<FaultCode, FaultCode | undefined>> = {
  VERSION_UNSUPPORTED: 'PROXY_FAILED',
  METHOD_UNACCEPTABLE: 'PROXY_LOGIN_FAILED',
  LOGIN_VERSION_UNSUPPORTED: 'PROXY_LOGIN_FAILED',
  LOGIN_FAILED: 'PROXY_LOGIN_FAILED',
  LOGIN_EMPTY: 'PROXY_LOGIN_FAILED',
  LOGIN_LOCKED: 'PROXY_LOGIN_FAILED',
  LOGIN_EXPIRED: 'PROXY_LOGIN_FAILED',
  LOGIN_IMPOSSIBLE: 'PROXY_LOGIN_FAILED',
  TICKET_REFUSED: 'PROXY_LOGIN_FAILED',
  LOGIN_BUSY: 'PROXY_FAILED',
  LOGIN_UNCHECKED: 'PROXY_FAILED',
  LOGIN_UNAVAILABLE: 'PROXY_FAILED',
  ADDRESS_TYPE_UNSUPPORTED: 'PROXY_FAILED',
  FAMILY_UNSUPPORTED: 'NETWORK_UNREACHABLE',
  USER_ID_TOO_LONG: 'PROXY_FAILED',
  SESSIONS_FULL: 'PROXY_FAILED',
  HANDSHAKE_TIMEOUT: 'PROXY_FAILED',
  SHUTTING_DOWN: 'PROXY_FAILED',
  CLIENT_IS_SELF: 'PROXY_DENIED',
};

for (const code of Object.keys(FAULTS) as FaultCode[]) {
  test(`${code} is the same by HTTP as by SOCKS5`, (t) => {
    const expected = code in OTHERWISE ? OTHERWISE[code] : bySocks(code);
    t.is(byHttp(code), expected);
  });
}

test('a status without an error type has the meaning that other proxies give it', (t) => {
  t.is(faultOfAnswer({ status: 503 }), 'HOST_UNREACHABLE');
  t.is(faultOfAnswer({ status: 504, error: 'something_new' }), 'CONNECT_TIMEOUT');
  t.is(faultOfAnswer({ status: 407, error: 'http_request_denied' }), 'PROXY_LOGIN_FAILED');
});

test('of several proxies the error type of the nearest one counts', (t) => {
  const text =
    'HTTP/1.1 502 x\r\nProxy-Status: far; error=dns_error, near; error=connection_refused\r\n' +
    'Proxy-Status: nearest;error=connection_timeout;details="x"\r\n\r\n';
  const decoded = decodeConnectAnswer(Buffer.from(text));
  t.is(decoded.kind === 'done' && decoded.value.error, 'connection_timeout');
});
