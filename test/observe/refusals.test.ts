import test, { type ExecutionContext } from 'ava';
import { Fault, type FaultCode } from '../../src/base/fault.ts';
import type { LogLevel } from '../../src/config/model/config.ts';
import { takesLevel } from '../../src/observe/lines/level.ts';
import { formatText } from '../../src/observe/lines/record.ts';
import type { Log } from '../../src/observe/log.ts';
import { RECORD_PLANS, Refusals } from '../../src/observe/refusals.ts';
import type { SessionEvent, SessionFacts } from '../../src/session/events.ts';
import { ip } from '../support/ip.ts';

function sessionOf(client: string): SessionFacts {
  return {
    id: 1,
    client: { ip: ip(client), port: 5000 },
    startedAtMs: 0,
    identity: undefined,
    command: undefined,
    destination: undefined,
    dialled: undefined,
  };
}

function refusal(client: string, code: FaultCode): SessionEvent {
  return { kind: 'refused', session: sessionOf(client), fault: new Fault(code), rep: undefined };
}

/** Events that were passed on, and records of those told together. */
function start(t: ExecutionContext, level: LogLevel = 'debug') {
  const passed: SessionEvent[] = [];
  const lines: string[] = [];
  const log: Log = {
    enabled: (asked) => takesLevel(level, asked),
    write: (asked, event, fields = {}) =>
      void lines.push(`${asked} ${formatText({ level: asked, event, fields })}`),
    tell: () => t.fail(),
    configure: () => undefined,
    drain: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const refusals = new Refusals(log, (event) => void passed.push(event));
  t.teardown(() => refusals.tell());
  return { passed, lines, refusals };
}

test('the first refusals of a client are passed on, the rest is told together with its causes', (t) => {
  const { passed, lines, refusals } = start(t);
  for (let at = 0; at < 100; at++) {
    refusals.report(refusal('192.0.2.1', at % 4 === 0 ? 'NAME_NOT_FOUND' : 'REQUEST_DENIED'));
  }
  refusals.report(refusal('192.0.2.2', 'REQUEST_DENIED'));
  t.is(passed.length, 21);
  t.deepEqual(lines, []);
  refusals.tell();
  t.is(lines.length, 1);
  t.regex(
    lines[0]!,
    /^notice refused-more client=192\.0\.2\.1 count=80 secs=1 why=NAME_NOT_FOUND:20,REQUEST_DENIED:60$/,
  );
  refusals.tell();
  t.is(lines.length, 1);
});

test('failed logins, refusals and strangers are counted apart', (t) => {
  const { passed, lines, refusals } = start(t);
  const session = sessionOf('2001:db8::1');
  const peer = { ip: ip('192.0.2.7'), port: 20 };
  for (let at = 0; at < 130; at++) {
    refusals.report({ kind: 'loginFailed', session, user: 'x', fault: new Fault('LOGIN_FAILED') });
    refusals.report(refusal('2001:db8::2', 'LOGIN_FAILED'));
    refusals.report({ kind: 'stranger', session, peer, fault: new Fault('STRANGER'), count: 2 });
  }
  t.is(passed.length, RECORD_PLANS.loginFailed.perClient + 40);
  refusals.tell();
  t.deepEqual(lines, [
    'notice refused-more client=2001:db8::/64 count=110 secs=1 why=LOGIN_FAILED:110',
    'info stranger-more client=2001:db8::/64 count=220 secs=1 why=STRANGER:220',
    'warn login-failed-more client=2001:db8::/64 count=30 secs=1 why=LOGIN_FAILED:30',
  ]);
});

test('what the log does not take is not counted, and what is no refusal is passed on', (t) => {
  const { passed, lines, refusals } = start(t, 'warn');
  for (let at = 0; at < 50; at++) {
    refusals.report({ kind: 'accepted', session: sessionOf('192.0.2.1') });
    refusals.report(refusal('192.0.2.1', 'REQUEST_DENIED'));
  }
  refusals.tell();
  t.is(passed.filter(({ kind }) => kind === 'accepted').length, 50);
  t.deepEqual(lines, []);
});
