// Guesses at passwords: bans, locks, empty passwords and the tarpit.
import { performance } from 'node:perf_hooks';
import { inspect } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { Fault } from '../../src/base/fault.ts';
import type { CheckLogin } from '../../src/session/session.ts';
import { challenged, hear, message, respondTo } from '../support/chap.ts';
import { policy, section } from '../support/policy.ts';
import { onlyUser, type TestServer } from '../support/server.ts';
import { greet } from '../support/socks.ts';
import { transports } from '../support/transports.ts';
import {
  hex,
  userPass,
  IN,
  OUT,
  rules,
  trusting,
  AUTH_ONCE,
  banning,
  loginsOver,
} from '../support/session/loginclients.ts';

for (const { name, create } of transports) {
  const transport = create();

  const { start, dial, ask, login, unnamed } = loginsOver(transport);

  const chapLogin = async (t: ExecutionContext, server: TestServer, password: string, from?: string) => {
    const wire = await dial(t, server, from);
    const said = await challenged(wire, [0x11, Uint8Array.of(0x85)]);
    wire.send(message([0x02, 'alice'], [0x04, respondTo(said, password)]));
    return (await hear(wire)).bytes.toString('hex');
  };

  test(`${name}: who fails too often is turned away at accept, and nobody else`, async (t) => {
    const server = await start(t, banning(3));
    for (const password of ['a', 'b']) t.is(await login(t, server, password, '127.0.0.2'), OUT);
    t.is(await chapLogin(t, server, 'c', '127.0.0.2'), '01010001ff');
    const { ban, failures } = await server.event('banned');
    t.deepEqual([ban.kind, ban.name, ban.lengthMs, failures], ['client', '127.0.0.2', 60_000, 3]);
    t.is(await greet(server.port, '127.0.0.2'), 'reset');
    t.is((await server.event('turnedAway')).fault.code, 'CLIENT_BANNED');
    t.is(await login(t, server, 'wrong', '127.0.0.3'), OUT);
  });

  test(`${name}: what came before the ban guesses no more, and costs no check`, async (t) => {
    let checks = 0;
    const checkLogin: CheckLogin = (...given) => {
      checks += 1;
      return onlyUser('alice', 'right')(...given);
    };
    const server = await start(t, { ...banning(2), checkLogin });
    const early = [await dial(t, server), await dial(t, server)];
    for (const wire of early) t.is(await ask(wire, hex('05 01 02'), 2), '0502');
    const earlyChap = await dial(t, server);
    const said = await challenged(earlyChap, [0x11, Uint8Array.of(0x85)]);
    for (const password of ['a', 'b']) t.is(await login(t, server, password), OUT);
    await server.event('banned');
    for (const wire of early) t.is(await ask(wire, userPass('alice', 'right').subarray(3), 2), '0101');
    earlyChap.send(message([0x02, 'alice'], [0x04, respondTo(said, 'right')]));
    t.is((await hear(earlyChap)).bytes.toString('hex'), '01010001ff');
    t.is(checks, 2);
  });

  test(`${name}: an empty password is told as such and is no guess, by 02 and by CHAP`, async (t) => {
    const server = await start(t, banning(1));
    for (let attempt = 0; attempt < 3; attempt++) {
      t.is(await login(t, server, ''), OUT);
      t.is(await chapLogin(t, server, ''), '01010001ff');
    }
    const failures = server.events.filter(({ kind }) => kind === 'loginFailed' || kind === 'banned');
    t.deepEqual(
      failures.map((event) => event.kind === 'loginFailed' && event.fault.code),
      Array(6).fill('LOGIN_EMPTY'),
    );
    t.is(await login(t, server, 'wrong'), OUT);
    await server.event('banned');
  });

  test(`${name}: a client that may be unnamed is let in so with an empty password, and has proved nothing`, async (t) => {
    const server = await start(t, {
      ...AUTH_ONCE,
      logins: {
        ...AUTH_ONCE.logins,
        trust: { whitelist: trusting('127.0.0.2').logins.trust.whitelist, authOnceMs: 60_000 },
      },
    });
    for (const enter of [login, chapLogin]) {
      t.regex(await enter(t, server, '', '127.0.0.2'), /00$/);
      t.regex(await enter(t, server, '', '127.0.0.3'), /(01|ff)$/);
    }
    t.is(await unnamed(t, server, '127.0.0.3'), '05ff');
    // Once it is over, the whitelist alone has let it in: auth-once knows nobody.
    t.deepEqual(server.logins.authOnce.list(), []);
    t.is(await login(t, server, 'right', '127.0.0.2'), IN);
    t.is(server.logins.authOnce.list().length, 1);
  });

  test(`${name}: the rules of [*] hold for whom an empty password lets in`, async (t) => {
    const named = [section('*', { network: '!127.0.0.2 *' })];
    const server = await start(t, { ...trusting('127.0.0.0/8'), policy: policy({ hasUsers: true, named }) });
    t.is(await login(t, server, '', '127.0.0.2'), OUT);
    t.is((await server.event('refused')).fault.code, 'CLIENT_DENIED');
    t.is(await login(t, server, '', '127.0.0.3'), IN);
  });

  test(`${name}: a user who has an empty password gets in by name`, async (t) => {
    const server = await start(t, { ...trusting('127.0.0.0/8'), checkLogin: onlyUser('alice', '') });
    t.is(await login(t, server, ''), IN);
    t.like(
      server.events.find(({ kind }) => kind === 'accepted'),
      { session: { identity: { name: 'alice' } } },
    );
  });

  test(`${name}: who leaves before the answer has guessed all the same`, async (t) => {
    let fail: (fault: Fault) => void = () => undefined;
    let tellAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (tellAsked = resolve));
    const checkLogin: CheckLogin = () => {
      tellAsked();
      return new Promise((_resolve, reject) => (fail = reject));
    };
    const server = await start(t, { ...banning(1), checkLogin });
    const wire = await dial(t, server);
    wire.send(userPass('alice', 'wrong'));
    await asked;
    wire.socket.resetAndDestroy();
    fail(new Fault('LOGIN_FAILED'));
    t.is((await server.event('banned')).ban.kind, 'client');
  });

  test(`${name}: a name that strangers try is locked for them, with the bytes and the work of a failure`, async (t) => {
    const checked: string[] = [];
    const checkLogin: CheckLogin = (user, password, client) => {
      checked.push(Buffer.from(password).toString('latin1'));
      return onlyUser('alice', 'right')(user, password, client);
    };
    const server = await start(t, { ...banning(3), checkLogin });
    t.is(await login(t, server, 'right', '127.0.0.9'), IN);
    for (const host of [2, 3, 4]) t.is(await login(t, server, 'wrong', `127.0.0.${host}`), OUT);
    t.like(await server.event('banned'), { ban: { kind: 'user', name: 'alice' } });

    const before = server.events.length;
    t.is(await login(t, server, 'right', '127.0.0.5'), OUT);
    t.is(checked.at(-1)?.length, 'right'.length);
    t.not(checked.at(-1), 'right');
    const failure = server.events.slice(before).find((event) => event.kind === 'loginFailed');
    t.is(failure?.fault.cause, 'the name is locked for strange addresses');
    t.is(await chapLogin(t, server, 'right', '127.0.0.5'), '01010001ff');
    t.is(await login(t, server, 'right', '127.0.0.9'), IN);
  });

  test(`${name}: no event has what a client sends behind the colon of a name`, async (t) => {
    const server = await start(t, banning(2));
    const ask4 = hex('04 01 0001 7f000001');
    await ask(await dial(t, server), Buffer.concat([ask4, Buffer.from('ann:sesame\0')]), 8);
    const { session } = await server.event('refused');
    t.deepEqual(session.identity, { kind: 'anonymous', userId: 'ann:***' });
    for (const host of [4, 5]) {
      const login = userPass('ann:sesame', 'x');
      t.is(await ask(await dial(t, server, `127.0.0.${host}`), login, 4), OUT);
      t.is((await server.event('loginFailed')).user, 'ann:***');
    }
    t.like(await server.event('banned'), { ban: { kind: 'user', name: 'ann:***' } });
    const wire = await dial(t, server, '127.0.0.6');
    await challenged(wire, [0x11, Uint8Array.of(0x85)]);
    wire.send(message([0x02, 'ann:sesame'], [0x04, Buffer.alloc(16)]));
    await hear(wire);
    t.is((await server.event('loginFailed')).user, 'ann:***');
    t.false(inspect([server.events, server.logins.bans.list()], { depth: 5 }).includes('sesame'));
  });

  test(`${name}: a tarpit puts off what is told of a wrong password and of a right one alike`, async (t) => {
    const named = [section('user alice', { network: '!127.0.0.7 *' })];
    const slow = { ...rules({ tarpitMs: 200 }), policy: policy({ hasUsers: true, named }) };
    const server = await start(t, slow);
    const timed = async (work: () => Promise<string>) => {
      const startedAt = performance.now();
      const answer = await work();
      return { answer, isLate: performance.now() - startedAt >= 199 };
    };
    t.deepEqual(await timed(() => login(t, server, 'wrong')), { answer: OUT, isLate: true });
    t.deepEqual(await timed(() => chapLogin(t, server, 'wrong')), { answer: '01010001ff', isLate: true });
    t.deepEqual(await timed(() => login(t, server, 'right', '127.0.0.7')), { answer: OUT, isLate: true });
    t.is(await login(t, server, 'right'), IN);
  });

  test(`${name}: the handshake limit ends a tarpit, with the answer that is owed`, async (t) => {
    const server = await start(t, { ...rules({ tarpitMs: 8000 }), handshakeTimeoutMs: 1500 });
    t.is(await login(t, server, 'wrong'), OUT);
    t.is((await server.event('refused')).fault.code, 'HANDSHAKE_TIMEOUT');
  });
}
