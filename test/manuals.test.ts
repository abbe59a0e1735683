// The examples of the manuals, as they are typed: each command line and each file is understood.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { DROP_INS } from '../src/compat/dropins.ts';
import { formatProblem } from '../src/config/values/problem.ts';
import { dressUp } from '../src/daemon/host/dropin.ts';
import { loadAll } from '../src/daemon/host/load.ts';
import { parseCommandLine as parsePis5ctl } from '../src/pis5ctl/commandline.ts';
import { parseCommandLine as parsePis5user } from '../src/pis5user/commandline.ts';
import { temporaryFolder } from './support/daemon.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The literal blocks and lines under EXAMPLES, as they are shown. */
function examplesOf(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, 'man', page), 'utf8');
  const [, section = ''] = /^\.Sh EXAMPLES\n(.*?)^\.Sh /ms.exec(text) ?? [];
  const blocks = section.matchAll(/^(?:\.Bd -literal.*?\n(.*?)^\.Ed$|\.Dl (.*)$)/gms);
  return [...blocks].map(([, block, line = '']) =>
    (block ?? line).replaceAll('\\(dq', '"').replaceAll('\\e', '\\').replaceAll('\\&', ''),
  );
}

/** What is typed at the prompt, a command each; a line that ends with `\` or `|` goes on. */
function commandsOf(page: string): readonly string[] {
  return examplesOf(page)
    .flatMap((block) =>
      block.replaceAll(/(\\|\|)\n\s+/g, (_, mark: string) => (mark === '|' ? '| ' : '')).split('\n'),
    )
    .filter((line) => /^[#$] /.test(line))
    .map((line) => line.slice(2));
}

/** The words of each command of `program` in a line, as the shell has them. */
function callsOf(line: string, program: string): readonly (readonly string[])[] {
  return line
    .split(/ (?:\||&&) /)
    .filter((command) => command.startsWith(`${program} `))
    .map((command) => {
      const script = `set -- ${command.replace(/ > .*/, '')}; shift; printf '%s\\0' "$@"`;
      return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
    });
}

/** What the examples find in /etc/picosocks5. */
function makeFiles(folder: string): void {
  const secrets = {
    users: 'ann:$apr1$x$0000000000000000000000',
    'srelay.passwd': 'near.example.net ann secret',
  };
  for (const [name, text] of Object.entries(secrets)) {
    writeFileSync(join(folder, name), `${text}\n`);
    chmodSync(join(folder, name), 0o600);
  }
  writeFileSync(join(folder, 'picosocks5.conf'), 'network = 10.0.0.0/8\n');
  writeFileSync(join(folder, 'srelay.conf'), '* any far.example.net 1080 near.example.net 8080/H\n');
  writeFileSync(join(folder, 'rules.conf'), 'request = connect:*\n');
  cpSync(join(ROOT, 'etc/presets'), join(folder, 'presets'), { recursive: true });
}

async function problemsOf(argv: readonly string[], folder: string): Promise<readonly string[]> {
  const translation = await (await dressUp(argv, folder, () => Promise.resolve(DROP_INS))).translate();
  if (translation.kind === 'told') return [translation.text];
  const loaded = loadAll(argv, folder, new Map(), translation);
  const errors = loaded.problems.filter(({ severity }) => severity === 'error');
  return errors.map(formatProblem);
}

for (const line of commandsOf('picosocks5.8')) {
  for (const [index, call] of callsOf(line, 'picosocks5').entries()) {
    test(`picosocks5.8: ${line} (${index + 1})`, async (t) => {
      const folder = temporaryFolder(t);
      makeFiles(folder);
      const argv = call.map((word) => word.replaceAll('/etc/picosocks5', folder));
      t.deepEqual(await problemsOf(argv, folder), []);
    });
  }
}

for (const [index, text] of examplesOf('picosocks5.conf.5').entries()) {
  test(`picosocks5.conf.5: example ${index + 1}`, async (t) => {
    const folder = temporaryFolder(t);
    makeFiles(folder);
    const file = join(folder, 'example.conf');
    writeFileSync(file, text.replaceAll('/etc/picosocks5', folder));
    t.deepEqual(await problemsOf(['-c', file], folder), []);
  });
}

for (const [program, parse] of [
  ['pis5ctl', parsePis5ctl],
  ['pis5user', parsePis5user],
] as const) {
  const pages = ['picosocks5.8', 'pis5ctl.8', 'pis5user.1'];
  const calls = pages.flatMap((page) => commandsOf(page).flatMap((line) => callsOf(line, program)));
  for (const argv of calls) {
    test(`${program} ${argv.join(' ')} is understood`, (t) => {
      t.notThrows(() => parse(argv));
    });
  }
}

test('there are examples in each manual', (t) => {
  t.true(commandsOf('picosocks5.8').length > 15);
  t.true(examplesOf('picosocks5.conf.5').length > 5);
  t.true(commandsOf('pis5ctl.8').length > 5);
  t.true(commandsOf('pis5user.1').length > 3);
});
