// Each source file says what it is in its first sentence, from which docs/files.md is rendered; each folder has a sentence, too.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { FOLDERS, NATIVE_FOLDERS } from '../scripts/map/folders.ts';
import { foldersWithin, sentencesOf } from '../scripts/map/sentences.ts';

const MAX_LENGTH = 240;
const folders = [...foldersWithin('src'), ...foldersWithin('native')];

test('every folder with sources has a sentence', (t) => {
  const known = new Set([
    'src',
    ...FOLDERS.map(({ name }) => `src/${name}`),
    ...NATIVE_FOLDERS.map(({ name }) => name),
  ]);
  t.true(folders.length > 40);
  t.deepEqual(
    folders.filter((name) => !known.has(name)),
    [],
  );
});

test('every source file opens with one sentence about itself', (t) => {
  const wrong = folders.flatMap((folder) =>
    sentencesOf(folder).flatMap(({ names, sentence }) => {
      const what = whatIsWrong(sentence);
      return what === undefined ? [] : [`${folder}/${names.join(', ')}: ${what}`];
    }),
  );
  t.deepEqual(wrong, []);
});

test('the map fits in ten minutes', (t) => {
  const map = readFileSync(new URL('../docs/architecture.md', import.meta.url), 'utf8');
  t.true(map.split('\n').length <= 151);
});

function whatIsWrong(sentence: string | undefined): string | undefined {
  if (sentence === undefined) return 'has no comment at its top';
  if (!/^[A-Z`"/-]/.test(sentence)) return `begins in the middle: ${sentence}`;
  if (/^See /.test(sentence)) return `names another file only: ${sentence}`;
  if (!sentence.endsWith('.')) return `does not end: ${sentence}`;
  return sentence.length > MAX_LENGTH ? `has ${sentence.length} characters: ${sentence}` : undefined;
}
