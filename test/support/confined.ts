// The abilities left to an intruder in a daemon: confined.c tries them from within. Needs cc.
import { createReadStream, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { mustRun } from './commands.ts';
import { temporaryFolder, type Daemon } from './daemon.ts';

const SOURCE = fileURLToPath(new URL('./confined.c', import.meta.url));

/** Threads of the daemon: older than its confinement, or younger. */
export const PROBED = ['main', 'old', 'new'] as const;

export interface Intruder {
  /** With `state/`, which all accounts may write, and `outside/secret`, which all may read and write. */
  readonly folder: string;
  /** For the daemon. */
  readonly env: Readonly<Record<string, string>>;
  /** Tries everything; errno by `THREAD ATTEMPT`. */
  readonly attempt: () => Promise<Readonly<Record<string, number>>>;
}

export async function intruder(t: ExecutionContext): Promise<Intruder> {
  const folder = temporaryFolder(t);
  const library = join(folder, 'confined.so');
  await mustRun(['cc', '-shared', '-fPIC', '-D_GNU_SOURCE', '-o', library, SOURCE, '-lpthread']);
  for (const name of ['state', 'outside']) {
    mkdirSync(join(folder, name));
    await chmod(join(folder, name), 0o777);
  }
  writeFileSync(join(folder, 'outside/secret'), 'secret');
  await chmod(join(folder, 'outside/secret'), 0o666);
  await mustRun(['mkfifo', join(folder, 'ask'), join(folder, 'answer')]);
  return {
    folder,
    env: { LD_PRELOAD: library, PROBE_FOLDER: folder },
    attempt: () => ask(folder),
  };
}

/** The lines of the status files of all threads that are about confinement, each once. */
export function limitsOf({ pid }: Daemon): string[] {
  const lines = readdirSync(`/proc/${pid}/task`).flatMap(
    (thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8').match(
        /^(?:NoNewPrivs|Seccomp|CapBnd):.*/gm,
      ) ?? [],
  );
  return [...new Set(lines.map((line) => line.replaceAll(/\s+/g, ' ')))].sort();
}

export function threadsOf({ pid }: Daemon): number {
  return readdirSync(`/proc/${pid}/task`).length;
}

async function ask(folder: string): Promise<Readonly<Record<string, number>>> {
  const answers = createReadStream(join(folder, 'answer'));
  writeFileSync(join(folder, 'ask'), '?', { flag: 'r+' });
  const found: Record<string, number> = {};
  for await (const line of createInterface({ input: answers })) {
    if (line === 'end') break;
    const [thread = '', attempt = '', errno] = line.split(' ');
    found[`${thread} ${attempt}`] = Number(errno);
  }
  answers.destroy();
  return found;
}
