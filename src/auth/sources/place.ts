// The place of one process of a program that is asked about logins: its questions, its answers, and when the next process may start.
import { concatBytes } from '../../base/bytes.ts';
import {
  decodeSquidAnswer,
  decodeSquidChannelAnswer,
  encodeSquidQuestion,
  type SquidAnswer,
} from '../../protocol/logins/squidlines.ts';
import type { Question } from './source.ts';

/** What a process that answers questions tells. */
export interface ChildEvents {
  readonly output: (bytes: Uint8Array) => void;
  readonly errors: (bytes: Uint8Array) => void;
  /** It has ended, or could not start; `why` goes on after "the program". No event follows. */
  readonly ended: (why: string) => void;
}

/** Such a process: one of the starter of a daemon, or a child of this process itself. */
export interface Child {
  readonly write: (bytes: Uint8Array) => void;
  /** Ends it at once; `ended` follows. */
  readonly kill: () => void;
}

export interface Children {
  readonly start: (events: ChildEvents) => Child;
  readonly close: () => void;
}

/** A process that fails is replaced after this long, and twice as long each further time, up to the longest. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

export type Loss = 'failure' | 'end';

export interface PlaceKeeper {
  readonly start: (events: ChildEvents) => Child;
  /** A line of its standard error may have come. */
  readonly errors: (bytes: Uint8Array) => void;
  /** The process is gone, or to be replaced. `end`: it has just ended between two questions. */
  readonly lost: (why: string, how: Loss) => void;
  /** Questions of one process at a time; 0: one, without a channel. */
  readonly channels: number;
  readonly now: () => number;
}

export class Place {
  readonly #keeper: PlaceKeeper;
  readonly #pending = new Map<number, (answer: SquidAnswer | string) => void>();
  #child: Child | undefined;
  #heard: Uint8Array = new Uint8Array(0);
  #hasAnswered = false;
  #failures = 0;
  #pausesUntilMs = 0;

  constructor(keeper: PlaceKeeper) {
    this.#keeper = keeper;
  }

  get isAlive(): boolean {
    return this.#child !== undefined;
  }

  /** Questions without an answer. */
  get pending(): number {
    return this.#pending.size;
  }

  /** The time before which no process starts here. */
  get pausesUntilMs(): number {
    return this.#pausesUntilMs;
  }

  /** Puts a question; gives the answer, or why there is none. */
  ask(question: Question): Promise<SquidAnswer | string> {
    this.start();
    const channel = freeChannel(this.#pending);
    const answer = new Promise<SquidAnswer | string>((resolve) => this.#pending.set(channel, resolve));
    this.#child?.write(
      encodeSquidQuestion({ ...question, channel: this.#keeper.channels > 0 ? channel : undefined }),
    );
    return answer;
  }

  /** Starts a process, if there is none. */
  start(): void {
    if (this.#child !== undefined) return;
    this.#hasAnswered = false;
    this.#heard = new Uint8Array(0);
    const child: Child = this.#keeper.start({
      output: (bytes) => {
        if (this.#child === child) this.#hear(bytes);
      },
      errors: (bytes) => this.#keeper.errors(bytes),
      ended: (why) => {
        if (this.#child === child) this.#lose(why);
      },
    });
    this.#child = child;
  }

  /** Ends a process that cannot be relied on. */
  fail(why: string): void {
    const child = this.#child;
    if (child === undefined) return;
    this.#lose(why);
    child.kill();
  }

  kill(): void {
    this.#child?.kill();
  }

  #hear(bytes: Uint8Array): void {
    this.#heard = concatBytes(this.#heard, bytes);
    const decode = this.#keeper.channels > 0 ? decodeSquidChannelAnswer : decodeSquidAnswer;
    for (let decoded = decode(this.#heard); decoded.kind !== 'more'; decoded = decode(this.#heard)) {
      const why = decoded.kind === 'bad' ? (decoded.why ?? 'nonsense') : this.#settle(decoded.value);
      if (why !== undefined) {
        this.fail(`gave ${why}`);
        return;
      }
      if (decoded.kind === 'done') this.#heard = this.#heard.subarray(decoded.size);
    }
  }

  /** What is wrong with the answer; undefined: nothing. */
  #settle(answer: SquidAnswer): string | undefined {
    const channel = answer.channel ?? 0;
    const settle = this.#pending.get(channel);
    if (settle === undefined) return 'an answer to no question';
    this.#pending.delete(channel);
    this.#hasAnswered = true;
    settle(answer);
    return undefined;
  }

  #lose(why: string): void {
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    this.#child = undefined;
    // Some end by themselves after a number of questions.
    const wasFailure = lost.length > 0 || !this.#hasAnswered;
    this.#failures = !wasFailure ? 0 : this.#hasAnswered ? 1 : this.#failures + 1;
    this.#pausesUntilMs = this.#keeper.now() + pauseAfter(this.#failures);
    for (const settle of lost) settle(why);
    this.#keeper.lost(why, wasFailure ? 'failure' : 'end');
  }
}

function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
}

function freeChannel(pending: ReadonlyMap<number, unknown>): number {
  let channel = 0;
  while (pending.has(channel)) channel += 1;
  return channel;
}
