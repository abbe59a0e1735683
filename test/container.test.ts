// The recipe of the container image, as far as it can be looked at without a container engine.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { PROGRAM, runProgram } from './support/daemon.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** Lines that end with a backslash go on in the next. */
const INSTRUCTIONS: readonly Instruction[] = readFileSync(`${ROOT}Dockerfile`, 'utf8')
  .replace(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .flatMap((line) => {
    const [, word, rest] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return word === undefined || rest === undefined ? [] : [{ word, rest }];
  });
const IGNORED = readFileSync(`${ROOT}.dockerignore`, 'utf8').trim().split('\n');

const all = (word: string): string[] =>
  INSTRUCTIONS.filter((each) => each.word === word).map(({ rest }) => rest);

const LAST_STAGE = INSTRUCTIONS.slice(INSTRUCTIONS.findLastIndex(({ word }) => word === 'FROM'));

test('everything that is copied into the image is there, and not ignored', (t) => {
  const copies = all('COPY').filter((rest) => !rest.startsWith('--from'));
  t.true(copies.length > 5);
  for (const source of copies.flatMap((rest) => rest.split(' ').slice(0, -1))) {
    t.true(existsSync(ROOT + source), source);
    t.false(IGNORED.includes(source), source);
  }
});

test('every file at the top that the build of the Makefile wants is copied', (t) => {
  const copied = new Set(all('COPY').flatMap((rest) => rest.split(' ')));
  const makefile = readFileSync(`${ROOT}Makefile`, 'utf8');
  for (const name of [
    'package-lock.json',
    'tsconfig.build.json',
    'binding.gyp',
    'scripts',
    'native',
    'LICENSE',
  ]) {
    t.true(makefile.includes(name), name);
    t.true(copied.has(name), name);
  }
});

test('the image runs as an account that is not root, at a port that is not privileged', (t) => {
  const users = LAST_STAGE.filter(({ word }) => word === 'USER').map(({ rest }) => rest);
  t.is(users.length, 1);
  t.false(['root', '0'].includes(users[0]!));
  for (const port of all('EXPOSE')) t.true(Number(port) > 1024);
});

test('what the image starts is a configuration that is valid, and stays in the foreground', async (t) => {
  const variables = all('ENV').flatMap((rest) =>
    rest.split(' ').map((pair) => pair.split('=') as [string, string]),
  );
  const env = { ...process.env, ...Object.fromEntries(variables) };
  const [program, ...args] = JSON.parse(all('ENTRYPOINT')[0]!) as string[];
  t.true(PROGRAM.endsWith(`/${program ?? ''}`));
  const { stdout, stderr } = await runProgram([...args, '--print-config'], { env });
  t.is(stderr, '');
  t.regex(stdout, /^logmode = stderr$/m);
  t.regex(stdout, /^nofork = yes$/m);
});

test('the health check of the image is a command line of ours', async (t) => {
  const [command = ''] = /\[.*\]$/.exec(all('HEALTHCHECK')[0] ?? '') ?? [];
  const [, ...args] = JSON.parse(command) as string[];
  const { stderr, status } = await runProgram([...args, '--check']);
  t.is(stderr, '');
  t.is(status, 0);
});
