// An attacker with the rights of the account nobody, who puts links, pipes and files in the place of names in a folder of
// its own, as fast as it can, until it is stopped.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

export const NOBODY = 65_534;

export interface Swapping {
  readonly directory: string;
  /** A file of root, at which the links point. */
  readonly victim: string;
  /** Names in the folder. */
  readonly names: readonly string[];
  /** All names all the time, or one of them at the moment at which root makes it. */
  readonly program?: 'swapper' | 'pouncer';
}

/** Runs once it has begun. stop() gives the rounds that it played. */
export async function startSwapper(
  t: ExecutionContext,
  { directory, victim, names, program = 'swapper' }: Swapping,
): Promise<{ readonly stop: () => Promise<number> }> {
  const child = spawn(
    'python3',
    [fileURLToPath(new URL(`./${program}.py`, import.meta.url)), directory, victim, ...names],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await once(child.stdout, 'data');
  return {
    async stop() {
      child.stdin.end();
      await once(child, 'close');
      return Number(text.split('\n')[1]);
    },
  };
}
