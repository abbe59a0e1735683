// A daemon with a control socket, and the built pis5ctl that talks to it, with a pipe or on a pseudo-terminal.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { run, type Finished } from './commands.ts';
import { startDaemon, temporaryFolder, type Daemon, type DaemonOptions } from './daemon.ts';

export const PIS5CTL = fileURLToPath(new URL('../../bin/pis5ctl', import.meta.url));

/** Runs it without telling it where the socket is. */
export function pis5ctl(...args: readonly string[]): Promise<Finished> {
  return run([PIS5CTL, ...args]);
}

export interface Steered {
  readonly daemon: Daemon;
  readonly path: string;
  readonly folder: string;
  /** Runs pis5ctl at the socket of this daemon. */
  readonly ctl: (...args: readonly string[]) => Promise<Finished>;
}

export async function steeredDaemon(
  t: ExecutionContext,
  args: readonly string[] = [],
  { folder = temporaryFolder(t), ...options }: DaemonOptions & { readonly folder?: string } = {},
): Promise<Steered> {
  const path = join(folder, 'control');
  const daemon = await startDaemon(t, ['--control', path, ...args], options);
  return { daemon, path, folder, ctl: (...words) => pis5ctl('--control', path, ...words) };
}

export interface Terminal {
  readonly child: ChildProcess;
  /** Settles when what was shown since the last call matches; gives it. */
  readonly shows: (pattern: RegExp) => Promise<string>;
  readonly type: (keys: string) => void;
  /** All that was shown, and the exit status; a line `ECHO-IS-OFF` where the terminal was not restored. */
  readonly ended: Promise<{ readonly status: number | null; readonly output: string }>;
}

/** Runs pis5ctl on a terminal of this size, by script(1). */
export function onTerminal(
  t: ExecutionContext,
  args: readonly string[],
  size: { readonly columns: number; readonly rows: number; readonly env?: NodeJS.ProcessEnv } = {
    columns: 100,
    rows: 30,
  },
): Terminal {
  const command = [PIS5CTL, ...args].map((word) => `'${word}'`).join(' ');
  const shell =
    `stty cols ${size.columns} rows ${size.rows}; ${command}; status=$?; ` +
    "stty -a | grep -qw -- '-echo' && echo ECHO-IS-OFF; exit $status";
  const child = spawn('script', ['-qec', shell, '/dev/null'], {
    stdio: 'pipe',
    env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm', ...size.env },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let [output, seen] = ['', 0];
  let look = (): void => undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    look();
  });
  return {
    child,
    shows: (pattern) =>
      new Promise((resolve) => {
        look = () => {
          const rest = output.slice(seen);
          if (!pattern.test(rest)) return;
          seen = output.length;
          look = () => undefined;
          resolve(rest);
        };
        look();
      }),
    type: (keys) => void child.stdin.write(keys),
    ended: new Promise((resolve) => child.on('close', (status) => resolve({ status, output }))),
  };
}
