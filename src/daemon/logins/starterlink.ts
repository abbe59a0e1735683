// The daemon's end of its starter: processes that the starter starts, as if they were our own.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Child, ChildEvents, Children } from '../../auth/sources/place.ts';
import { concatBytes, displayText } from '../../base/bytes.ts';
import { packageRoot } from '../../base/packageroot.ts';
import {
  decodeFrame,
  encodeFrame,
  FRAME,
  type Frame,
  type FrameKind,
} from '../../protocol/logins/starterframes.ts';
import type { UnixAccount } from '../account/accounts.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';

/** Limit until it has become its account. */
const START_LIMIT_MS = 10_000;

/** Limit for its end. */
const END_LIMIT_MS = 1000;

/** Its heap is small, because it keeps nothing. */
const NODE_ARGUMENTS = ['--max-old-space-size=64', '--max-semi-space-size=1'];

const NOTHING = new Uint8Array(0);

/**
 * Starts a starter for `command`, which becomes `account`; undefined: it keeps ours. To be awaited before the drop. Rejects
 * with StartFailure.
 */
export async function startStarter(
  command: readonly string[],
  account: UnixAccount | undefined,
): Promise<Children> {
  const argv = [...NODE_ARGUMENTS, starterFile(), JSON.stringify(account ?? null), ...command];
  // A session of its own: an interrupt at the terminal is meant for the daemon, which drains.
  const starter = spawn(process.execPath, argv, { cwd: '/', env: {}, stdio: 'pipe', detached: true });
  const link = new StarterLink(starter);
  try {
    await link.ready;
    return link;
  } catch (failure) {
    link.close();
    const why = failure instanceof Error ? failure.message : String(failure);
    throw new StartFailure(EXIT.OS_ERROR, `cannot start what starts ${command[0] ?? ''}: ${why}`, failure);
  }
}

/** The joined file of the build; from the sources their TypeScript. */
function starterFile(): string {
  const file = import.meta.url.endsWith('.ts')
    ? new URL('./starter.ts', import.meta.url)
    : new URL('dist/program/starter.js', packageRoot());
  return fileURLToPath(file);
}

class StarterLink implements Children {
  readonly ready: Promise<void>;
  readonly #starter: ChildProcessWithoutNullStreams;
  readonly #children = new Map<number, ChildEvents>();
  #heard: Uint8Array = NOTHING;
  #errors = '';
  #over: string | undefined;
  #settleReady: (why: string | undefined) => void = () => undefined;

  constructor(starter: ChildProcessWithoutNullStreams) {
    this.#starter = starter;
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settleReady('it is not ready in time'), START_LIMIT_MS);
      this.#settleReady = (why) => {
        clearTimeout(timer);
        if (why === undefined) resolve();
        else reject(new Error(why));
      };
    });
    starter.stdin.on('error', () => undefined);
    starter.stdout.on('error', () => undefined).on('data', (bytes: Uint8Array) => this.#hear(bytes));
    starter.stderr.on('error', () => undefined).on('data', (bytes: Uint8Array) => this.#keep(bytes));
    starter.on('error', (error) => this.#end(error.message));
    starter.on('close', (code, signal) =>
      this.#end(`it ended with ${signal ?? `status ${code ?? 'unknown'}`}`),
    );
  }

  start(events: ChildEvents): Child {
    if (this.#over !== undefined) {
      const why = `cannot be started: ${this.#over}; only a restart of the daemon helps`;
      queueMicrotask(() => events.ended(why));
      return { write: () => undefined, kill: () => undefined };
    }
    const child = this.#freeNumber();
    this.#children.set(child, events);
    this.#tell(FRAME.START, child);
    return {
      write: (bytes) => this.#tell(FRAME.INPUT, child, bytes),
      kill: () => this.#tell(FRAME.END, child),
    };
  }

  /** It ends what it has started, and itself. */
  close(): void {
    this.#starter.stdin.end();
    setTimeout(() => this.#starter.kill('SIGKILL'), END_LIMIT_MS).unref();
  }

  #tell(kind: FrameKind, child: number, bytes: Uint8Array = NOTHING): void {
    if (this.#over === undefined) this.#starter.stdin.write(encodeFrame({ kind, child, bytes }));
  }

  #freeNumber(): number {
    let number = 0;
    while (this.#children.has(number)) number += 1;
    return number;
  }

  #hear(bytes: Uint8Array): void {
    this.#heard = concatBytes(this.#heard, bytes);
    for (;;) {
      const decoded = decodeFrame(this.#heard);
      if (decoded.kind === 'more') return;
      if (decoded.kind === 'bad') {
        this.#end(`it sent ${decoded.why ?? 'nonsense'}`);
        this.close();
        return;
      }
      this.#heard = this.#heard.subarray(decoded.size);
      this.#take(decoded.value);
    }
  }

  #take({ kind, child, bytes }: Frame): void {
    const events = this.#children.get(child);
    if (kind === FRAME.READY) this.#settleReady(undefined);
    else if (kind === FRAME.FAILED) this.#settleReady(displayText(bytes));
    else if (kind === FRAME.OUTPUT) events?.output(bytes);
    else if (kind === FRAME.ERRORS) events?.errors(bytes);
    else if (kind === FRAME.ENDED) {
      this.#children.delete(child);
      events?.ended(displayText(bytes));
    }
  }

  /** Messages of Node.js when it cannot run the starter. */
  #keep(bytes: Uint8Array): void {
    this.#errors = `${this.#errors}${displayText(bytes)}`.slice(0, 2000);
  }

  #end(why: string): void {
    if (this.#over !== undefined) return;
    this.#over = `the process that starts it is gone (${why}${this.#errors === '' ? '' : `: ${this.#errors.trim()}`})`;
    this.#settleReady(this.#over);
    const lost = [...this.#children.values()];
    this.#children.clear();
    for (const { ended } of lost) ended(`was lost: ${this.#over}`);
  }
}
