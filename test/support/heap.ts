// The heap of a running daemon, as V8 counts it after collecting garbage.
import { fileURLToPath } from 'node:url';
import type { Daemon } from './daemon.ts';

/** For the environment of a daemon whose heap is asked about. */
export const HEAP_PROBE = {
  NODE_OPTIONS: `--require ${fileURLToPath(new URL('heapprobe.cjs', import.meta.url))}`,
};

/** In bytes. */
export async function heapOf({ signal, line }: Daemon): Promise<{ used: number; limit: number }> {
  signal('SIGUSR2');
  const [, used, limit] = /used=(\d+) limit=(\d+)/.exec(await line(/^heap used=/)) ?? [];
  return { used: Number(used), limit: Number(limit) };
}
