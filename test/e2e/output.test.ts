// What the programs print, where it cannot be written: to a pipe that nobody reads any more, and to a full disk.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';

const bin = (name: string): string => fileURLToPath(new URL(`../../bin/${name}`, import.meta.url));

/** Enough lines that a pipe does not take them all. */
function manyUsers(t: ExecutionContext): string {
  const file = join(temporaryFolder(t), 'users');
  writeFileSync(file, Array.from({ length: 5000 }, (_, at) => `user-of-the-list-${at}::x\n`).join(''));
  return file;
}

async function controlled(t: ExecutionContext): Promise<string> {
  const control = join(temporaryFolder(t), 'control');
  await startDaemon(t, ['--control', control]);
  return control;
}

const COMMANDS: readonly {
  readonly title: string;
  readonly command: (t: ExecutionContext) => Promise<readonly string[]> | readonly string[];
}[] = [
  { title: 'picosocks5 --help', command: () => [bin('picosocks5'), '--help'] },
  { title: 'picosocks5 --print-config', command: () => [bin('picosocks5'), '--print-config'] },
  { title: 'picosocks5 --version', command: () => [bin('picosocks5'), '--version'] },
  { title: 'pis5user list', command: (t) => [bin('pis5user'), 'list', manyUsers(t)] },
  { title: 'pis5user --help', command: () => [bin('pis5user'), '--help'] },
  {
    title: 'pis5ctl --json status',
    command: async (t) => [bin('pis5ctl'), '--control', await controlled(t), '--json', 'status'],
  },
  { title: 'pis5ctl --help', command: () => [bin('pis5ctl'), '--help'] },
];

for (const { title, command } of COMMANDS) {
  test(`${title} ends without a word when nobody reads any more`, async (t) => {
    // The reader is gone before the program begins to write.
    const script = '{ sleep 0.2; "$@"; echo "status $?" >&2; } | true';
    const { stderr } = await run(['sh', '-c', script, 'sh', ...(await command(t))]);
    t.is(stderr, 'status 141\n');
  });

  test(`${title} says in one line that it cannot write`, async (t) => {
    const [program, ...args] = await command(t);
    const { status, stderr } = await run(['sh', '-c', 'exec "$@" >/dev/full', 'sh', program!, ...args]);
    const name = program!.split('/').at(-1);
    t.is(stderr, `${name}: cannot write to standard output: no space left on device\n`);
    t.is(status, 74);
  });
}
