// Alarms for deadlines: a busy server sets two for each connection, and few of them ring. Alarms of one length ring in the order
// in which they were set, so one Node timer serves them all.
import { throwToProcess } from './bug.ts';
import { monotonicMs } from './clock.ts';
import { LinkedList, type Link } from './linkedlist.ts';

interface PendingAlarm {
  readonly queue: Queue;
  readonly dueMs: number;
  readonly ring: () => void;
}

/** The handle for clearAlarm(). */
export type Alarm = Link<PendingAlarm>;

/** By length in milliseconds. */
const queues = new Map<number, Queue>();

/** Calls `ring` once, after `milliseconds` (MAX_DURATION_MS at most); `nowMs`, where it is known already, saves asking the clock. */
export function setAlarm(milliseconds: number, ring: () => void, nowMs = monotonicMs()): Alarm {
  let queue = queues.get(milliseconds);
  if (queue === undefined) {
    queue = new Queue(milliseconds);
    queues.set(milliseconds, queue);
  }
  return queue.add(ring, nowMs);
}

/** Cancels the alarm; does nothing when it has rung or was cancelled before. */
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

  add(ring: () => void, nowMs: number): Alarm {
    const alarm = this.#waiting.append({ queue: this, dueMs: nowMs + this.#milliseconds, ring });
    this.#wake(this.#milliseconds);
    if (this.#waiting.size === 1) this.#timer?.ref();
    return alarm;
  }

  /** The timer keeps running but is unref'd, so it does not keep the process alive. */
  remove(alarm: Alarm): void {
    this.#waiting.remove(alarm);
    if (this.#waiting.size === 0) this.#timer?.unref();
  }

  /** Schedules a check in `milliseconds`, unless an earlier one is pending. */
  #wake(milliseconds: number): void {
    // A function of its own makes the closure, which would else cost memory at each call.
    if (this.#timer === undefined) this.#sleep(milliseconds);
  }

  #sleep(milliseconds: number): void {
    this.#timer = setTimeout(() => {
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
    // Deadlines cut from remaining time have arbitrary lengths, so drop the queue with its last alarm.
    if (this.#timer === undefined) queues.delete(this.#milliseconds);
  }
}
