// The order of sources, and what each of their answers means for the next: with sources that say what the test wants.
import test from 'ava';
import type { User, Users } from '../../../src/auth/files/users.ts';
import { chainOf, type ChainRules } from '../../../src/auth/sources/chain.ts';
import { INTERVAL_MS, MAX_UNANSWERED, Patience } from '../../../src/auth/sources/patience.ts';
import { MAX_REMEMBERED, RememberedLogins } from '../../../src/auth/sources/remembered.ts';
import type { LoginSource, Question, Verdict } from '../../../src/auth/sources/source.ts';
import { stepsOf } from '../../../src/auth/sources/steps.ts';
import { Fault } from '../../../src/base/fault.ts';
import { parseIp } from '../../../src/base/ip.ts';
import { AUTH_SOURCE } from '../../../src/config/values/authsource.ts';
import { ANONYMOUS } from '../../../src/policy/identity.ts';

const YES: Verdict = { kind: 'yes', name: undefined, groups: [], ttlMs: undefined };
const NO: Verdict = { kind: 'no', isKnown: false, why: 'wrong' };
const KNOWN_NO: Verdict = { kind: 'no', isKnown: true, why: 'wrong' };
const DOWN: Verdict = { kind: 'unavailable', why: 'down', wasAsked: true };

function source(name: string, answer: (question: Question) => Verdict | Promise<Verdict>) {
  const asked: string[] = [];
  const made: LoginSource & { readonly asked: string[] } = {
    name,
    asked,
    maxBytes: 20,
    ask: async (question) => {
      asked.push(Buffer.from(question.user).toString());
      return answer(question);
    },
    prove: () => Promise.resolve(undefined),
    status: () => ({ name, state: 'up', seconds: 0, asked: 0, unanswered: 0, waiting: 0, detail: undefined }),
    close: () => undefined,
  };
  return made;
}

const FILE: Users = {
  byName: new Map([['carol', { name: 'carol', group: 'file', hashes: [] }]]),
  usable: [],
  serverSecret: undefined,
};

function chain(steps: ChainRules['steps'], rules: Partial<ChainRules> = {}) {
  const clock = { now: 1_000_000 };
  const now = (): number => clock.now;
  const check = chainOf(
    { steps, fallsBack: false, lifetimeMs: 60_000, leadingOf: (groups) => groups.at(-1), ...rules },
    {
      // It knows one password, as the checker of files does.
      checker: {
        check: (_, user, password) => {
          if (Buffer.from(password).toString() !== 'file') throw new Fault('LOGIN_FAILED');
          return { kind: 'user', name: Buffer.from(user).toString(), group: 'file' };
        },
      },
      patience: new Patience(now),
      remembered: new RememberedLogins(now),
    },
  );
  const login = async (user: string, password = 'pw', ip = '192.0.2.1') => {
    try {
      const identity = await check(Buffer.from(user), Buffer.from(password), parseIp(ip)!);
      return identity.kind === 'user' ? [identity.name, identity.group, identity.groups] : identity;
    } catch (failure) {
      return failure instanceof Fault ? failure.code : failure;
    }
  };
  return { login, check, clock };
}

const asked = (each: LoginSource) => ({ kind: 'asked', source: each }) as const;
const FILES = { kind: 'files', users: FILE } as const;

test('a file that knows the user decides, and nobody is asked', async (t) => {
  const helper = source('h', () => YES);
  const { login } = chain([FILES, asked(helper)]);
  t.deepEqual(await login('carol', 'file'), ['carol', 'file', undefined]);
  t.is(await login('carol', 'wrong'), 'LOGIN_FAILED');
  t.deepEqual(helper.asked, []);
  t.deepEqual(await login('alice'), ['alice', undefined, undefined]);
});

test('behind a source the file has those whom the source does not let in', async (t) => {
  const { login } = chain([asked(source('h', () => NO)), FILES]);
  t.deepEqual(await login('carol', 'file'), ['carol', 'file', undefined]);
  t.is(await login('alice'), 'LOGIN_FAILED');
});

test('one that knows the user decides; one that does not passes on', async (t) => {
  const second = source('second', () => YES);
  const { login } = chain([
    asked(source('first', ({ user }) => (Buffer.from(user).toString() === 'known' ? KNOWN_NO : NO))),
    asked(second),
  ]);
  t.is(await login('known'), 'LOGIN_FAILED');
  t.deepEqual(await login('other'), ['other', undefined, undefined]);
  t.deepEqual(second.asked, ['other']);
});

test('one that cannot answer stops the next, unless the operator falls back', async (t) => {
  const second = source('second', ({ user }) => (Buffer.from(user).toString() === 'alice' ? YES : NO));
  const steps = [asked(source('first', () => DOWN)), asked(second), FILES];
  const strict = chain(steps);
  t.is(await strict.login('alice'), 'LOGIN_UNAVAILABLE');
  t.is(await strict.login('carol', 'file'), 'LOGIN_UNAVAILABLE');
  t.deepEqual(second.asked, []);
  const lax = chain(steps, { fallsBack: true });
  t.deepEqual(await lax.login('alice'), ['alice', undefined, undefined]);
  t.deepEqual(await lax.login('carol', 'file'), ['carol', 'file', undefined]);
  t.is(await lax.login('carol', 'wrong'), 'LOGIN_FAILED', 'a guess at a user of the file is one');
  t.is(await lax.login('stranger'), 'LOGIN_UNAVAILABLE', 'the password may be right');
});

test('a user who is locked or expired there is told apart, and no other source is asked', async (t) => {
  const second = source('second', () => YES);
  const first = source('first', () => ({ kind: 'barred', code: 'LOGIN_EXPIRED', why: 'since May' }));
  t.is(await chain([asked(first), asked(second)]).login('alice'), 'LOGIN_EXPIRED');
  t.deepEqual(second.asked, []);
});

test('what is empty, long or has a NUL is asked of nobody', async (t) => {
  const helper = source('h', () => YES);
  const { login } = chain([asked(helper)]);
  for (const [user, password] of [
    ['alice', ''],
    ['', 'pw'],
    ['al\0ice', 'pw'],
    ['alice', 'p\0w'],
    ['a'.repeat(21), 'pw'],
    ['alice', 'p'.repeat(21)],
  ] as const)
    t.is(await login(user, password), 'LOGIN_FAILED');
  t.deepEqual(helper.asked, []);
});

test('a success is remembered for its time, by user and password; a failure never', async (t) => {
  const helper = source('h', ({ password }) =>
    Buffer.from(password).toString() === 'pw' ? { ...YES, name: 'Alice', groups: ['a', 'b'] } : NO,
  );
  const { login, check, clock } = chain([FILES, asked(helper)]);
  t.deepEqual(await login('alice'), ['Alice', 'b', ['a', 'b']]);
  t.false(check(Buffer.from('alice'), Buffer.from('pw'), parseIp('198.51.100.1')!) instanceof Promise);
  t.is(await login('alice', 'no'), 'LOGIN_FAILED');
  t.is(await login('alice', 'no'), 'LOGIN_FAILED');
  t.is(helper.asked.length, 3);
  clock.now += 60_001;
  await login('alice');
  t.is(helper.asked.length, 4);
});

test('a source says itself how long its word holds, and 0 is never', async (t) => {
  const helper = source('h', () => ({ ...YES, ttlMs: 0 }));
  const { login } = chain([asked(helper)]);
  await login('alice');
  await login('alice');
  t.is(helper.asked.length, 2);
});

test('fifty connections with the same login wait for one answer', async (t) => {
  let answer: (verdict: Verdict) => void = () => undefined;
  const helper = source('h', () => new Promise<Verdict>((resolve) => (answer = resolve)));
  const { login } = chain([asked(helper)]);
  const all = Promise.all(Array.from({ length: 50 }, () => login('alice')));
  await new Promise((resolve) => setImmediate(resolve));
  answer(YES);
  t.is((await all).filter((identity) => Array.isArray(identity)).length, 50);
  t.is(helper.asked.length, 1);
});

test('a client that asks for what nobody answers is not asked about for a while; others are', async (t) => {
  const helper = source('h', () => DOWN);
  const { login, clock } = chain([asked(helper)]);
  for (let at = 0; at < 3 * MAX_UNANSWERED; at++) t.is(await login(`u${at}`), 'LOGIN_UNAVAILABLE');
  t.is(helper.asked.length, MAX_UNANSWERED);
  await login('x', 'pw', '198.51.100.1');
  t.is(helper.asked.length, MAX_UNANSWERED + 1);
  clock.now += INTERVAL_MS;
  await login('y');
  await login('z');
  t.is(helper.asked.length, MAX_UNANSWERED + 2);
});

test('RememberedLogins tells logins apart whose bytes are the same in a row, and is bounded', (t) => {
  const remembered = new RememberedLogins(() => 0);
  const digest = (user: string, password: string) =>
    remembered.digest(Buffer.from(user), Buffer.from(password));
  t.not(digest('ab', 'c'), digest('a', 'bc'));
  const first = digest('first', 'x');
  remembered.add(first, ANONYMOUS, 1000);
  for (let at = 0; at < MAX_REMEMBERED; at++) remembered.add(digest('x', String(at)), ANONYMOUS, 1000);
  t.is(remembered.find(first), undefined);
  t.is(remembered.find(digest('x', '5')), ANONYMOUS);
});

test('stepsOf() keeps the order, and each user in the first file that has them', (t) => {
  const user = (name: string, file: string): [string, User] => [
    name,
    { name, group: undefined, hashes: [], file },
  ];
  const users: Users = {
    byName: new Map([user('a', '/one'), user('b', '/two'), user('c', '/one')]),
    usable: [],
    serverSecret: undefined,
  };
  const auth = ['/one', 'helper:/bin/x', '/two', '/one'].map((text) => {
    const parsed = AUTH_SOURCE.parse(text, { origin: {}, folder: '/', portOf: () => undefined });
    return parsed.kind === 'value' ? parsed.value : t.fail(text);
  }) as Parameters<typeof stepsOf>[0];
  const helper = source('h', () => YES);
  const steps = stepsOf(auth, users, () => helper);
  const shown = steps.map((step) =>
    step.kind === 'files' ? [...step.users.byName.keys()] : step.source.name,
  );
  t.deepEqual(shown, [['a', 'c'], 'h', ['b']]);
  t.deepEqual(stepsOf(auth.slice(0, 2), users, () => helper)[0], { kind: 'files', users });
});
