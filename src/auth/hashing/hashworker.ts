// One hashing thread as the pool sees it: it has one job at a time, and it dies at most once.
import type { Worker } from 'node:worker_threads';
import type { Job, WorkerAnswer } from './job.ts';
import { startThread, type ThreadSource } from './threadsource.ts';

/** The end of a job: a verdict, or the error that prevented one. */
export interface JobEnd {
  resolve(matches: boolean): void;
  reject(cause: Error): void;
}

/** Events for the pool. */
export interface WorkerEvents {
  /** The job was answered: there is room for the next one. */
  free(worker: HashWorker): void;
  /** The thread has ended, its job with it. */
  gone(worker: HashWorker): void;
}

export class HashWorker {
  /** Settles when the thread has loaded all that it needs; rejects if it could not. */
  readonly ready: Promise<void>;
  readonly #thread: Worker;
  #job: JobEnd | undefined;
  #failure: Error | undefined;

  /** Throws where the system starts no thread. */
  constructor(source: ThreadSource, events: WorkerEvents) {
    this.#thread = startThread(source);
    // A waiting password check must not keep an otherwise idle daemon alive.
    this.#thread.unref();
    this.ready = new Promise((resolve, reject) => {
      this.#thread.on('message', (answer: WorkerAnswer) => {
        if (answer.kind === 'ready') resolve();
        else this.#finish(answer, events);
      });
      this.#thread.on('error', (error: Error) => (this.#failure = error));
      this.#thread.on('exit', () => {
        const failure = this.#failure ?? new Error('the password check was stopped');
        reject(failure);
        this.#job?.reject(failure);
        events.gone(this);
      });
    });
    // Only the start of a thread without a job is awaited; with a job, the job reports the failure.
    this.ready.catch(() => undefined);
  }

  get busy(): boolean {
    return this.#job !== undefined;
  }

  run(job: Job, end: JobEnd): void {
    this.#job = end;
    this.#thread.postMessage(job);
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }

  #finish(answer: Exclude<WorkerAnswer, { readonly kind: 'ready' }>, events: WorkerEvents): void {
    const job = this.#job;
    this.#job = undefined;
    if (answer.kind === 'verdict') job?.resolve(answer.matches);
    else job?.reject(new Error(answer.why));
    events.free(this);
  }
}
