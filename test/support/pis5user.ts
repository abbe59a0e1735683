// Runs pis5user from the sources, as bin/pis5user does from dist/: with a pipe for stdin, or on a pseudo-terminal.
import { spawn } from 'node:child_process';
import { TYPESCRIPT } from './typescript.ts';

const RUN = [
  TYPESCRIPT,
  '--input-type=module',
  '--eval',
  `const { main } = await import('${new URL('../../src/pis5user/main.ts', import.meta.url).href}');
   process.exitCode = await main(process.argv.slice(1));`,
  '--',
];

export const PIS5USER_COMMAND: readonly string[] = [process.execPath, ...RUN];

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function pis5user(args: readonly string[], stdin: string | Buffer = ''): Promise<Outcome> {
  const child = spawn(process.execPath, [...RUN, ...args], { stdio: 'pipe' });
  // A command that needs no password ends without reading.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

/** Types each answer when its prompt has appeared; all that the terminal showed comes back as `stdout`. */
export function pis5userOnTerminal(
  args: readonly string[],
  answers: readonly { readonly after: RegExp; readonly type: string }[],
): Promise<Outcome> {
  const command = [process.execPath, ...RUN, ...args]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ');
  const shell = `${command}; status=$?; stty -a | grep -qw -- '-echo' && echo ECHO-IS-OFF; exit $status`;
  const child = spawn('script', ['-qec', shell, '/dev/null'], {
    stdio: 'pipe',
    env: { ...process.env, SHELL: '/bin/sh' },
  });
  const waiting = [...answers];
  let stdout = '';
  let seen = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    const next = waiting[0];
    const at = next === undefined ? -1 : stdout.slice(seen).search(next.after);
    if (next === undefined || at < 0) return;
    seen = stdout.length;
    waiting.shift();
    child.stdin.write(next.type);
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr: '' })));
}
