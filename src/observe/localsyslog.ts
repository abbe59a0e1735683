// The way out to the local system log: lines wait here until the sender takes them. A socket cannot say when it
// has room again, so a timer asks; a sender that can say so calls wake().
import { priorityOf } from './level.ts';
import type { DroppedLine, Line, Sink } from './line.ts';
import { LineQueue } from './linequeue.ts';
import type { Sent, SyslogSender } from './syslogsender.ts';

/** Until the sender is asked again. A log daemon that is busy reads on within milliseconds; a dead one does not. */
const RETRY_MS = { full: 50, gone: 1000 } as const;

/** A sink that hands its lines to a sender. */
export class LocalSyslog implements Sink {
  readonly #queue: LineQueue;
  readonly #sender: SyslogSender;
  #timer: NodeJS.Timeout | undefined;

  constructor(sender: SyslogSender, droppedLine: DroppedLine) {
    this.#sender = sender;
    this.#queue = new LineQueue(droppedLine);
  }

  write(line: Line): void {
    this.#queue.push(line);
    if (this.#timer === undefined) this.wake();
  }

  /** Hands over what waits, as far as the sender takes it. */
  wake(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (let [line] = this.#queue.front(0); line !== undefined; [line] = this.#queue.front(0)) {
      const sent = this.#sender.send(priorityOf(line.level), line.text, line.timeMs);
      if (sent !== 'sent') {
        this.#retry(sent);
        return;
      }
      this.#queue.remove(1);
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

  #retry(why: Exclude<Sent, 'sent'>): void {
    this.#timer = setTimeout(() => this.wake(), RETRY_MS[why]).unref();
  }
}
