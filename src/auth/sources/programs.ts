// Logins by a program that speaks the protocol of squid's helpers: some processes of it, each with one question at a time or one on
// each of its channels.
import { displayText } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import type { SquidAnswer } from '../../protocol/logins/squidlines.ts';
import type { Clock } from '../cache.ts';
import { LineCutter } from './linecutter.ts';
import { Place, type Children, type Loss } from './place.ts';
import { Questions } from './questions.ts';
import type { LoginSource, Question, SourceLimits, SourceLog, SourceStatus, Verdict } from './source.ts';
import { Standing } from './standing.ts';

export interface ProgramLimits extends SourceLimits {
  readonly maxChildren: number;
  /** Questions that one process has at the same time; 0: one, without a channel. */
  readonly channels: number;
}

/** Names and passwords: a line of a question stays below 8 KiB, the buffer of squid's own helpers, with all escaped. */
const MAX_BYTES = 1024;

/** How long a process has to live to count as started where no question is asked. */
const PROOF_MS = 300;

export class Programs implements LoginSource {
  readonly name: string;
  readonly maxBytes = MAX_BYTES;
  readonly #children: Children;
  readonly #limits: ProgramLimits;
  readonly #log: SourceLog;
  readonly #clock: Clock;
  readonly #standing: Standing;
  readonly #places: readonly Place[];
  readonly #questions: Questions;
  #isClosed = false;
  #lastFailure = 'has not been started';

  constructor(name: string, children: Children, limits: ProgramLimits, log: SourceLog, clock: Clock) {
    this.name = name;
    this.#children = children;
    this.#limits = limits;
    this.#log = log;
    this.#clock = clock;
    this.#standing = new Standing(name, log, clock);
    this.#places = Array.from({ length: limits.maxChildren }, () => this.#makePlace());
    this.#questions = new Questions(
      {
        maxRunning: limits.maxChildren * this.#perChild,
        canPut: () => this.#freePlace() !== undefined,
        put: (question) => this.#put(question),
        timeoutMs: limits.timeoutMs,
      },
      clock,
    );
  }

  ask(question: Question): Promise<Verdict> {
    if (!this.#isClosed && !this.#isUsable()) return Promise.resolve(this.#unusable());
    return this.#questions.ask(question);
  }

  async prove(): Promise<string | undefined> {
    const place = this.#places.find(({ isAlive }) => !isAlive);
    if (place === undefined) return undefined;
    place.start();
    await new Promise((resolve) => setTimeout(resolve, PROOF_MS));
    return place.isAlive ? undefined : this.#lastFailure;
  }

  status(): SourceStatus {
    return this.#standing.status(this.#questions.waiting);
  }

  close(): void {
    this.#isClosed = true;
    this.#questions.close();
    for (const place of this.#places) place.kill();
    this.#children.close();
  }

  #makePlace(): Place {
    const lines = new LineCutter((line) => this.#log.said(this.name, line));
    return new Place({
      channels: this.#limits.channels,
      now: this.#clock,
      start: (events) => this.#children.start(events),
      errors: (bytes) => lines.add(bytes),
      lost: (why, how) => this.#lost(why, how),
    });
  }

  get #perChild(): number {
    return Math.max(1, this.#limits.channels);
  }

  /** Whether there is a process, or one may be started. */
  #isUsable(): boolean {
    const now = this.#clock();
    return this.#places.some(({ isAlive, pausesUntilMs }) => isAlive || pausesUntilMs <= now);
  }

  #unusable(): Verdict {
    const until = Math.min(...this.#places.map(({ pausesUntilMs }) => pausesUntilMs));
    const seconds = Math.ceil((until - this.#clock()) / 1000);
    const why = `the program ${this.#lastFailure}; it is started again in ${seconds} s at the earliest`;
    return { kind: 'unavailable', why, wasAsked: false };
  }

  /** A process without a question; else a place where one may start; else one with a free channel. */
  #freePlace(): Place | undefined {
    if (this.#isClosed) return undefined;
    const now = this.#clock();
    const free = this.#places.filter(({ pending }) => pending < this.#perChild);
    const alive = free.filter(({ isAlive }) => isAlive);
    return (
      alive.find(({ pending }) => pending === 0) ??
      free.find(({ isAlive, pausesUntilMs }) => !isAlive && pausesUntilMs <= now) ??
      alive[0]
    );
  }

  async #put(question: Question): Promise<Verdict> {
    const { timeoutMs } = this.#limits;
    const place = this.#freePlace();
    if (place === undefined) throw new Fault('LOGIN_BUSY', 'it has waited too long');
    this.#standing.asked();
    const patience = setTimeout(() => place.fail(`has not answered in ${timeoutMs} ms`), timeoutMs);
    const said = await place.ask(question);
    clearTimeout(patience);
    return this.#verdictOf(said);
  }

  #verdictOf(said: SquidAnswer | string): Verdict {
    const message = typeof said === 'string' ? undefined : said.message && asText(said.message);
    if (typeof said === 'string' || said.verdict === 'unable') {
      const what = typeof said === 'string' ? said : 'could not tell';
      const why = `the program ${what}${message === undefined ? '' : `: ${message}`}`;
      this.#standing.unanswered(why);
      return { kind: 'unavailable', why, wasAsked: true };
    }
    this.#standing.up();
    if (said.verdict === 'no') return { kind: 'no', isKnown: false, why: message };
    return {
      kind: 'yes',
      name: said.user && asText(said.user),
      groups: said.groups.map(asText),
      ttlMs: said.ttl === undefined ? undefined : said.ttl * 1000,
    };
  }

  #lost(why: string, how: Loss): void {
    this.#lastFailure = why;
    if (this.#isClosed) return;
    if (how === 'failure') this.#log.said(this.name, `the program ${why}`);
    if (this.#isUsable()) {
      this.#questions.goOn();
      return;
    }
    // No process is left, so waiting questions are answered now.
    this.#standing.down(`the program ${why}`);
    this.#questions.answerAll(() => this.#unusable());
  }
}

function asText(bytes: string): string {
  return displayText(Buffer.from(bytes, 'latin1'));
}
