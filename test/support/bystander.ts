// An honest client that is there while others attack: how long it waits.
import { setTimeout as pause } from 'node:timers/promises';
import type { Wire } from './sockets.ts';
import { connectThrough, type Login } from './socks.ts';

const WINDOWS = 3;
const PAYLOAD = 'x'.repeat(64);

/**
 * The 99th percentile of `measure`, in milliseconds: the best of three windows of `samples` each, ended by the first that
 * is below `limitMs`. A machine that others share may stall by itself; a daemon that is held up stalls each time.
 */
export async function p99Of(
  measure: () => Promise<unknown>,
  { samples, limitMs }: { readonly samples: number; readonly limitMs: number },
): Promise<number> {
  let best = Infinity;
  for (let window = 0; window < WINDOWS && best >= limitMs; window++) {
    best = Math.min(best, await oneWindow(measure, samples));
  }
  return best;
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

async function oneWindow(measure: () => Promise<unknown>, samples: number): Promise<number> {
  const latencies: number[] = [];
  for (let each = 0; each < samples; each++) {
    const startedAt = performance.now();
    await measure();
    latencies.push(performance.now() - startedAt);
    // Attackers that live in this process must have their turns.
    await pause(5);
  }
  latencies.sort((one, other) => one - other);
  return latencies[Math.floor(samples * 0.99)] ?? Infinity;
}
