// What is rendered from the option table: no difference to the documents in the tree, and nothing left out.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { DOCUMENTS } from '../../src/config/documents/documents.ts';
import { renderHelp } from '../../src/config/documents/help.ts';
import { OPTIONS } from '../../src/config/options/options.ts';
import { configOf, load, loadFile, problemsOf, withoutOrigins } from '../support/configuration.ts';

for (const { path, render } of DOCUMENTS) {
  const current = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

  test(`${path} says what the option table says`, (t) => {
    t.is(render(current), current, 'run "make render"');
  });

  test(`${path} names every option that can stand in it`, (t) => {
    for (const option of OPTIONS) {
      const isManual = path.endsWith('.8');
      const isMissing = isManual
        ? option.kind === 'base'
        : option.kind === 'action' || option.kind === 'alias';
      const name = option.kind === 'include' && !isManual ? option.fileKeyword : option.keyword;
      if (!isMissing) t.true(current.includes(name), name);
    }
  });
}

const SAMPLE = readFileSync(new URL('../../etc/picosocks5.conf', import.meta.url), 'utf8');

test('the sample file as it is changes nothing', (t) => {
  t.deepEqual(withoutOrigins(configOf(loadFile(SAMPLE))), withoutOrigins(configOf(load([]))));
});

test('the sample file with every key set is valid', (t) => {
  const everything = SAMPLE.replace(/^#(?=[a-z[])/gm, '');
  const files = { 'x.conf': everything, 'local.conf': '', '/etc/picosocks5/routes': '* any' };
  t.deepEqual(problemsOf(load(['-c', 'x.conf'], files)), []);
});

test('renderHelp() fits a terminal and has every option', (t) => {
  const lines = renderHelp().split('\n');
  t.deepEqual(
    lines.filter((line) => line.length > 81),
    [],
  );
  for (const option of OPTIONS) {
    if (option.kind === 'base') continue;
    const short = option.short === undefined ? '' : `-${option.short}, `;
    t.true(
      lines.some((line) => line.trimStart().startsWith(`${short}--${option.keyword}`)),
      option.keyword,
    );
  }
});

test('no two options share a name', (t) => {
  const names = OPTIONS.flatMap(({ keyword, short }) => (short === undefined ? [keyword] : [keyword, short]));
  t.is(new Set(names).size, names.length);
});
