// Lines of a shell on one host of the world. Each is the head of a process group, so that it ends with all that it has started.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './client.ts';
import type { Place } from './world.ts';

export interface Shell {
  readonly ended: Promise<{ readonly status: number | null; readonly output: string }>;
  /** Ends the whole group. */
  readonly end: () => void;
}

const MAX_OUTPUT = 20_000;
/** Between two looks whether a service is ready. */
const PAUSE_MS = 50;

/** Ended after so many seconds; `output` is the end of what it said, on stdout and stderr. */
export function startShell(line: string, place: Place, folder: string, seconds: number): Shell {
  const [program, ...args] = [...place.command, 'sh', '-c', line];
  const child = spawn(program, args, {
    cwd: folder,
    env: place.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-MAX_OUTPUT)));
  const end = () => endGroup(child);
  const timer = setTimeout(end, seconds * 1000);
  const closed = once(child, 'close');
  const ended = once(child, 'exit').then(async ([status]) => {
    clearTimeout(timer);
    end();
    // A process that has left the group may hold the pipe.
    await Promise.race([closed, sleep(1000)]);
    return { status: status as number | null, output };
  });
  return { ended, end };
}

/** Settles when it is ready; an error has what it said. */
export async function startService(
  { line, ready }: Service,
  place: Place,
  folder: string,
  seconds: number,
): Promise<Shell> {
  const shell = startShell(line, place, folder, 10 * seconds);
  const deadline = performance.now() + seconds * 1000;
  const ended = shell.ended.then(() => 'ended');
  while (performance.now() < deadline) {
    const { status } = await startShell(ready, place, folder, seconds).ended;
    if (status === 0) return shell;
    if ((await Promise.race([ended, sleep(PAUSE_MS)])) === 'ended') break;
  }
  shell.end();
  const { output } = await shell.ended;
  throw new Error(`not ready: $ ${line}\n${output}`);
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
