// The workers of a parent: started together, replaced one by one when they die or hang, ended together.
import { monotonicMs } from '../../base/clock.ts';
import type { Log } from '../../observe/log.ts';
import { eachMeasure, type Totals } from '../../observe/measures.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { Hand } from './hand.ts';
import { BLOCK } from '../workers/ids.ts';
import type { Hello, Ids, ParentMessage } from '../workers/parentmessage.ts';
import { isAboutItself, type AboutItself, type WorkerMessage } from '../workers/workermessage.ts';

/** A worker that has been silent for this long hangs. */
const HANGS_AFTER_MS = 15_000;
const PING_MS = 1000;
/** Most characters of a warning. */
const MOST_SAID = 2000;
const START_LIMIT_MS = 60_000;
/** The wait before a worker is replaced, doubled each time; back to the first where the last one lived for STEADY_MS. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;
const STEADY_MS = 60_000;

export type Ready = Extract<WorkerMessage, { kind: 'ready' }>;
type Greeting = Pick<Hello, 'slot' | 'life' | 'ids' | 'workers'>;

export interface CrewParts {
  readonly workers: number;
  readonly log: Log;
  readonly warn: (sentence: string) => void;
  /** Says hello, with everything that a worker needs at that moment. */
  readonly greet: (hand: Hand, greeting: Greeting) => void;
  /** A worker can serve, and is told to. */
  readonly onReady: (hand: Hand) => void;
  readonly onLost: (hand: Hand) => void;
  /** Messages of workers at work. */
  readonly onMessage: (hand: Hand, message: WorkerMessage) => void;
}

interface Slot {
  hand: Hand | undefined;
  bornAtMs: number;
  waitMs: number;
}

export class Crew {
  readonly #parts: CrewParts;
  readonly #slots: readonly Slot[];
  /** Of workers that have ended. */
  #gone: Totals = eachMeasure(() => 0);
  #lost = 0;
  #life = 0;
  #nextId = 1;
  #stage: 'starting' | 'serving' | 'ending' = 'starting';
  #onStarted: (ready: Ready | StartFailure) => void = () => undefined;
  #onEnded: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: CrewParts) {
    this.#parts = parts;
    const empty = (): Slot => ({ hand: undefined, bornAtMs: 0, waitMs: FIRST_WAIT_MS });
    this.#slots = Array.from({ length: parts.workers }, empty);
  }

  /** Workers that can serve. */
  get hands(): readonly Hand[] {
    return this.#slots.flatMap(({ hand }) => (hand?.isReady === true ? [hand] : []));
  }

  /** Numbers of the workers that are not there at the moment. */
  get absent(): readonly number[] {
    return this.#slots.flatMap(({ hand }, at) => (hand?.isReady === true ? [] : [at + 1]));
  }

  get sessions(): number {
    return this.hands.reduce((sum, { sessions }) => sum + sessions, 0);
  }

  /** Workers that have ended before their time. */
  get lost(): number {
    return this.#lost;
  }

  /** Sums since the start, which never fall. */
  get totals(): Totals {
    const { hands } = this;
    return eachMeasure((name) => hands.reduce((sum, { totals }) => sum + totals[name], this.#gone[name]));
  }

  /** Settles when all are ready; rejects with the StartFailure of the first that cannot serve. */
  async start(): Promise<Ready> {
    const started = new Promise<Ready | StartFailure>((resolve) => (this.#onStarted = resolve));
    for (const at of this.#slots.keys()) this.#hire(at);
    const late = new StartFailure(
      EXIT.OS_ERROR,
      `the workers could not serve within ${START_LIMIT_MS / 1000} s`,
    );
    const timer = setTimeout(() => this.#onStarted(late), START_LIMIT_MS);
    const end = (): void => this.kill();
    process.once('exit', end);
    const result = await started;
    clearTimeout(timer);
    if (!(result instanceof StartFailure)) return result;
    this.kill();
    throw result;
  }

  /** All serve from now on, and those who die are replaced. */
  serve(): void {
    this.#stage = 'serving';
    for (const hand of this.hands) this.#parts.onReady(hand);
    for (const worker of this.absent) this.#hire(worker - 1);
    this.#timer = setInterval(() => this.#look(), PING_MS);
  }

  tell(message: ParentMessage): void {
    for (const hand of this.hands) hand.tell(message);
  }

  /** They end when their sessions have; settles when all are gone. */
  async drain(): Promise<void> {
    this.#stage = 'ending';
    const ended = new Promise<void>((resolve) => (this.#onEnded = resolve));
    for (const { hand } of this.#slots) {
      if (hand?.isReady === true) hand.tell({ kind: 'drain' });
      else hand?.kill();
    }
    this.#endIfEmpty();
    await ended;
    clearInterval(this.#timer);
  }

  /** Ends all at once. */
  kill(): void {
    this.#stage = 'ending';
    for (const { hand } of this.#slots) hand?.kill();
  }

  #hire(at: number): void {
    const slot = this.#slots[at];
    if (slot === undefined || this.#stage === 'ending') return;
    const life = ++this.#life;
    slot.bornAtMs = monotonicMs();
    const hand = new Hand(at + 1, life, slot.bornAtMs, {
      onMessage: (from, message) => this.#take(from, message),
      onNonsense: (from, why) => this.#dismiss(from, `it says what no worker says: ${why}`),
      onExit: (from, status) => this.#lose(from, status),
    });
    slot.hand = hand;
    const greeting = { slot: at + 1, life, ids: this.#idBlock(), workers: this.#slots.length };
    this.#parts.greet(hand, greeting);
  }

  #idBlock(): Ids {
    const from = this.#nextId;
    this.#nextId += BLOCK;
    return { from, to: this.#nextId };
  }

  #take(hand: Hand, message: WorkerMessage): void {
    hand.heardAtMs = monotonicMs();
    if (isAboutItself(message)) this.#hear(hand, message);
    else this.#parts.onMessage(hand, message);
  }

  #hear(hand: Hand, message: AboutItself): void {
    switch (message.kind) {
      case 'ready':
        hand.isReady = true;
        if (this.#stage === 'serving') this.#parts.onReady(hand);
        else if (this.absent.length === 0) this.#onStarted(message);
        return;
      case 'failed':
        this.#fail(hand, message.status, message.message);
        return;
      case 'warn':
        this.#warn(message.text);
        return;
      case 'pong':
        hand.sessions = message.sessions;
        hand.hearTotals(message.totals);
        return;
      case 'more-ids':
        hand.tell({ kind: 'ids', ...this.#idBlock() });
    }
  }

  #fail(hand: Hand, status: number, message: string): void {
    const known = Object.values(EXIT).find((each) => each === status) ?? EXIT.SOFTWARE;
    if (this.#stage === 'starting') this.#onStarted(new StartFailure(known, message));
    else this.#parts.log.write('err', 'worker-failed', { worker: hand.slot, status }, message);
  }

  #warn(sentence: string): void {
    if (this.#stage === 'starting') this.#parts.warn(sentence.slice(0, MOST_SAID));
  }

  #dismiss(hand: Hand, why: string): void {
    this.#parts.log.write('err', 'worker-killed', { worker: hand.slot, pid: hand.pid }, why);
    hand.kill();
  }

  #lose(hand: Hand, status: number | string): void {
    const slot = this.#slots[hand.slot - 1];
    if (slot?.hand !== hand) return;
    slot.hand = undefined;
    const gone = this.#gone;
    this.#gone = eachMeasure((name) => gone[name] + hand.totals[name]);
    if (this.#stage === 'starting') {
      const why = `a worker ended before it could serve (${status})`;
      this.#onStarted(new StartFailure(EXIT.OS_ERROR, why));
    } else {
      this.#parts.onLost(hand);
      if (this.#stage === 'serving') this.#replace(hand, slot, status);
      else this.#endIfEmpty();
    }
  }

  #replace(hand: Hand, slot: Slot, status: number | string): void {
    this.#lost += 1;
    const isSteady = monotonicMs() - slot.bornAtMs >= STEADY_MS;
    const waitMs = isSteady ? FIRST_WAIT_MS : slot.waitMs;
    slot.waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    const fields = { worker: hand.slot, pid: hand.pid, status, sessions: hand.sessions };
    const text = `a worker has ended, and its sessions with it; another one takes its place in ${waitMs / 1000} s`;
    this.#parts.log.write('err', 'worker-lost', fields, text);
    setTimeout(() => this.#hire(hand.slot - 1), waitMs);
  }

  #endIfEmpty(): void {
    if (this.#slots.every(({ hand }) => hand === undefined)) this.#onEnded();
  }

  #look(): void {
    const nowMs = monotonicMs();
    for (const { hand, bornAtMs } of this.#slots) {
      if (hand === undefined) continue;
      if (nowMs - Math.max(hand.heardAtMs, bornAtMs) > HANGS_AFTER_MS) {
        this.#dismiss(hand, `it has not answered for ${HANGS_AFTER_MS / 1000} s, and is replaced`);
      } else if (hand.isReady) {
        hand.tell({ kind: 'ping' });
      }
    }
  }
}
