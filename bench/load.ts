// Drives the C programs: the load generator (bench/load) and the services that it asks for (bench/target.c).
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Bounds of one run of the load generator. */
const SECONDS = 120;

/** The numbers of one result line; `failed` counts connections, `lost` datagrams, and `why` is the reason of the first. */
export type LoadResult = Readonly<Record<string, number>>;

export type LoadOptions = Readonly<Record<string, string | number>>;

export interface Target {
  readonly pid: number;
  readonly echo: number;
  readonly source: number;
  readonly sink: number;
  /** UDP, which sends back what it gets. */
  readonly udp: number;
  readonly stop: () => Promise<void>;
}

export async function startTarget(): Promise<Target> {
  const child = spawn('build/bench/target', { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { ...(JSON.parse(line) as Omit<Target, 'pid' | 'stop'>), pid: child.pid!, stop };
}

/** Runs one mode to its end; `rest` follows after `--`. Rejects when any connection failed or any datagram was lost: a figure with losses means something else. */
export async function runLoad(
  mode: string,
  options: LoadOptions,
  rest: readonly string[] = [],
): Promise<LoadResult> {
  const child = spawnLoad(mode, options, rest);
  child.stdin.end();
  const ended = once(child, 'exit');
  const result = withoutLosses(await nextLine(child));
  await ended;
  return result;
}

export interface HeldSessions {
  /** Opens sessions until `count` are held. */
  readonly open: (count: number) => Promise<void>;
  /** How many sessions answered one byte. */
  readonly echo: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Sessions that stay until close(); `atMost` is the most that open() will be asked for. */
export function holdSessions(options: LoadOptions, atMost: number): HeldSessions {
  const child = spawnLoad('hold', { ...options, total: atMost, seconds: 600 }, []);
  const ended = once(child, 'exit');
  const ask = (command: string): Promise<LoadResult> => {
    child.stdin.write(`${command}\n`);
    return nextLine(child);
  };
  return {
    open: async (count) => void withoutLosses(await ask(`open ${count}`)),
    echo: async () => (await ask('echo'))['answered']!,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** Sessions that have asked for endless bytes and read none, until close(). */
export async function stallSessions(
  options: LoadOptions,
  count: number,
): Promise<Pick<HeldSessions, 'close'>> {
  const child = spawnLoad('stall', { ...options, total: count, seconds: 600 }, []);
  const ended = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  child.stdin.write(`open ${count}\n`);
  try {
    withoutLosses(await nextLine(child));
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Bytes that wait in pipes, which are named as /proc/PID/fd/N. */
export async function pipedBytes(paths: readonly string[]): Promise<number> {
  return (await runLoad('piped', {}, paths))['bytes']!;
}

function spawnLoad(
  mode: string,
  options: LoadOptions,
  rest: readonly string[],
): ChildProcessWithoutNullStreams {
  const words = Object.entries({ seconds: SECONDS, ...options }).map(([key, value]) => `${key}=${value}`);
  const child = spawn('build/bench/load', [mode, ...words, ...(rest.length === 0 ? [] : ['--', ...rest])]);
  child.stderr.pipe(process.stderr);
  // A generator that has given up says why on its standard output.
  child.stdin.on('error', () => undefined);
  return child;
}

async function nextLine(child: ChildProcessWithoutNullStreams): Promise<LoadResult> {
  const [chunk] = (await Promise.race([once(child.stdout, 'data'), once(child, 'close')])) as [unknown];
  if (!Buffer.isBuffer(chunk)) throw new Error('the load generator ended without a result');
  const result = JSON.parse(chunk.toString()) as LoadResult & { readonly error?: string };
  if (result.error !== undefined) throw new Error(result.error);
  return result;
}

function withoutLosses(result: LoadResult): LoadResult {
  const failed = result['failed'] ?? 0;
  const lost = result['lost'] ?? 0;
  if (failed > 0) throw new Error(`${failed} connections failed: ${String(result['why'])}`);
  if (lost > 0) throw new Error(`${lost} datagrams were lost`);
  return result;
}
