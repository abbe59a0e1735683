// An honest client that is there while others attack: how long it waits because of that. The machine may be busy with other things,
// and an attack takes processor time from whoever is on it: an idle echo server in a process of its own, asked at the same moments,
// says how long one waits here for anything. What an honest client waits beyond that is the daemon's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { dialWire, type Wire } from './sockets.ts';
import { connectThrough, type Login } from './socks.ts';

const WINDOWS = 3;
/** Most turns that any `measure` here waits for: SYN, greeting, login, request, echo. */
const TURNS = 5;
const PAYLOAD = 'x'.repeat(64);

/**
 * The 99th percentile of what `measure` takes longer than the idle server, in milliseconds: the best of three windows of `samples`
 * each, ended by the first that is below `limitMs`.
 */
export async function p99Of(measure: () => Promise<unknown>, sampling: Sampling): Promise<number> {
  let best = Infinity;
  for (let window = 0; window < WINDOWS && best >= sampling.limitMs; window++) {
    best = Math.min(best, await oneWindow(measure, sampling));
  }
  return best;
}

interface Sampling {
  readonly samples: number;
  readonly limitMs: number;
  /** What comes before each sample, and is not measured. */
  readonly prelude?: () => Promise<unknown>;
}

/** An echo of 64 bytes over a session that is open. */
export async function echoOnce(wire: Wire): Promise<void> {
  wire.send(PAYLOAD);
  await wire.take(PAYLOAD.length);
}

/** A session of its own through the proxy to an echo server at `echo`, from the first SYN to the echo. */
export async function serveOnce(proxyPort: number, echo: number, login?: Login): Promise<void> {
  const wire = await connectThrough(proxyPort, echo, login);
  await echoOnce(wire);
  wire.socket.resetAndDestroy();
}

async function oneWindow(measure: () => Promise<unknown>, { samples, prelude }: Sampling): Promise<number> {
  const idle = await idleServer();
  const excess: number[] = [];
  for (let each = 0; each < samples; each++) {
    await prelude?.();
    const [measured, beside] = await Promise.all([timeOf(measure), timeOf(() => echoOnce(idle))]);
    excess.push(measured - TURNS * beside);
    // Attackers that live in this process must have their turns.
    await pause(5);
  }
  idle.socket.destroy();
  excess.sort((one, other) => one - other);
  return Math.max(0, excess[Math.floor(samples * 0.99)] ?? Infinity);
}

async function timeOf(measure: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await measure();
  return performance.now() - startedAt;
}

const SERVER = `
  const server = require('node:net').createServer((socket) => socket.on('error', () => {}).pipe(socket));
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.on('end', () => process.exit()).resume();`;

/** A connection to it; it ends with this process. */
async function idleServer(): Promise<Wire> {
  serverPort ??= startIdleServer();
  return dialWire(await serverPort);
}

let serverPort: Promise<number> | undefined;

async function startIdleServer(): Promise<number> {
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['pipe', 'pipe', 'ignore'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.unref();
  for (const end of [child.stdin, child.stdout]) (end as unknown as { unref(): void }).unref();
  return Number(line);
}
