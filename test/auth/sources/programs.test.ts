// Programs that answer, lie, are silent and die, as children whose every word the test says, under a clock of its own; and a real one.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Child, ChildEvents, Children } from '../../../src/auth/sources/place.ts';
import { localChildren } from '../../../src/auth/sources/localchildren.ts';
import { Programs, type ProgramLimits } from '../../../src/auth/sources/programs.ts';
import { Fault } from '../../../src/base/fault.ts';
import { parseIp } from '../../../src/base/ip.ts';
import { mustRun } from '../../support/commands.ts';
import { temporaryFolder } from '../../support/daemon.ts';
import { needing } from '../../support/needing.ts';

const LIMITS: ProgramLimits = { timeoutMs: 60_000, maxChildren: 2, channels: 0 };

interface Fake extends Child {
  readonly events: ChildEvents;
  readonly asked: string[];
  isKilled: boolean;
}

/** A source over children that the test plays, and what it tells the log. */
function stage(t: ExecutionContext, limits: Partial<ProgramLimits> = {}) {
  const fakes: Fake[] = [];
  const told: string[] = [];
  const clock = { now: 0 };
  const children: Children = {
    start: (events) => {
      const asked: string[] = [];
      const fake: Fake = {
        events,
        asked,
        isKilled: false,
        write: (bytes) => asked.push(Buffer.from(bytes).toString()),
        kill: () => (fake.isKilled = true),
      };
      fakes.push(fake);
      return fake;
    },
    close: () => undefined,
  };
  const log = {
    changed: (_: string, state: string, why: string | undefined) => told.push(`${state} ${why ?? ''}`.trim()),
    said: (_: string, line: string) => told.push(line),
  };
  const programs = new Programs('helper:x', children, { ...LIMITS, ...limits }, log, () => clock.now);
  t.teardown(() => programs.close());
  const ask = (user: string, ip = '192.0.2.1') =>
    programs
      .ask({ user: Buffer.from(user), password: Buffer.from('pw'), client: parseIp(ip)! })
      .catch((fault: unknown) => (fault instanceof Fault ? fault.code : fault));
  return { programs, fakes, told, clock, ask };
}

const say = (fake: Fake | undefined, text: string): void => fake!.events.output(Buffer.from(text));

test('OK, ERR and BH are yes, no and nobody knows', async (t) => {
  const { fakes, ask, programs } = stage(t, { maxChildren: 1 });
  const first = ask('alice');
  t.deepEqual(fakes[0]!.asked, ['alice pw\n']);
  say(fakes[0], 'OK user=Ali');
  say(fakes[0], 'ce group=staff ttl=7\n');
  t.deepEqual(await first, { kind: 'yes', name: 'Alice', groups: ['staff'], ttlMs: 7000 });
  const second = ask('bob');
  say(fakes[0], 'ERR Wrong password\n');
  t.deepEqual(await second, { kind: 'no', isKnown: false, why: 'Wrong password' });
  t.is(programs.status().state, 'up');
  const third = ask('carol');
  say(fakes[0], 'BH Success\n');
  t.like(await third, { kind: 'unavailable', why: 'the program could not tell: Success', wasAsked: true });
  t.like(programs.status(), { state: 'down', asked: 3, unanswered: 1, waiting: 0 });
  t.is(fakes.length, 1, 'one process answered all of them');
});

test('one question at a time for each process, and one client has half of them', async (t) => {
  const { fakes, ask, programs } = stage(t);
  const answers = [ask('a'), ask('b'), ask('c')];
  t.is(fakes.length, 1);
  t.is(programs.status().waiting, 2);
  const other = ask('d', '198.51.100.1');
  t.deepEqual(fakes[1]!.asked, ['d pw\n']);
  say(fakes[1], 'OK\n');
  t.like(await other, { kind: 'yes' });
  for (const user of ['a', 'b', 'c']) {
    t.is(fakes[0]!.asked.at(-1), `${user} pw\n`);
    say(fakes[0], 'OK\n');
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.is((await Promise.all(answers)).length, 3);
});

test('with channels one process has several questions, and answers in any order', async (t) => {
  const { fakes, ask } = stage(t, { maxChildren: 1, channels: 4 });
  const [a, b] = [ask('a'), ask('b')];
  t.deepEqual(fakes[0]!.asked, ['0 a pw\n', '1 b pw\n']);
  say(fakes[0], '1 OK\n0 ERR\n');
  t.deepEqual(
    [await a, await b].map((verdict) => (verdict as { kind: string }).kind),
    ['no', 'yes'],
  );
});

test('a program that dies, talks nonsense or answers unasked is replaced, later each time', async (t) => {
  const { fakes, ask, clock, told } = stage(t, { maxChildren: 1 });
  const first = ask('alice');
  fakes[0]!.events.ended('ended with status 1');
  t.like(await first, { kind: 'unavailable', why: 'the program ended with status 1', wasAsked: true });
  t.like(await ask('alice'), { kind: 'unavailable', wasAsked: false });
  t.is(fakes.length, 1, 'not before its pause is over');
  clock.now += 1000;
  const second = ask('alice');
  say(fakes[1], 'hello\n');
  t.regex(((await second) as { why: string }).why, /gave an answer that is none: "hello"/);
  t.true(fakes[1]!.isKilled);
  clock.now += 1999;
  t.like(await ask('alice'), { wasAsked: false });
  clock.now += 1;
  const third = ask('alice');
  say(fakes[2], 'OK\nOK\n');
  t.like(await third, { kind: 'yes' });
  t.true(fakes[2]!.isKilled, 'one answer too many: nothing that it says can be trusted');
  t.is(told.filter((line) => line.startsWith('down')).length, 1);
});

test('a program that ends between two questions, as some do after a number of them, is no failure', async (t) => {
  const { fakes, ask } = stage(t, { maxChildren: 1 });
  const first = ask('alice');
  say(fakes[0], 'OK\n');
  await first;
  fakes[0]!.events.ended('ended with status 0');
  const second = ask('alice');
  say(fakes[1], 'OK\n');
  t.like(await second, { kind: 'yes' });
});

test('a silent program is ended, and who waits behind it is told at once', async (t) => {
  const { fakes, ask } = stage(t, { maxChildren: 1, timeoutMs: 20 });
  const answers = await Promise.all([ask('a'), ask('b'), ask('c')]);
  t.true(fakes[0]!.isKilled);
  t.deepEqual(
    answers.map((verdict) => (verdict as { wasAsked: boolean }).wasAsked),
    [true, false, false],
  );
});

test('a client that fills the queue is told so, and close() tells all', async (t) => {
  const { ask, programs } = stage(t, { maxChildren: 1 });
  const answers = Array.from({ length: 20 }, (_, at) => ask(`u${at}`));
  t.is(await answers[19], 'LOGIN_BUSY');
  programs.close();
  t.is(await answers[5], 'SHUTTING_DOWN');
  t.is(await ask('late'), 'SHUTTING_DOWN');
});

test('real processes: no shell, no environment, standard error to the log, silence and death', async (t) => {
  const file = join(temporaryFolder(t), 'program.cjs');
  writeFileSync(
    file,
    `console.error('hello', Object.keys(process.env).sort().join(), process.cwd(), process.argv[2]);
     process.stdin.on('data', (line) => {
       if (String(line).startsWith('die')) process.exit(3);
       if (!String(line).startsWith('silent')) console.log('OK');
     });`,
  );
  const said: string[] = [];
  const log = { changed: () => undefined, said: (_: string, line: string) => said.push(line) };
  const children = localChildren([process.execPath, file, '$(id) `id` "']);
  const programs = new Programs(
    'x',
    children,
    { timeoutMs: 5000, maxChildren: 2, channels: 0 },
    log,
    () => 0,
  );
  t.teardown(() => programs.close());
  t.is(await programs.prove(), undefined);
  const ask = (user: string) =>
    programs.ask({ user: Buffer.from(user), password: Buffer.from('pw'), client: parseIp('192.0.2.1')! });
  t.like(await ask('alice'), { kind: 'yes' });
  t.like(await ask('die'), { kind: 'unavailable', why: 'the program ended with status 3' });
  t.is(said[0], 'hello LC_ALL,PATH / $(id) `id` "');
});

test('a command that is not there is told as such', async (t) => {
  const said: string[] = [];
  const log = { changed: () => undefined, said: (_: string, line: string) => said.push(line) };
  const programs = new Programs('x', localChildren(['/nowhere/x']), LIMITS, log, () => 0);
  t.teardown(() => programs.close());
  t.regex((await programs.prove()) ?? '', /cannot be started.*ENOENT/);
});

const NCSA = '/usr/lib/squid/basic_ncsa_auth';
needing('squid', existsSync(NCSA))('basic_ncsa_auth of Debian says who has which password', async (t) => {
  const users = join(temporaryFolder(t), 'users');
  await mustRun(['htpasswd', '-bcm', users, 'we ird', 'pa"ss%25 \\ü']);
  const log = { changed: () => undefined, said: () => undefined };
  const programs = new Programs('x', localChildren([NCSA, users]), LIMITS, log, () => 0);
  t.teardown(() => programs.close());
  const ask = (user: string, password: string) =>
    programs.ask({ user: Buffer.from(user), password: Buffer.from(password), client: parseIp('192.0.2.1')! });
  t.like(await ask('we ird', 'pa"ss%25 \\ü'), { kind: 'yes', name: undefined });
  t.like(await ask('we ird', 'wrong'), { kind: 'no', why: 'Wrong password' });
  t.like(await ask('nobody', 'x'), { kind: 'no', why: 'No such user' });
});
