// A deadline: work ends at a moment, or sooner when it is called off, for one reason.
import { clearAlarm, setAlarm, type Alarm } from './alarms.ts';
import { Fault, type FaultCode } from './fault.ts';

type EndListener = (fault: Fault) => void;

/** Work under a deadline registers with whenEnded() and stops when it is told. */
export class Deadline {
  #ended: Fault | undefined;
  #alarm: Alarm | undefined;
  /** Usually one listener; an array is allocated only for a second. */
  #listener: EndListener | undefined;
  #more: EndListener[] | undefined;

  /** Ends with `Fault(code)` after `milliseconds`, MAX_DURATION_MS at most; never by time where that is 0. `nowMs`: as for setAlarm(). */
  constructor(milliseconds: number, code: FaultCode, nowMs?: number) {
    if (milliseconds === 0) return;
    this.#alarm = setAlarm(milliseconds, () => this.end(new Fault(code)), nowMs);
  }

  /** The fault that ended it; undefined before the end. */
  get ended(): Fault | undefined {
    return this.#ended;
  }

  /** Calls `listener` once, at the end (at once if that was before); returns the way to unregister. */
  whenEnded(listener: EndListener): () => void {
    this.tell(listener);
    return () => this.forget(listener);
  }

  /** whenEnded() for the path of each connection, where no function shall be made to unregister: forget() does. */
  tell(listener: EndListener): void {
    if (this.#ended !== undefined) listener(this.#ended);
    else if (this.#listener === undefined) this.#listener = listener;
    else (this.#more ??= []).push(listener);
  }

  /** Unregisters. */
  forget(listener: EndListener): void {
    if (this.#listener === listener) this.#next();
    else if (this.#more !== undefined) this.#more = this.#more.filter((each) => each !== listener);
  }

  /**
   * `work`, or a rejection with the reason when the end comes first; the work itself is not stopped. If the work finishes in the
   * same turn in which the deadline fires, its result wins, so that the caller can release it.
   */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const forget = this.whenEnded((fault) => queueMicrotask(() => reject(fault)));
      void work.then(resolve, reject).then(forget);
    });
  }

  /** Calls the work off. The first reason stays. */
  end(fault: Fault): void {
    if (this.#ended !== undefined) return;
    this.#ended = fault;
    this.clear();
    // No loop over a copy: a listener that another one unregisters must stay silent.
    for (let next = this.#next(); next !== undefined; next = this.#next()) next(fault);
  }

  /** The work is done: the timer stops, and only end() calls the listeners from now on. */
  clear(): void {
    if (this.#alarm !== undefined) clearAlarm(this.#alarm);
    this.#alarm = undefined;
  }

  /** Removes and returns the oldest listener. */
  #next(): EndListener | undefined {
    const next = this.#listener;
    this.#listener = this.#more?.shift();
    return next;
  }
}
