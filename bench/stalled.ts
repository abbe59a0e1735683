// Sessions that never read, from 32 addresses, beside an honest download: `make bench-stalled`, or
// `npx tsx bench/stalled.ts [sessions] [picosocks5 to measure] [options of it ...]`. TCP memory is that of the whole host, both far
// ends included (/proc/net/sockstat): nothing else may run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseTcpPages } from '../src/net/native/tcpmemory.ts';
import { runLoad, startTarget, type Target } from './load.ts';
import { cpuSeconds, rssBytes } from './proc.ts';
import { startServer, stopServer, type Server } from './server.ts';

const MiB = 2 ** 20;
const PAGE_BYTES = 4096;
const DOWNLOADS = 5;
const SAMPLE_MS = 20;

const [sessions = '4000', program = 'bin/picosocks5', ...options] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'picosocks5-bench-'));
const target = await startTarget();
const command = (port: number): readonly string[] => [
  ...[program, '--nofork', '-L', 'stderr', '-v', 'err', ...options, `127.0.0.1:${port}`],
];
const server = await startServer({ name: program, role: 'product', command }, folder);
try {
  await report(server, target);
} finally {
  await stopServer(server);
  await target.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function report(of: Server, { source }: Target): Promise<void> {
  console.log(`before:  32 MiB at ${await rates(of, source)} MiB/s, TCP memory ${mebibytes(tcpBytes())} MiB`);
  const stalled = openStalled(of.port, source);
  const peak = watchPeak();
  console.log(`opened:  ${await stalled.ask(`open ${sessions}`)}`);
  console.log(`then:    32 MiB at ${await rates(of, source)} MiB/s, TCP memory ${mebibytes(tcpBytes())} MiB`);
  await delay(2000);
  const busyBefore = cpuSeconds(of.pid);
  await delay(3000);
  const busy = ((cpuSeconds(of.pid) - busyBefore) / 3) * 100;
  console.log(`later:   32 MiB at ${await rates(of, source)} MiB/s, TCP memory ${mebibytes(tcpBytes())} MiB`);
  console.log(
    `peak:    TCP memory ${mebibytes(peak())} MiB, daemon ${mebibytes(rssBytes(of.pid))} MiB resident`,
  );
  console.log(`at rest: ${busy.toFixed(1)} % of one processor`);
  console.log(`left:    ${await stalled.ask('count')}`);
  await stalled.close();
}

/** Of some downloads, one after the other; one that takes a minute has failed. */
async function rates({ port }: Server, source: number): Promise<string> {
  const found: string[] = [];
  for (let count = 0; count < DOWNLOADS; count++) {
    const asked = { proxy: port, target: source, bytes: 32 * MiB, 'at-once': 1, seconds: 60 };
    const rate = await runLoad('bulk', asked).then(
      (result) => mebibytes(result['bytesPerSecond'] ?? 0),
      () => 'none',
    );
    found.push(rate);
  }
  return found.join(', ');
}

function openStalled(
  proxy: number,
  source: number,
): { ask: (command: string) => Promise<string>; close: () => Promise<void> } {
  const words = [`proxy=${proxy}`, `target=${source}`, `total=${sessions}`, 'seconds=600'];
  const child = spawn('build/bench/load', ['stall', ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  return {
    ask: async (command) => {
      child.stdin.write(`${command}\n`);
      return ((await once(lines, 'line')) as [string])[0];
    },
    close: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

/** The most that TCP has taken until it is asked. */
function watchPeak(): () => number {
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, tcpBytes())), SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return most;
  };
}

function tcpBytes(): number {
  return (parseTcpPages(readFileSync('/proc/net/sockstat', 'latin1')) ?? 0) * PAGE_BYTES;
}

function mebibytes(bytes: number): string {
  return (bytes / MiB).toFixed(0);
}
