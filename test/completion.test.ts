// What shells offer for a line that has been begun: asked of real bash and fish, read by zsh.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { COMPLETIONS } from '../scripts/completion/documents.ts';
import { mustRun } from './support/commands.ts';
import { temporaryFolder } from './support/daemon.ts';

const FOLDER = fileURLToPath(new URL('../etc/completion/', import.meta.url));
const FILE = join(FOLDER, 'picosocks5.bash');

for (const { path, render } of COMPLETIONS) {
  test(`${path} says what the tables of the programs say`, (t) => {
    t.is(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'), render(''), 'run "make render"');
  });
}

/** A folder with a file and a folder in it. */
function place(t: ExecutionContext): string {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'users'), '');
  mkdirSync(join(folder, 'jail'));
  return folder;
}

/** What bash offers; the words as bash parts them, at = as well. */
async function bash(words: readonly string[]): Promise<string[]> {
  const script =
    '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "_$1"; printf "%s\\n" "${COMPREPLY[@]}"';
  const output = await mustRun(['bash', '--norc', '-c', script, 'bash', FILE, ...words]);
  return output.split('\n').filter((line) => line !== '');
}

/** Each line that has been begun, and all that fits. */
const LINES: readonly (readonly [words: readonly string[], offers: readonly string[]])[] = [
  [['picosocks5', '--idle-t'], ['--idle-timeout']],
  [['picosocks5', 'heal'], ['healthcheck']],
  [
    ['picosocks5', '--transport', ''],
    ['auto', 'engine', 'streams'],
  ],
  [['picosocks5', '--transport', '=', 's'], ['streams']],
  [
    ['picosocks5', '-v', 'no'],
    ['notice', 'none'],
  ],
  [['picosocks5', '--user', 'nob'], ['nobody']],
  [['picosocks5', '--maxconn', ''], []],
  [['picosocks5', '--as', 'micro'], ['microsocks']],
  [['pis5ctl', 'se'], ['sessions']],
  [['pis5ctl', '--control', '/x', 'relo'], ['reload']],
  [['pis5ctl', '--control', '=', '/x', 'relo'], ['reload']],
  [['pis5ctl', 'loglevel', 'de'], ['debug']],
  [['pis5ctl', 'sessions', '--sort', 'cl'], ['client']],
  [['pis5user', 'ver'], ['verify']],
  [
    ['pis5user', 'add', '-m', 'sha'],
    ['sha256', 'sha512'],
  ],
];

test('bash offers what fits a line that has been begun', async (t) => {
  for (const [words, offers] of LINES) t.deepEqual(await bash(words), offers, words.join(' '));
});

test('bash offers files where a file stands, and folders where a folder stands', async (t) => {
  const folder = place(t);
  const [users, jail] = [join(folder, 'users'), join(folder, 'jail')];
  t.deepEqual(await bash(['picosocks5', '-c', join(folder, 'u')]), [users]);
  t.deepEqual(await bash(['picosocks5', '--config', '=', join(folder, 'u')]), [users]);
  t.deepEqual(await bash(['picosocks5', '--chroot', `${folder}/`]), [jail]);
  t.deepEqual(await bash(['pis5user', 'list', join(folder, 'u')]), [users]);
});

test('fish offers the same words', async (t) => {
  for (const [words, offers] of LINES) {
    const line = words.join(' ').replaceAll(' = ', '=');
    const [program = ''] = words;
    const script = 'source $argv[1]; complete -C $argv[2]';
    const output = await mustRun([
      'fish',
      '--no-config',
      '-c',
      script,
      join(FOLDER, `${program}.fish`),
      line,
    ]);
    const given = output.split('\n').flatMap((each) => each.split('\t')[0]?.replace(/^--[a-z]+=/, '') ?? []);
    for (const offer of offers) t.true(given.includes(offer), `${line}: ${given.join(' ')}`);
  }
});

test('zsh can read its file', async (t) => {
  await t.notThrowsAsync(mustRun(['zsh', '-n', join(FOLDER, '_picosocks5')]));
});
