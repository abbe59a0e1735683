// The names of the programs stand in several places.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { DROP_INS } from '../../src/compat/dropins.ts';
import { BY_ARGUMENT } from '../../src/config/options/options.ts';

const NAMES = DROP_INS.map(({ name }) => name);

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

test('bin/picosocks5 knows the programs by the names of their links', (t) => {
  const line = /^(.*)\)\n\ttitle=/m.exec(read('bin/picosocks5'))?.[1] ?? '';
  t.deepEqual(line.split(' | '), NAMES);
});

test('the manual of --as and docs/drop-in.md tell of each program', (t) => {
  const { details = '' } = BY_ARGUMENT.get('as')!;
  const document = read('docs/drop-in.md');
  for (const name of NAMES) {
    t.true(details.includes(`\`${name}\``), name);
    t.regex(document, new RegExp(`^## ${name}\n\n\\|`, 'm'));
  }
});
