// Password checks off the main thread: a few threads, one job each, started when there is work and retired when there
// is none for a while. Jobs that wait are bounded, and shared fairly among clients and their networks.
import { availableParallelism } from 'node:os';
import { Fault } from '../../base/fault.ts';
import { parseIp, type Ip } from '../../base/ip.ts';
import { FairQueue } from '../../policy/room/fairqueue.ts';
import { ownerOf } from '../../policy/room/owner.ts';
import { HashWorker, type JobEnd } from './hashworker.ts';
import type { Job } from './job.ts';
import { readThreadSource, type ThreadSource } from './threadsource.ts';

export interface PoolLimits {
  readonly maxThreads: number;
  /** Jobs that wait: in all, and of one client. */
  readonly maxQueued: number;
  readonly maxQueuedPerClient: number;
  /** A thread without work ends after this long. */
  readonly idleMs: number;
}

/** A full queue takes two threads 2 s at bcrypt cost 10 (55 ms a check), 7 s at cost 12: within a handshake's time. */
export const POOL_LIMITS: PoolLimits = {
  maxThreads: Math.min(2, availableParallelism()),
  maxQueued: 64,
  maxQueuedPerClient: 16,
  idleMs: 30_000,
};

/** A checker of passwords: the pool, or its substitute in tests. */
export interface PasswordChecker {
  /** Whether the password belongs to one of the hashes. Rejects with LOGIN_BUSY, LOGIN_UNCHECKED or SHUTTING_DOWN. */
  run(job: Job, client: Ip): Promise<boolean>;
  load(): void;
  prestart(): Promise<void>;
  prove(): Promise<void>;
  /** Jobs that wait for a thread. */
  readonly waiting?: number;
  close(): Promise<void>;
}

/** The owner of jobs of the daemon itself. */
const LOOPBACK = parseIp('127.0.0.1') as Ip;

interface QueuedJob {
  readonly job: Job;
  readonly end: JobEnd;
}

export class HashPool implements PasswordChecker {
  readonly #limits: PoolLimits;
  readonly #queue: FairQueue<QueuedJob>;
  /** The threads, each with the timer that ends it when it is idle. */
  readonly #retirements = new Map<HashWorker, NodeJS.Timeout | undefined>();
  #mode: 'on-demand' | 'pinned' | 'closed' = 'on-demand';
  #source: ThreadSource | undefined;

  constructor(limits: PoolLimits) {
    this.#limits = limits;
    this.#queue = new FairQueue({
      max: limits.maxQueued,
      maxPerClient: limits.maxQueuedPerClient,
      gaveWay: ({ end }) => end.reject(new Fault('LOGIN_BUSY')),
    });
  }

  /** Threads that are alive. */
  get threads(): number {
    return this.#retirements.size;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  run(job: Job, client: Ip): Promise<boolean> {
    if (this.#mode === 'closed') return Promise.reject(new Fault('SHUTTING_DOWN'));
    return new Promise((resolve, reject) => {
      const end = { resolve, reject: (cause: Error) => reject(this.#faultOf(cause)) };
      if (!this.#queue.push(ownerOf(client), { job, end })) reject(new Fault('LOGIN_BUSY'));
      else this.#dispatch();
    });
  }

  /** Reads the program of threads, once. Throws when it cannot be read. */
  load(): void {
    this.#source ??= readThreadSource();
  }

  /**
   * Has a thread check a password, and so shows that the next login can be. One that was started for it ends: a daemon at rest
   * has none. Rejects with LOGIN_UNCHECKED.
   */
  async prove(): Promise<void> {
    const before = new Set(this.#retirements.keys());
    await this.run({ password: new Uint8Array(0), hashes: [{ kind: 'plain', text: '' }] }, LOOPBACK);
    const own = [...this.#retirements.keys()].filter((worker) => !before.has(worker) && !worker.busy);
    if (this.#mode === 'on-demand') await Promise.all(own.map((worker) => this.#retire(worker)));
  }

  /** Starts every thread and keeps them all: where the C library loads nothing from memory, a chroot(2) hides what they need. */
  async prestart(): Promise<void> {
    this.#mode = 'pinned';
    while (this.threads < this.#limits.maxThreads) this.#start();
    for (const timer of this.#retirements.values()) clearTimeout(timer);
    await Promise.all([...this.#retirements.keys()].map((worker) => worker.ready));
  }

  /** Ends the threads; jobs that wait or run fail with SHUTTING_DOWN. */
  async close(): Promise<void> {
    this.#mode = 'closed';
    for (let next = this.#queue.shift(); next; next = this.#queue.shift())
      next.end.reject(new Error('closed'));
    await Promise.all([...this.#retirements.keys()].map((worker) => worker.stop()));
  }

  #dispatch(): void {
    while (this.#queue.size > 0) {
      const worker = this.#idleWorker() ?? this.#startIfAllowed();
      const next = worker === undefined ? undefined : this.#queue.shift();
      if (worker === undefined || next === undefined) return;
      if (worker instanceof Error) {
        next.end.reject(worker);
        continue;
      }
      clearTimeout(this.#retirements.get(worker));
      worker.run(next.job, next.end);
    }
  }

  #idleWorker(): HashWorker | undefined {
    for (const worker of this.#retirements.keys()) if (!worker.busy) return worker;
    return undefined;
  }

  /** undefined when no further thread may start; an error when starting fails. */
  #startIfAllowed(): HashWorker | Error | undefined {
    if (this.threads >= this.#limits.maxThreads) return undefined;
    try {
      return this.#start();
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Throws when the program of threads cannot be read, or the system starts no thread. */
  #start(): HashWorker {
    this.#source ??= readThreadSource();
    const worker = new HashWorker(this.#source, {
      free: (freed) => this.#freed(freed),
      gone: (ended) => this.#gone(ended),
    });
    this.#retirements.set(worker, undefined);
    return worker;
  }

  #freed(worker: HashWorker): void {
    this.#dispatch();
    if (worker.busy || this.#mode !== 'on-demand') return;
    const timer = setTimeout(() => void this.#retire(worker), this.#limits.idleMs).unref();
    this.#retirements.set(worker, timer);
  }

  /** Out of the table first: a thread that is being stopped must not get one more job. */
  async #retire(worker: HashWorker): Promise<void> {
    clearTimeout(this.#retirements.get(worker));
    this.#retirements.delete(worker);
    await worker.stop();
  }

  /** A thread that died over a job is replaced when the next job needs it; no job, no attempt. */
  #gone(worker: HashWorker): void {
    clearTimeout(this.#retirements.get(worker));
    this.#retirements.delete(worker);
    if (this.#mode !== 'closed') this.#dispatch();
  }

  #faultOf(cause: Error): Fault {
    if (cause instanceof Fault) return cause;
    return new Fault(this.#mode === 'closed' ? 'SHUTTING_DOWN' : 'LOGIN_UNCHECKED', cause);
  }
}
