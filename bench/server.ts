// One server under test: started in the foreground on a free port of 127.0.0.1, ended by its pid.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Peer } from './peers.ts';
import { processTree } from './proc.ts';

const START_MS = 30_000;
const STOP_MS = 5000;
const STDERR_KEPT = 4096;

export interface Server {
  readonly peer: Peer;
  readonly pid: number;
  readonly port: number;
  readonly child: ChildProcess;
}

/**
 * Resolves when a connection is accepted; rejects with what the program said when it ends or stays silent. `more` are further
 * arguments.
 */
export async function startServer(peer: Peer, folder: string, more: readonly string[] = []): Promise<Server> {
  const port = await freePort();
  const [program, ...args] = [...peer.command(port, folder), ...more];
  // MicroSocks has no quiet switch in every version: its log goes nowhere, as does everybody's standard output.
  const stderr = peer.role === 'rival' ? 'ignore' : 'pipe';
  const child = spawn(program!, args, { stdio: ['ignore', 'ignore', stderr] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(0, STDERR_KEPT)));
  let ended: string | undefined;
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, signal) => (ended ??= `ended with ${code ?? signal}`));
  // When the benchmark itself is ended, so is what it started.
  const endChild = (): void => void child.kill('SIGTERM');
  process.once('exit', endChild);
  child.once('exit', () => process.off('exit', endChild));
  const server = { peer, pid: child.pid ?? 0, port, child };
  const giveUpAt = performance.now() + START_MS;
  while (!(await accepts(port))) {
    if (ended === undefined && performance.now() < giveUpAt) {
      await delay(20);
      continue;
    }
    const reason = ended ?? `accepts no connection after ${START_MS / 1000} s`;
    await stopServer(server);
    throw new Error([reason, ...essence(said)].join(': '));
  }
  return server;
}

/** SIGTERM, then SIGKILL to what is left of the tree. */
export async function stopServer({ child, pid }: Server): Promise<void> {
  if (pid === 0 || child.exitCode !== null || child.signalCode !== null) return;
  const members = processTree(pid);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([exited, delay(STOP_MS, undefined, { ref: false })]);
  for (const member of members.filter((one) => processTree(one).length > 0)) kill(member);
  await exited;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** The line of an error output that says what went wrong. */
function essence(said: string): string[] {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  return [lines.find((line) => /error|cannot/i.test(line)) ?? lines.at(-1) ?? ''].filter(Boolean);
}

export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended in the meantime.
  }
}
