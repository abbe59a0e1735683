// Folders for pid files, and processes that own one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { TYPESCRIPT } from './typescript.ts';

const OWNER = fileURLToPath(new URL('../support/pid-owner.ts', import.meta.url));

/** Linux gives out no pid above 2^22. */
export const DEAD_PID = 4_999_999;

/** A folder for the pid file; root's, with the default rights of one. */
export function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pis5pid-'));
  chmodSync(path, 0o755);
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

interface Answer {
  readonly pid?: number;
  readonly status?: number;
  readonly message?: string;
  readonly released?: string | null;
}

interface Owner {
  readonly answer: Answer;
  release(): Promise<Answer>;
  kill(): Promise<void>;
}

/** Another process that holds, or was refused, the pid file. */
export async function own(t: ExecutionContext, ...argv: string[]): Promise<Owner> {
  const child = spawn(process.execPath, [TYPESCRIPT, OWNER, ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<Answer> => JSON.parse((await lines.next()).value as string) as Answer;
  return {
    answer: await next(),
    release() {
      child.stdin.end();
      return next();
    },
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
