// Calls of the program's functions. Each waits for its answer until a deadline at most; how many wait is bounded in all and for each
// client, so that a client whose questions are never answered keeps no other from being served.
import type { Deadline } from '../base/deadline.ts';
import { Fault, type FaultCode } from '../base/fault.ts';
import type { Ip } from '../base/ip.ts';
import { FairRoom, type PlaceNumber } from '../policy/room/fairroom.ts';
import { ownerOf } from '../policy/room/owner.ts';
import { callbackFault, type Failing } from './failure.ts';

const MAX_WAITING = 4096;
const MAX_WAITING_PER_CLIENT = 1024;

/** One call. */
export interface Call<T> {
  /** The name of the function, for people. */
  readonly name: string;
  readonly client: Ip;
  readonly deadline: Deadline;
  /** Calls the function; `signal` is made when it is first asked for. */
  readonly start: (asked: { readonly signal: AbortSignal }) => unknown;
  /** Converts the answer; throws when it is invalid. */
  readonly read: (answer: unknown) => T;
  readonly failing: Failing;
  /** The fault when too many calls wait. */
  readonly crowded: FaultCode;
  /** Called with an answer that comes too late. */
  readonly late?: (answer: unknown) => void;
}

export class Calls {
  readonly #room: FairRoom;
  readonly #waiting = new Map<PlaceNumber, { readonly wait: Wait; readonly giveWay: () => void }>();

  constructor(max = MAX_WAITING, maxPerClient = MAX_WAITING_PER_CLIENT) {
    this.#room = new FairRoom({
      max,
      maxPerClient,
      gives: 'newest',
      gaveWay: (place) => {
        const wait = this.#waiting.get(place);
        this.#waiting.delete(place);
        wait?.giveWay();
      },
    });
  }

  /** Calls that wait. */
  get waiting(): number {
    return this.#room.held;
  }

  /**
   * Runs the function and reads its answer, synchronously if it answers so. Throws or rejects with a Fault only: that of
   * `failing`, `crowded`, or the reason why the deadline ended.
   */
  run<T>(call: Call<T>): T | Promise<T> {
    const { deadline } = call;
    if (deadline.ended !== undefined) throw deadline.ended;
    const patience = new LazySignal();
    try {
      const answer = call.start(patience);
      if (!isPromise(answer)) return call.read(answer);
      return this.#wait(call, answer, patience);
    } catch (thrown) {
      throw callbackFault(call.name, thrown, call.failing);
    }
  }

  #wait<T>(call: Call<T>, answer: PromiseLike<unknown>, patience: LazySignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const place = this.#room.take(ownerOf(call.client));
      const wait: Wait = new Wait(readerOf(call, resolve), (fault) => {
        if (place !== undefined) this.#leave(place, wait);
        forget();
        if (fault === undefined) return;
        patience.end(fault);
        reject(fault);
      });
      passAnswerOn(answer, wait, call.late);
      const giveWay = (): void => wait.end(new Fault(call.crowded, `too many calls of ${call.name}() wait`));
      const forget =
        place === undefined ? () => undefined : call.deadline.whenEnded((fault) => wait.end(fault));
      if (place === undefined) giveWay();
      else this.#waiting.set(place, { wait, giveWay });
    });
  }

  #leave(place: PlaceNumber, wait: Wait): void {
    // It may have given way, and its place belong to another call.
    if (this.#waiting.get(place)?.wait !== wait) return;
    this.#waiting.delete(place);
    this.#room.release(place);
  }
}

/** Resolves with what an answer means, or throws what its failure means. */
function readerOf<T>({ name, read, failing }: Call<T>, resolve: (value: T) => void): AnswerReader {
  return {
    take: (answer) => resolve(read(answer)),
    faultOf: (thrown) => callbackFault(name, thrown, failing),
  };
}

/** On its own, so that an answer that never comes keeps nothing of the session in memory. */
function passAnswerOn(answer: PromiseLike<unknown>, wait: Wait, late: Call<unknown>['late']): void {
  Promise.resolve(answer).then(
    (found) => {
      if (!wait.take(found)) late?.(found);
    },
    (thrown: unknown) => wait.fail(thrown),
  );
}

interface AnswerReader {
  readonly take: (answer: unknown) => void;
  readonly faultOf: (thrown: unknown) => Fault;
}

/** One call whose answer is not there. */
class Wait {
  #reader: AnswerReader | undefined;
  #onEnd: ((fault: Fault | undefined) => void) | undefined;

  constructor(reader: AnswerReader, onEnd: (fault: Fault | undefined) => void) {
    this.#reader = reader;
    this.#onEnd = onEnd;
  }

  /** false when the answer is no longer awaited. */
  take(answer: unknown): boolean {
    const reader = this.#reader;
    if (reader === undefined) return false;
    try {
      reader.take(answer);
      this.end(undefined);
    } catch (thrown) {
      this.end(reader.faultOf(thrown));
    }
    return true;
  }

  fail(thrown: unknown): void {
    const reader = this.#reader;
    if (reader !== undefined) this.end(reader.faultOf(thrown));
  }

  /** With a fault, or with an answer; only the first end counts. */
  end(fault: Fault | undefined): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    this.#reader = undefined;
    onEnd?.(fault);
  }
}

/** The signal of a call, whose AbortController is made on first use: most functions never read it. */
class LazySignal {
  #control: AbortController | undefined;
  #ended: Fault | undefined;

  get signal(): AbortSignal {
    if (this.#control === undefined) {
      this.#control = new AbortController();
      if (this.#ended !== undefined) this.#control.abort(this.#ended);
    }
    return this.#control.signal;
  }

  end(fault: Fault): void {
    this.#ended = fault;
    this.#control?.abort(fault);
  }
}

/** Whether the answer is a promise. Throws what a getter throws. */
export function isPromise(answer: unknown): answer is PromiseLike<unknown> {
  return (
    typeof answer === 'object' && answer !== null && typeof (answer as { then?: unknown }).then === 'function'
  );
}
