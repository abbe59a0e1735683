// Records for accounts: both forms, what is written when, and a disk that is full.
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { Accountant } from '../../src/observe/figures/accountant.ts';
import {
  CSV_TITLES,
  formatCsvRecord,
  formatJsonRecord,
  parseRecord,
  type AccountRecord,
} from '../../src/observe/figures/accountrecord.ts';
import { RecordFile } from '../../src/observe/figures/recordfile.ts';
import type { SessionFacts } from '../../src/session/events.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { needing } from '../support/needing.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const hostile = fc.oneof(
  text,
  fc.constantFrom(
    '=1+1',
    "'",
    '-',
    '@x',
    '+',
    '"',
    ',',
    'a\nb',
    'a\r\n"b",c',
    '\\',
    '\\u0041',
    '\u202e',
    '\0',
    '{',
    '\\\\"',
  ),
);
const record: fc.Arbitrary<AccountRecord> = fc.record(
  {
    time: fc.constant('2026-11-30T12:00:00.000Z'),
    record: fc.constantFrom('start', 'interim', 'stop'),
    user: hostile,
    userid: hostile,
    dest: hostile,
    up: fc.nat(),
    moreUp: fc.nat(),
  },
  { requiredKeys: ['time', 'record'], noNullPrototype: true },
);

for (const [form, format] of [
  ['JSON', formatJsonRecord],
  ['CSV', formatCsvRecord],
] as const) {
  test(`a record of ${form} is one line of printable characters, and reads back`, (t) => {
    fc.assert(
      fc.property(record, (value) => {
        const line = format(value);
        // eslint-disable-next-line no-control-regex -- they are what it is about
        if (/[\0-\x1f\x7f\u2028\u2029\u202e]/.test(line)) return false;
        return t.deepEqual(parseRecord(line), value);
      }),
    );
  });
}

test('parseRecord() takes what is none for none', (t) => {
  t.is(parseRecord(CSV_TITLES), 'titles');
  for (const line of ['', '{', '{}', 'null', '[]', 'a,b', '"', '{"time":"x","record":"stop","moreUp":-1}'])
    t.is(parseRecord(line), undefined, line);
  fc.assert(fc.property(fc.string(), (line) => void parseRecord(line)));
});

test('no cell begins as a formula does', (t) => {
  const cells = formatCsvRecord({
    time: 't',
    record: 'stop',
    user: '=cmd()',
    dest: '@x',
    userid: "'y",
  }).split(',');
  t.deepEqual(
    cells.filter((cell) => /^[=@+-]/.test(cell)),
    [],
  );
  t.true(cells.includes("'=cmd()"));
});

const FACTS: SessionFacts = {
  id: 7,
  client: { ip: '192.0.2.1' as never, port: 9 },
  startedAtMs: 0,
  identity: { kind: 'user', name: 'ann', group: 'staff' },
  command: 'bind',
  destination: undefined,
  dialled: undefined,
};

test('BIND starts once, a refusal afterwards ends it without a record, and an answer alone has none', (t) => {
  const records: AccountRecord[] = [];
  const hear = new Accountant((each) => records.push(each)).hearing(() => undefined);
  const bound = FACTS.client;
  hear({ kind: 'listening', session: FACTS, bound });
  hear({ kind: 'connected', session: FACTS, bound });
  hear({ kind: 'ended', session: FACTS, seconds: 1.5, endedBy: 'client-fin', bytesUp: 3, bytesDown: 4 });
  hear({ kind: 'ended', session: { ...FACTS }, seconds: 1, endedBy: 'answered', bytesUp: 0, bytesDown: 0 });
  t.deepEqual(
    records.map((each) => [each.record, each.user, each.moreUp, each.moreDown]),
    [
      ['start', 'ann', 0, 0],
      ['stop', 'ann', 3, 4],
    ],
  );
});

const plan = (path: string, told: string[] = []) => ({
  path,
  titles: 'titles',
  lost: (count: number) => `lost ${count}`,
  tell: (_level: string, sentence: string) => void told.push(sentence),
});

test('rotation: what comes after reopen() is in the new file, titles first, and nothing is lost between', async (t) => {
  const path = join(temporaryFolder(t), 'accounts');
  const file = new RecordFile(plan(path));
  for (let number = 0; number < 100; number++) file.write(`before ${number}`);
  renameSync(path, `${path}.1`);
  file.reopen();
  file.write('after');
  await file.drained();
  const [old, fresh] = [`${path}.1`, path].map((each) => readFileSync(each, 'utf8').split('\n'));
  const all = [...(old ?? []), ...(fresh ?? [])].filter((line) => line !== '' && line !== 'titles');
  t.deepEqual(all, [...Array.from({ length: 100 }, (_, number) => `before ${number}`), 'after']);
  t.is(fresh?.[0], 'titles');
});

const FULL = '/dev/full';
needing(FULL, existsSync(FULL))(
  'attack: a disk that is full costs 8 MiB, and what is lost is counted and told',
  async (t) => {
    const path = join(temporaryFolder(t), 'accounts');
    symlinkSync(FULL, path);
    const told: string[] = [];
    const file = new RecordFile(plan(path, told));
    for (let number = 0; number < 20_000; number++) file.write('x'.repeat(1000));
    while (told.length === 0) await new Promise((settle) => setTimeout(settle, 10));
    t.regex(told[0] ?? '', /^cannot write to .*ENOSPC.*; records wait, up to 8 MiB/);
    rmSync(path);
    file.reopen();
    await file.drained();
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && line !== 'titles');
    const kept = lines.filter((line) => line.startsWith('x')).length;
    t.true(kept > 8000 && kept < 9000, String(kept));
    t.true(
      lines.every((line) => line.startsWith('lost ') || line.length === 1000),
      'a line is torn',
    );
    t.true(lines.includes(`lost ${20_000 - kept}`), lines.at(-1));
    t.regex(told[1] ?? '', new RegExp(`can be written to again; ${20_000 - kept} records were lost`));
  },
);
