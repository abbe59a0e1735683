// One hashing thread as the pool sees it: it has one job at a time, and it dies at most once.
import { Worker } from 'node:worker_threads';
import type { Job, WorkerAnswer } from './job.ts';

/** How a job ends: with a verdict, or with the error of a thread that died over it. */
export interface JobEnd {
  resolve(matches: boolean): void;
  reject(cause: Error): void;
}

/** What the pool wants to know. */
export interface WorkerEvents {
  /** A verdict was given: there is room for the next job. */
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

  constructor(events: WorkerEvents) {
    this.#thread = new Worker(scriptUrl(), { name: 'password check', env: {}, stdin: false });
    // Waiting for a password check must not keep a daemon alive that has nothing else to do.
    this.#thread.unref();
    this.ready = new Promise((resolve, reject) => {
      this.#thread.on('message', (answer: WorkerAnswer) => {
        if (answer.kind === 'ready') resolve();
        else this.#finish(answer.matches, events);
      });
      this.#thread.on('error', (error: Error) => (this.#failure = error));
      this.#thread.on('exit', () => {
        const failure = this.#failure ?? new Error('the password check was stopped');
        reject(failure);
        this.#job?.reject(failure);
        events.gone(this);
      });
    });
    // Only prestart() waits for it; everybody else learns of a failure through the job.
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

  #finish(matches: boolean, events: WorkerEvents): void {
    const job = this.#job;
    this.#job = undefined;
    job?.resolve(matches);
    events.free(this);
  }
}

/** The compiled file next to this one; from the sources, its TypeScript, which a thread of Node 20 needs tsx to read. */
function scriptUrl(): URL {
  if (!import.meta.url.endsWith('.ts')) return new URL('./worker.js', import.meta.url);
  const load = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register();`;
  const script = new URL('./worker.ts', import.meta.url).href;
  return new URL(`data:text/javascript,${encodeURIComponent(`${load} await import('${script}');`)}`);
}
