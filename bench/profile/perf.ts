// perf(1) over the threads of a process, where it is there and may look.
import { execFileSync, spawn } from 'node:child_process';

const SAMPLES_PER_SECOND = 499;
const SCRIPT_BYTES = 2 ** 30;

/**
 * Records while `work` goes on, then returns what `perf script` says of it; `file` is for perf and stays. Stacks are unwound by
 * DWARF: the addon and libc keep no frame pointers. Rejects with what perf said.
 */
export async function recordThreads(pid: number, file: string, work: () => Promise<void>): Promise<string> {
  const options = ['-e', 'cpu-clock', '-F', `${SAMPLES_PER_SECOND}`, '--call-graph', 'dwarf,4096'];
  const recorder = spawn('perf', ['record', '-q', ...options, '-o', file, '-p', `${pid}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  recorder.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<string | undefined>((resolve) => {
    recorder.once('error', (error) => resolve(error.message));
    recorder.once('close', (code) => resolve(code === null || code === 0 ? undefined : `ended with ${code}`));
  });
  await work();
  recorder.kill('SIGINT');
  const failure = await ended;
  if (failure !== undefined && /ENOENT|denied|permi|not supported|No such/i.test(`${failure} ${said}`)) {
    throw new Error(`${failure}: ${said.trim().split('\n')[0] ?? ''}`);
  }
  const fields = ['--no-inline', '-F', 'comm,pid,tid,ip,sym,dso'];
  return execFileSync('perf', ['script', ...fields, '-i', file], {
    encoding: 'utf8',
    maxBuffer: SCRIPT_BYTES,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
