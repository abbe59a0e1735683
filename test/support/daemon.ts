// The built daemon as an operator runs it: a process of its own, told apart only by its log and its port.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Scope } from './scope.ts';

export const PROGRAM = fileURLToPath(new URL('../../bin/picosocks5', import.meta.url));

/** Which transport the end-to-end tests ask for; undefined: the daemon's own choice. */
const TRANSPORT = process.env['PICOSOCKS5_TEST_TRANSPORT'];

/** Path of libasan where the daemon shall load the addon of "make addon-asan" (scripts/asan.sh). */
const ASAN = process.env['PICOSOCKS5_TEST_ASAN'];
const SANITIZED: Readonly<Record<string, string>> =
  ASAN === undefined
    ? {}
    : {
        // Node itself is not instrumented, so the runtime comes first; what V8 never frees is no leak of ours.
        LD_PRELOAD: ASAN,
        ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1',
        UBSAN_OPTIONS: 'halt_on_error=1',
        PICOSOCKS5_PREBUILD: fileURLToPath(new URL('../../build/asan', import.meta.url)),
      };

/** No test asks the name servers of the machine on its own. */
const NOTHING_ASKED = { PICOSOCKS5_NAT64_PREFIX: 'none' };

export interface Daemon {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Ports in the order of the listen addresses. */
  readonly ports: readonly number[];
  readonly port: number;
  /** Log lines so far. */
  readonly lines: readonly string[];
  /** The first line, past or to come, that matches and that no earlier call got. Rejects where none comes in LINE_LIMIT_MS. */
  readonly line: (pattern: RegExp) => Promise<string>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Exit status; the name of the signal when one killed it. */
  readonly exited: Promise<number | string>;
}

export interface DaemonOptions {
  /** Command in front of the daemon, such as `prlimit --nofile=64`. */
  readonly wrapper?: readonly string[];
  readonly listen?: readonly string[];
  /** Beside the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it in the foreground with its log on stderr, waits until it serves, ends it with the test. */
export function startDaemon(
  t: Scope,
  args: readonly string[] = [],
  { wrapper = [], listen = ['127.0.0.1:0'], env = {} }: DaemonOptions = {},
): Promise<Daemon> {
  const transport = TRANSPORT === undefined ? [] : ['--transport', TRANSPORT];
  const command = [...wrapper, PROGRAM, '--nofork', '--logmode', 'stderr', ...transport, ...args, ...listen];
  return startCommand(t, command, env);
}

/** The same for a whole command, which must stay in the foreground and log on stderr. */
export async function startCommand(
  t: Scope,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Daemon> {
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...SANITIZED, ...NOTHING_ASKED, ...env },
  });
  const log = watchLines(child);
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  t.teardown(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const started = await Promise.race([
    log.line(/ started |"event":"started"/),
    exited.then(async (status) => {
      if (!child.stderr.closed) await once(child.stderr, 'close');
      throw new Error(`the daemon ended with ${status}:\n${log.lines.join('\n')}`);
    }),
  ]);
  const ports = portsOf(started);
  return {
    process: child,
    pid: child.pid!,
    ports,
    port: ports[0]!,
    lines: log.lines,
    line: (pattern) => log.line(pattern),
    signal: (signal) => void child.kill(signal),
    exited,
  };
}

/** Runs the program to its end. */
export async function runProgram(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<{ status: number | string; stdout: string; stderr: string }> {
  const child = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes: Buffer) => (text.stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (text.stderr += bytes.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { status: code ?? signal ?? 'unknown', ...text };
}

/** An empty folder that all accounts may enter, removed with the test. */
export function temporaryFolder(t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'picosocks5-test-'));
  chmodSync(folder, 0o755);
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

function portsOf(started: string): number[] {
  const listen = /listen(?:=|":")"?([^\s"]+)/.exec(started)?.[1] ?? '';
  return listen.split(',').map((address) => Number(/:(\d+)$/.exec(address)?.[1]));
}

/** Much longer than anything takes: a test that waits in vain shall say for what. */
const LINE_LIMIT_MS = 120_000;

function watchLines(child: ChildProcess): { lines: string[]; line: (pattern: RegExp) => Promise<string> } {
  const lines: string[] = [];
  const taken = new Set<number>();
  const waiting: { pattern: RegExp; resolve: (line: string) => void }[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => {
    const index = lines.push(line) - 1;
    const at = waiting.findIndex(({ pattern }) => pattern.test(line));
    if (at < 0) return;
    taken.add(index);
    waiting.splice(at, 1)[0]!.resolve(line);
  });
  const comes = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const waiter = {
        pattern,
        resolve: (line: string) => {
          clearTimeout(timer);
          resolve(line);
        },
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(new Error(`no line came that matches ${String(pattern)}:\n${lines.join('\n')}`));
      }, LINE_LIMIT_MS).unref();
      waiting.push(waiter);
    });
  return {
    lines,
    line: (pattern) => {
      const index = lines.findIndex((line, each) => !taken.has(each) && pattern.test(line));
      if (index < 0) return comes(pattern);
      taken.add(index);
      return Promise.resolve(lines[index]!);
    },
  };
}
