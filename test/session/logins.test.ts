// What follows from logins over every transport: who need not log in, who is kept out, and what tells nothing.
import test, { type ExecutionContext } from 'ava';
import { Fault } from '../../src/base/fault.ts';
import type { CheckLogin } from '../../src/session/session.ts';
import { challenged, hear, message, respondTo } from '../support/chap.ts';
import { policy, section } from '../support/policy.ts';
import { SNAPSHOT, type TestServer } from '../support/server.ts';
import { transports } from '../support/transports.ts';
import {
  hex,
  IN,
  OUT,
  trusting,
  AUTH_ONCE,
  banning,
  USERS,
  loginsOver,
} from '../support/session/loginclients.ts';

/** Nobody listens on port 1: who is in hears so. */
const SOCKS4_REQUEST = hex('04 01 0001 7f000001 00');

for (const { name, create } of transports) {
  const transport = create();

  const { start, dial, ask, login, unnamed } = loginsOver(transport);

  const socks4 = async (t: ExecutionContext, server: TestServer, from?: string) => {
    await ask(await dial(t, server, from), SOCKS4_REQUEST, 8);
    return (await server.event('refused')).fault.code;
  };

  const chapLogin = async (t: ExecutionContext, server: TestServer, password: string, from?: string) => {
    const wire = await dial(t, server, from);
    const said = await challenged(wire, [0x11, Uint8Array.of(0x85)]);
    wire.send(message([0x02, 'alice'], [0x04, respondTo(said, password)]));
    return (await hear(wire)).bytes.toString('hex');
  };

  test(`${name}: whitelisted clients come in by 00 and SOCKS4 beside users, others do not`, async (t) => {
    const server = await start(t, trusting('127.0.0.2', '127.1.0.0/16'));
    t.is(await unnamed(t, server, '127.0.0.2'), '0500');
    t.is(await unnamed(t, server, '127.1.2.3'), '0500');
    t.is(await unnamed(t, server, '127.0.0.3'), '05ff');
    t.is((await server.event('refused')).fault.code, 'METHOD_UNACCEPTABLE');
    t.is(await socks4(t, server, '127.0.0.2'), 'CONNECTION_REFUSED');
    t.is(await socks4(t, server, '127.0.0.3'), 'LOGIN_IMPOSSIBLE');
  });

  test(`${name}: a whitelisted client that offers a login too has to log in`, async (t) => {
    const server = await start(t, trusting('127.0.0.2'));
    t.is(await ask(await dial(t, server, '127.0.0.2'), hex('05 02 00 02'), 2), '0502');
  });

  test(`${name}: the rules of [*] stand above the whitelist`, async (t) => {
    const named = [section('*', { network: '!127.0.0.2 *' })];
    const server = await start(t, { ...trusting('127.0.0.0/8'), policy: policy({ hasUsers: true, named }) });
    t.is(await unnamed(t, server, '127.0.0.2'), '05ff');
    t.is(await socks4(t, server, '127.0.0.2'), 'CLIENT_DENIED');
    t.is(await unnamed(t, server, '127.0.0.3'), '0500');
  });

  test(`${name}: the whitelist does not grow by a login`, async (t) => {
    const server = await start(t, trusting('127.0.0.2'));
    t.is(await login(t, server, 'right', '127.0.0.3'), IN);
    t.is(await unnamed(t, server, '127.0.0.3'), '05ff');
  });

  test(`${name}: with auth-once a login opens 00 and SOCKS4 for that address alone`, async (t) => {
    const server = await start(t, AUTH_ONCE);
    t.is(await login(t, server, 'wrong', '127.0.0.2'), OUT);
    await server.event('refused');
    t.is(await socks4(t, server, '127.0.0.2'), 'LOGIN_IMPOSSIBLE');
    t.is(await login(t, server, 'right', '127.0.0.2'), IN);
    t.is(await unnamed(t, server, '127.0.0.2'), '0500');
    t.is(await socks4(t, server, '127.0.0.2'), 'CONNECTION_REFUSED');
    t.is(await unnamed(t, server, '127.0.0.3'), '05ff');
    t.is(await chapLogin(t, server, 'right', '127.0.0.3'), '0101000100');
    t.is(await unnamed(t, server, '127.0.0.3'), '0500');
  });

  test(`${name}: a reload that switches auth-once off counts at once`, async (t) => {
    const server = await start(t, AUTH_ONCE);
    t.is(await login(t, server, 'right'), IN);
    server.server.replace({ ...SNAPSHOT, ...USERS, ...AUTH_ONCE });
    t.is(await unnamed(t, server), '0500');
    server.server.replace({ ...SNAPSHOT, ...USERS });
    t.is(await unnamed(t, server), '05ff');
  });

  for (const code of ['LOGIN_BUSY', 'LOGIN_UNCHECKED'] as const) {
    test(`${name}: a login that nobody has checked (${code}) is no guess`, async (t) => {
      const checkLogin: CheckLogin = () => Promise.reject(new Fault(code, new Error('because')));
      const server = await start(t, { ...banning(1), checkLogin });
      for (const password of ['a', 'b']) t.is(await login(t, server, password), OUT);
      t.like(await server.event('turnedAway'), { count: 1, fault: { code } });
      const told = server.events.filter(({ kind }) => kind !== 'accepted').map(({ kind }) => kind);
      t.deepEqual(told, ['turnedAway'], 'one event for both');
    });
  }
}
