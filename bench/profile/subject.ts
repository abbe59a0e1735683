// The daemon that is profiled, with inside.cjs in it, and the load that it is under.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { runLoad, type LoadOptions, type LoadResult, type Target } from '../load.ts';
import { accepts, freePort } from '../server.ts';

const START_MS = 15_000;
/** Until a profile is there: it may be large. */
const ANSWER_MS = 60_000;
/** The same as bin/picosocks5 gives: a small young generation shows in each figure. */
const NODE_OPTIONS = ['--max-semi-space-size=2', '--require', './bench/profile/inside.cjs'];

/** What inside.cjs knows. `held`: what is still there at the end. */
export type Kind = 'cpu' | 'allocations' | 'held';

export interface Subject {
  readonly pid: number;
  readonly port: number;
  /** Profiles the main thread while `work` goes on; resolves with what V8 made of it. */
  readonly profile: (kind: Kind, work: () => Promise<void>) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

export async function startSubject(transport: string): Promise<Subject> {
  const port = await freePort();
  const options = ['--nofork', '-L', 'stderr', '-v', 'err', '--transport', transport, `127.0.0.1:${port}`];
  const child = fork('bin/start.cjs', ['main', ...options], { execArgv: NODE_OPTIONS });
  const giveUpAt = performance.now() + START_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > giveUpAt) {
      child.kill('SIGKILL');
      throw new Error('the daemon does not start: run `make` first');
    }
    await delay(20);
  }
  const profile = async (kind: Kind, work: () => Promise<void>): Promise<unknown> => {
    await tell(child, { kind, over: false });
    await work();
    return (await tell(child, { kind, over: true })).profile;
  };
  return { pid: child.pid!, port, profile, stop: () => stop(child) };
}

async function tell(
  child: ChildProcess,
  message: { readonly kind: Kind; readonly over: boolean },
): Promise<{ readonly profile?: unknown }> {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(ANSWER_MS) });
  child.send(message);
  return ((await answer) as [{ readonly profile?: unknown }])[0];
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([exited, delay(5000, undefined, { ref: false })]);
  child.kill('SIGKILL');
  await exited;
}

export interface Load {
  readonly mode: 'connect' | 'bulk' | 'echo' | 'udp';
  readonly unit: 'total' | 'bytes';
  /** Warms the daemon up, and shows its pace. */
  readonly first: number;
  readonly options: (target: Target) => LoadOptions;
}

/** What can be profiled. */
export const LOADS: Readonly<Record<string, Load>> = {
  connect: {
    mode: 'connect',
    unit: 'total',
    first: 40_000,
    options: ({ echo }) => ({ target: echo, 'at-once': 64 }),
  },
  bulk: {
    mode: 'bulk',
    unit: 'bytes',
    first: 2e9,
    options: ({ source }) => ({ target: source, 'at-once': 16, direction: 'down' }),
  },
  upload: {
    mode: 'bulk',
    unit: 'bytes',
    first: 2e9,
    options: ({ sink }) => ({ target: sink, 'at-once': 16, direction: 'up' }),
  },
  echo: {
    mode: 'echo',
    unit: 'total',
    first: 100_000,
    options: ({ echo }) => ({ target: echo, 'at-once': 64 }),
  },
  udp: {
    mode: 'udp',
    unit: 'total',
    first: 60_000,
    options: ({ udp }) => ({ target: udp, 'at-once': 16, window: 8 }),
  },
};

/** Warms the daemon up; what it returns drives it for about so many seconds. */
export async function prepareLoad(
  { mode, unit, first, options }: Load,
  port: number,
  target: Target,
): Promise<(seconds: number) => Promise<void>> {
  const drive = (amount: number): Promise<LoadResult> =>
    runLoad(mode, { proxy: port, [unit]: amount, ...options(target) });
  const { seconds: taken = 1 } = await drive(first);
  const most = unit === 'bytes' ? 1e12 : 1e7;
  return async (seconds) => {
    await drive(Math.min(most, Math.round((first / taken) * seconds)));
  };
}
