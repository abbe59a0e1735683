// Alarms, of which a busy server sets two for each connection and hears hardly any. Those of one length go off in the order in
// which they were set, so that one timer of Node does for all of them.
import { throwToProcess } from './bug.ts';
import { monotonicMs } from './clock.ts';
import { LinkedList, type Link } from './linkedlist.ts';

interface PendingAlarm {
  readonly queue: Queue;
  readonly dueMs: number;
  readonly ring: () => void;
}

/** What clearAlarm() wants to have. */
export type Alarm = Link<PendingAlarm>;

/** By length. */
const queues = new Map<number, Queue>();

/** Calls `ring` once, after `milliseconds` (MAX_DURATION_MS at most). */
export function setAlarm(milliseconds: number, ring: () => void): Alarm {
  let queue = queues.get(milliseconds);
  if (queue === undefined) {
    queue = new Queue(milliseconds);
    queues.set(milliseconds, queue);
  }
  return queue.add(ring);
}

/** Silences it. Afterwards, and a second time, that does nothing. */
export function clearAlarm(alarm: Alarm): void {
  alarm.item.queue.remove(alarm);
}

/** Alarms of one length. */
class Queue {
  readonly #milliseconds: number;
  readonly #waiting = new LinkedList<PendingAlarm>();
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  add(ring: () => void): Alarm {
    const alarm = this.#waiting.append({ queue: this, dueMs: monotonicMs() + this.#milliseconds, ring });
    this.#wake(this.#milliseconds);
    if (this.#waiting.size === 1) this.#timer?.ref();
    return alarm;
  }

  /** The timer goes on for the next one, but nobody stays alive for it. */
  remove(alarm: Alarm): void {
    this.#waiting.remove(alarm);
    if (this.#waiting.size === 0) this.#timer?.unref();
  }

  /** Looks at the alarms after that time, or sooner where it was about to. */
  #wake(milliseconds: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#ring();
    }, milliseconds);
  }

  #ring(): void {
    const nowMs = monotonicMs();
    for (let first = this.#waiting.first; first !== undefined; first = this.#waiting.first) {
      const leftMs = first.item.dueMs - nowMs;
      if (leftMs > 0) {
        this.#wake(Math.ceil(leftMs));
        return;
      }
      this.#waiting.remove(first);
      try {
        first.item.ring();
      } catch (error) {
        throwToProcess(error);
      }
    }
    // There are as many lengths as there are rests of something.
    if (this.#timer === undefined) queues.delete(this.#milliseconds);
  }
}
