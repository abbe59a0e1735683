import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseCidr, parseIp } from '../../src/base/ip.ts';
import { object, text, whole } from '../../src/control/shape.ts';
import { openState, statePart } from '../../src/daemon/running/state.ts';
import { stateParts } from '../../src/daemon/running/stateparts.ts';
import { Bans } from '../../src/policy/access/bans.ts';
import { AuthOnce } from '../../src/policy/access/trusted.ts';
import { Usage } from '../../src/policy/limits/quota.ts';
import { temporaryFolder } from '../support/daemon.ts';

interface Pet {
  readonly name: string;
  readonly legs: number;
}

/** A state with one part, the pets, and what it said. */
async function openPets(file: string, pets: Pet[] = []) {
  const warnings: string[] = [];
  const restore = (pet: Pet): void => void pets.push(pet);
  const part = statePart<Pet>('pets', object({ name: text(), legs: whole(0) }), {
    save: () => pets,
    restore,
  });
  const state = await openState(file, [part], (sentence) => warnings.push(sentence));
  return { state, pets, warnings };
}

const DOG = { name: 'dog', legs: 4 };

test('what was saved is there after the next start', async (t) => {
  const file = join(temporaryFolder(t), 'state.json');
  const first = await openPets(file);
  t.deepEqual(first.warnings, []);
  first.pets.push(DOG);
  await first.state.close();
  const second = await openPets(file);
  t.deepEqual(second.pets, [DOG]);
  t.deepEqual(second.warnings, []);
  await second.state.close();
});

test('the file is the account’s own, and written only when something has changed', async (t) => {
  const file = join(temporaryFolder(t), 'state.json');
  const { state, pets } = await openPets(file);
  t.is(statSync(file).mode & 0o777, 0o600);
  const { ino } = statSync(file);
  await state.save();
  t.is(statSync(file).ino, ino);
  pets.push(DOG);
  await state.save();
  t.not(statSync(file).ino, ino);
  t.false(existsSync(`${file}.new`));
  await state.close();
});

const BROKEN: readonly (readonly [what: string, content: string, why: RegExp])[] = [
  ['is empty', '', /not JSON/],
  ['was cut', '{"version":1,"parts":{"pets":[{"name":"d', /not JSON/],
  ['is something else', '[]', /not an object/],
  ['has another version', '{"version":2,"parts":{}}', /its version is 2, and not 1/],
  [
    'has a strange item',
    '{"version":1,"parts":{"pets":[{"name":"dog","legs":4},{"name":"cat"}]}}',
    /pets\[1\]\.legs/,
  ],
];

for (const [what, content, why] of BROKEN) {
  test(`a file that ${what} is set aside with one warning, and nothing of it is taken`, async (t) => {
    const file = join(temporaryFolder(t), 'state.json');
    writeFileSync(file, content);
    const { state, pets, warnings } = await openPets(file);
    t.deepEqual(pets, []);
    t.is(warnings.length, 1);
    t.regex(warnings[0]!, why);
    t.is(readFileSync(`${file}.broken`, 'utf8'), content);
    t.regex(readFileSync(file, 'utf8'), /"version": 1,/);
    await state.close();
  });
}

test('parts that a file does not have, and parts that nobody knows, are no fault', async (t) => {
  const file = join(temporaryFolder(t), 'state.json');
  writeFileSync(file, '{"version":1,"parts":{"plants":[1]}}');
  const { state, warnings } = await openPets(file);
  t.deepEqual(warnings, []);
  await state.close();
});

test('a folder that is missing is said once, with what to do, until it is there', async (t) => {
  const folder = join(temporaryFolder(t), 'missing');
  const file = join(folder, 'state.json');
  const { state, pets, warnings } = await openPets(file);
  t.is(warnings.length, 1);
  t.regex(warnings[0]!, /cannot write the state file .*: no such file or directory; .*install -d -o \d+ /);
  pets.push(DOG);
  await state.save();
  t.is(warnings.length, 1);
  mkdirSync(folder);
  await state.save();
  t.true(existsSync(file));
  await state.close();
});

test('without a file nothing is kept', async (t) => {
  const state = await openState(undefined, [], (sentence) => t.fail(sentence));
  await state.save();
  await t.notThrowsAsync(state.close());
});

test('quotas, bans of clients and clients known by auth-once are kept', async (t) => {
  const file = join(temporaryFolder(t), 'state.json');
  const before = keepers();
  const use = { scope: 'user', name: 'ann', day: dayOf(new Date()), dayBytes: 5, monthBytes: 7 } as const;
  before.usage.restore(use);
  before.logins.bans.ban(parseIp('192.0.2.1')!, 60_000);
  before.logins.bans.ban(parseIp('2001:db8::1')!, 60_000);
  before.logins.bans.blocks.ban(parseCidr('10.0.0.0/8')!, 60_000);
  before.logins.authOnce.remember(parseIp('192.0.2.9')!, 60_000);
  await (await open(t, file, before)).close();
  const after = keepers();
  await (await open(t, file, after)).close();
  t.deepEqual([...after.usage.uses()], [use]);
  t.deepEqual(
    after.logins.bans.list().map(({ kind, name }) => `${kind} ${name}`),
    ['client 192.0.2.1', 'client 2001:db8::/64', 'client 10.0.0.0/8'],
  );
  t.true(after.logins.authOnce.knows(parseIp('192.0.2.9')!));
});

test('sessions go on while full tables are written, and the file is whole', async (t) => {
  const file = join(temporaryFolder(t), 'state.json');
  const { state, pets } = await openPets(file);
  const many = Array.from({ length: 20_000 }, (_, at) => ({ name: `dog ${at}`, legs: at % 5 }));
  pets.push(...many);
  let [turns, isSaved] = [0, false];
  const turn = (): void => {
    turns += 1;
    if (!isSaved) setImmediate(turn);
  };
  turn();
  await state.save();
  isSaved = true;
  // No turn of the event loop writes more than 500 of them.
  t.true(turns > 40, `${turns} turns`);
  await state.close();
  const later = await openPets(file);
  t.deepEqual(later.pets, many);
  await later.state.close();
});

test('an address that is none makes the file a broken one', async (t) => {
  const file = join(temporaryFolder(t), 'state.json');
  writeFileSync(file, '{"version":1,"parts":{"bans":[{"client":"192.0.2","endsAt":9e15}]}}');
  const warnings: string[] = [];
  const { usage, logins } = keepers();
  const state = await openState(file, stateParts(usage, logins), (sentence) => warnings.push(sentence));
  t.regex(warnings.join(), /bans\[0\]\.client: not a client/);
  await state.close();
});

test('a file that cannot be read is set aside, too', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'state.json');
  mkdirSync(file);
  const { state, warnings } = await openPets(file);
  t.is(warnings.length, 1);
  t.regex(warnings[0]!, /it is no regular file.*state\.json\.broken now/);
  await state.close();
});

test('links and pipes in the place of the file, or of the one beside it, are neither followed nor waited for', async (t) => {
  const folder = temporaryFolder(t);
  const [file, victim] = [join(folder, 'state.json'), join(folder, 'victim')];
  const precious = '{"version":1,"parts":{"pets":[{"name":"cat","legs":4}]}}';
  writeFileSync(victim, precious);
  for (const make of [
    (path: string) => symlinkSync(victim, path),
    (path: string) => void spawnSync('mkfifo', [path]),
  ]) {
    rmSync(file, { force: true });
    make(file);
    make(`${file}.new`);
    const { state, pets, warnings } = await openPets(file);
    t.deepEqual(pets, []);
    t.regex(warnings.join(), /too many symbolic links|it is no regular file/);
    t.true(lstatSync(file).isFile());
    await state.close();
  }
  t.is(readFileSync(victim, 'utf8'), precious);
});

function keepers() {
  return {
    usage: new Usage(Date.now),
    logins: { bans: new Bans(Date.now), authOnce: new AuthOnce(Date.now) },
  };
}

function open(t: ExecutionContext, file: string, { usage, logins }: ReturnType<typeof keepers>) {
  return openState(file, stateParts(usage, logins), (sentence) => t.fail(sentence));
}

function dayOf(date: Date): string {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}
