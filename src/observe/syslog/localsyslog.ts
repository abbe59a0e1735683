// The way out to the local system log: lines wait here until the sender takes them. A socket cannot say when it
// has room again, so a timer asks; a sender that can say so calls wake().
import { priorityOf } from '../lines/level.ts';
import type { DroppedLine, Line, Sink } from '../lines/line.ts';
import { LineQueue } from '../lines/linequeue.ts';
import type { Sent, SyslogSender } from './syslogsender.ts';

/**
 * Until the sender is asked again. A log daemon that is busy reads on within milliseconds, and a socket may hold no more than ten
 * records for it (net.unix.max_dgram_qlen); one that stands still is asked less and less often.
 */
const RETRY_MS = { full: 4, gone: 1000 } as const;
const LONGEST_RETRY_MS = 64;

/** A sink that hands its lines to a sender. */
export class LocalSyslog implements Sink {
  readonly #queue: LineQueue;
  readonly #sender: SyslogSender;
  #timer: NodeJS.Timeout | undefined;
  #fullMs: number = RETRY_MS.full;

  constructor(sender: SyslogSender, droppedLine: DroppedLine) {
    this.#sender = sender;
    this.#queue = new LineQueue(droppedLine);
  }

  write(line: Line): void {
    if (this.#timer === undefined && this.#queue.isEmpty) {
      const sent = this.#send(line);
      if (sent === 'sent') return;
      this.#retry(sent);
    }
    this.#queue.push(line);
    if (this.#timer === undefined) this.wake();
  }

  /** Hands waiting lines over, as far as the sender takes them. */
  wake(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (let [line] = this.#queue.front(0); line !== undefined; [line] = this.#queue.front(0)) {
      const sent = this.#send(line);
      if (sent !== 'sent') {
        this.#retry(sent);
        return;
      }
      this.#queue.remove();
    }
  }

  async drained(): Promise<void> {
    await this.#queue.drained();
    await this.#sender.drained();
  }

  close(): Promise<void> {
    clearTimeout(this.#timer);
    return this.#sender.close();
  }

  #send({ level, text, timeMs }: Line): Sent {
    const sent = this.#sender.send(priorityOf(level), text, timeMs);
    if (sent === 'sent') this.#fullMs = RETRY_MS.full;
    return sent;
  }

  #retry(why: Exclude<Sent, 'sent'>): void {
    const waitMs = why === 'full' ? this.#fullMs : RETRY_MS.gone;
    if (why === 'full') this.#fullMs = Math.min(2 * waitMs, LONGEST_RETRY_MS);
    this.#timer = setTimeout(() => this.wake(), waitMs).unref();
  }
}
