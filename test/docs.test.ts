// Examples of documents, read as the program reads them.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { parseIp } from '../src/base/ip.ts';
import { convertDanted } from '../src/danted/convert.ts';
import { loadFile, problemsOf } from './support/configuration.ts';

const MIGRATING = readFileSync(new URL('../docs/migrating.md', import.meta.url), 'utf8');

/** The blocks of a document that are fenced with this word. */
function fenced(word: string): readonly string[] {
  const blocks = MIGRATING.matchAll(new RegExp(`^\`\`\`${word}\n(.*?)^\`\`\`$`, 'gms'));
  return [...blocks].map(([, inside = '']) => inside);
}

test('the sockd.conf of docs/migrating.md becomes what stands there', (t) => {
  const [source = '', expected = ''] = [...fenced('sockd'), ...fenced('ini')];
  const loopback = parseIp('127.0.0.1');
  const host = {
    interfaces: new Map([['lo', loopback === undefined ? [] : [loopback]]]),
    portOf: () => undefined,
  };
  const { text, left } = convertDanted(source, host);
  const settings = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  t.is(`${settings.join('\n')}\n`, expected);
  t.deepEqual(left, []);
});

for (const [index, text] of fenced('ini').entries()) {
  test(`configuration ${index + 1} of docs/migrating.md is valid`, (t) => {
    t.deepEqual(problemsOf(loadFile(text)), []);
  });
}
