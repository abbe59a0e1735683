// A store of the tests: redis-server of Debian in a folder of its own, on a port of its own. It is stopped, killed and filled at will.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { mustRun } from './commands.ts';
import { temporaryFolder } from './daemon.ts';
import { needing } from './needing.ts';
import type { Scope } from './scope.ts';
import { freePort } from './sockets.ts';

const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0;
export const needingRedis = needing('redis-server', HAS_REDIS);

export class Store {
  readonly port: number;
  readonly #folder: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;

  constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#args = args;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Runs redis-cli; what it prints. */
  ask(...words: readonly string[]): Promise<string> {
    return mustRun(['redis-cli', '-p', String(this.port), ...words]);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** It is empty then: nothing is kept on disk. */
  async start(): Promise<void> {
    const place = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder];
    const nothingKept = ['--save', '', '--appendonly', 'no', '--daemonize', 'no'];
    this.#child = spawn('redis-server', [...place, ...nothingKept, ...this.#args], { stdio: 'ignore' });
    for (let left = 200; left > 0; left--) {
      const answer = spawnSync('redis-cli', ['-p', String(this.port), 'ping'], { encoding: 'utf8' });
      if (/PONG|NOAUTH/.test(answer.stdout)) return;
      await delay(25);
    }
    throw new Error('redis-server does not answer');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** Ends with the test. */
export async function startStore(t: Scope, args: readonly string[] = []): Promise<Store> {
  const store = new Store(await freePort(), temporaryFolder(t), args);
  t.teardown(() => store.kill());
  await store.start();
  return store;
}
