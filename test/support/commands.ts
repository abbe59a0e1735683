// Other people's programs, run to their end within a time limit.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program without a shell; `input` goes to its stdin. Killed after a minute. */
export async function run(
  command: readonly string[],
  options: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Finished> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { timeout: 60_000, env: options.env ?? process.env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}

/** As run(), but anything except exit status 0 is an error. */
export async function mustRun(command: readonly string[], input?: string): Promise<string> {
  const { status, stdout, stderr } = await run(command, input === undefined ? {} : { input });
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status ?? 'a signal'}: ${stderr}`);
  return stdout;
}
