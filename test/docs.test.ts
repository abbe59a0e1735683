// Examples of documents, read as the program reads them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parseIp } from '../src/base/ip.ts';
import { convertDanted } from '../src/danted/convert.ts';
import { run } from './support/commands.ts';
import { loadFile, problemsOf } from './support/configuration.ts';
import { temporaryFolder } from './support/daemon.ts';
import { needing } from './support/needing.ts';

const withHaproxy = needing('haproxy', existsSync('/usr/sbin/haproxy'));

const read = (document: string): string =>
  readFileSync(new URL(`../docs/${document}`, import.meta.url), 'utf8');

/** The blocks of a document that are fenced with this word, and perhaps the name of a file. */
function fenced(document: string, word: string): readonly string[] {
  const blocks = read(document).matchAll(new RegExp(`^\`\`\`${word}(?: [^\n]*)?\n(.*?)^\`\`\`$`, 'gms'));
  return [...blocks].map(([, inside = '']) => inside);
}

test('the sockd.conf of docs/migrating.md becomes what stands there', (t) => {
  const [source = '', expected = ''] = [...fenced('migrating.md', 'sockd'), ...fenced('migrating.md', 'ini')];
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

for (const document of ['migrating.md', 'doors.md']) {
  for (const [index, text] of fenced(document, 'ini').entries()) {
    test(`configuration ${index + 1} of docs/${document} is valid`, (t) => {
      t.deepEqual(problemsOf(loadFile(text)), []);
    });
  }
}

withHaproxy('the examples of docs/doors.md have each door, and HAProxy takes its own', async (t) => {
  const [whole = '', ready = ''] = fenced('doors.md', 'haproxy');
  const doors = fenced('doors.md', 'ini').join('');
  for (const option of ['proxy-protocol', 'listen = tls:', 'pac', 'listen = unix:', 'listen  = unix:'])
    t.true(doors.includes(option), option);
  const file = join(temporaryFolder(t), 'haproxy.cfg');
  for (const text of [whole, whole.replace(/^backend [^]*$/m, ready)]) {
    writeFileSync(file, text);
    const { status, stderr } = await run(['haproxy', '-c', '-f', file]);
    t.is(status, 0, stderr);
  }
});
