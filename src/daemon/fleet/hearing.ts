// What this member hears: the messages of the others, in the order of the log, on their way into the tables.
import { monotonicMs } from '../../base/clock.ts';
import { believable, type Facts, type KindOfEntries } from '../workers/factmessage.ts';
import type { FleetMessage } from './fleetmessage.ts';
import { NameTaken } from './joining.ts';
import type { Outbox } from './outbox.ts';
import type { FleetQuestions } from './questions.ts';
import type { Roster } from './roster.ts';
import type { Logged } from './shelf.ts';
import type { FleetStanding } from './standing.ts';
import type { StoreClock } from './storeclock.ts';

/** All rows are told no more often, however many ask for it. */
const ROWS_PAUSE_MS = 500;

/** The tables of this daemon, by their carrier. */
export interface Teller {
  hear(member: string, epoch: number, facts: Facts): void;
  lose(member: string): void;
  tellAll(): void;
  tellRows(): void;
  /** Where users have logged in, for a member that has just come. */
  tellFamiliar(): void;
  /** There are so many members now. */
  shareBy(members: number): void;
}

export interface HearingParts {
  readonly member: string;
  readonly clock: StoreClock;
  readonly outbox: Outbox;
  readonly roster: Roster;
  readonly standing: FleetStanding;
  readonly teller: Teller;
  readonly questions: Pick<FleetQuestions, 'take' | 'heard'>;
}

export class Hearing {
  heard = 0;
  /** The time that the last message of this member took until it was heard here. */
  lagMs = 0;
  readonly #parts: HearingParts;
  readonly #greet: () => void;
  #toldRowsAtMs = -Infinity;
  #rowsTimer: NodeJS.Timeout | undefined;
  #members = new Set<string>();
  #hasGarbled = false;

  /** `greet`: others have to tell all they count. */
  constructor(parts: HearingParts, greet: () => void) {
    this.#parts = parts;
    this.#greet = greet;
  }

  /** Those who are there, this one among them. */
  get living(): readonly string[] {
    return [this.#parts.member, ...this.#parts.roster.living].sort();
  }

  /** `epoch`: of this member. Throws NameTaken where another process talks under its name, and was there before. */
  take({ id, message }: Logged, epoch: number): void {
    const { member, standing, clock } = this.#parts;
    this.heard += 1;
    if (message === undefined) {
      if (!this.#hasGarbled) standing.garbled();
      this.#hasGarbled = true;
    } else if (message.member !== member) {
      this.#hear(message);
    } else if (message.epoch === epoch) {
      this.lagMs = Math.max(0, clock.now() - Number.parseInt(id, 10));
    } else if (message.kind !== 'bye' && message.epoch < epoch) {
      throw new NameTaken();
    }
  }

  /** Whether members have come or gone; asked each second. */
  look(): void {
    const { roster, standing, teller } = this.#parts;
    const living = new Set(roster.living);
    for (const name of living) if (!this.#members.has(name)) standing.member(name, 'came');
    for (const name of this.#members) {
      if (!living.has(name) && standing.state === 'joined') standing.member(name, 'missing');
    }
    if (living.size !== this.#members.size) teller.shareBy(living.size + 1);
    this.#members = living;
  }

  stop(): void {
    clearTimeout(this.#rowsTimer);
  }

  #hear(message: FleetMessage): void {
    const { roster, teller, outbox, questions } = this.#parts;
    const { member, epoch } = message;
    switch (message.kind) {
      case 'ask':
        void questions.heard(member, message.number, message.line);
        return;
      case 'answer':
        if (message.to === this.#parts.member) questions.take(member, message.number, message.line);
        return;
      case 'bye':
        this.#lose(member);
        return;
      case 'hello':
        this.#tellRowsSoon();
        if (!roster.knows(member, epoch) && this.living[0] === this.#parts.member) teller.tellFamiliar();
        return;
      case 'facts': {
        const facts = { ...message.facts, entries: believed(message.facts.entries ?? []) };
        const heard = roster.hear(member, epoch, facts.seq, facts.isFull ? 'all' : 'changes');
        if (heard === undefined) return;
        outbox.heard(facts.entries);
        teller.hear(member, epoch, facts);
        if (heard.isNew) this.look();
        if (heard.isPartial) this.#greet();
      }
    }
  }

  #lose(member: string): void {
    const { roster, teller, standing } = this.#parts;
    roster.leave(member);
    teller.lose(member);
    if (!this.#members.delete(member)) return;
    standing.member(member, 'went');
    teller.shareBy(this.#members.size + 1);
  }

  #tellRowsSoon(): void {
    if (this.#rowsTimer !== undefined) return;
    const waitMs = Math.max(0, this.#toldRowsAtMs + ROWS_PAUSE_MS - monotonicMs());
    this.#rowsTimer = setTimeout(() => {
      this.#rowsTimer = undefined;
      this.#toldRowsAtMs = monotonicMs();
      this.#parts.teller.tellRows();
    }, waitMs).unref();
  }
}

/** Sources are of each host. */
function believed(entries: readonly KindOfEntries[]): readonly KindOfEntries[] {
  return believable(
    entries.filter(({ kind }) => kind !== 'sources'),
    Date.now(),
  );
}
