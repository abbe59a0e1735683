// The way out to standard error: one write in flight, and all that has queued up meanwhile in the next one.
import type { DroppedLine, Line, Sink } from './line.ts';
import { LineQueue } from './linequeue.ts';
import { formatLocalTime } from './localtime.ts';
import { openOutputFd, type OutputFd } from './outputfd.ts';

/** Most UTF-16 units that one write carries. */
const MAX_BATCH_UNITS = 64 * 1024;
/** The same where other processes write to the same pipe: at most 4096 bytes (PIPE_BUF, pipe(7)) arrive in one piece. */
const WHOLE_BATCH_UNITS = 1365;

/** Until the next attempt after a disk was full. */
const RETRY_MS = 1000;

/** Errors that pass: the line stays and is tried again. Every other error means that the reader has gone. */
const PASSING: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EAGAIN', 'EIO'];

/** Opens the sink on descriptor `fd`. Once its reader is gone it takes lines and drops them: whom to tell? */
export function openStderr(fd: number, droppedLine: DroppedLine, writers: 'one' | 'several' = 'one'): Sink {
  const most = writers === 'one' ? MAX_BATCH_UNITS : WHOLE_BATCH_UNITS;
  return new StderrSink(openOrNothing(fd), droppedLine, most);
}

class StderrSink implements Sink {
  readonly #queue: LineQueue;
  readonly #mostUnits: number;
  #output: OutputFd | undefined;
  #state: 'idle' | 'writing' = 'idle';

  constructor(output: OutputFd | undefined, droppedLine: DroppedLine, mostUnits: number) {
    this.#output = output;
    this.#mostUnits = mostUnits;
    this.#queue = new LineQueue(droppedLine);
  }

  write(line: Line): void {
    if (this.#output === undefined) return;
    this.#queue.push(line);
    if (this.#state === 'idle') void this.#pump(this.#output);
  }

  drained(): Promise<void> {
    return this.#output === undefined ? Promise.resolve() : this.#queue.drained();
  }

  close(): Promise<void> {
    this.#output?.close();
    this.#output = undefined;
    return Promise.resolve();
  }

  /** Writes until nothing waits. Never rejects. */
  async #pump(output: OutputFd): Promise<void> {
    this.#state = 'writing';
    while (this.#output !== undefined) {
      const lines = this.#queue.front(this.#mostUnits);
      if (lines.length === 0) break;
      if (await this.#deliver(output, lines)) this.#queue.remove();
    }
    this.#state = 'idle';
  }

  async #deliver(output: OutputFd, lines: readonly Line[]): Promise<boolean> {
    try {
      await output.write(Buffer.from(lines.map(formatLine).join('')));
      return true;
    } catch (error) {
      if (!PASSING.includes((error as NodeJS.ErrnoException).code)) this.#output = undefined;
      else await pause();
      return false;
    }
  }
}

function openOrNothing(fd: number): OutputFd | undefined {
  try {
    return openOutputFd(fd);
  } catch {
    return undefined;
  }
}

/** Text has no time and level of its own; JSON has both. */
function formatLine(line: Line): string {
  const head = line.format === 'text' ? `${formatLocalTime(line.timeMs)} ${line.level} ` : '';
  return `${head}${line.text}\n`;
}

function pause(): Promise<void> {
  return new Promise((settle) => setTimeout(settle, RETRY_MS).unref());
}
