// What this member has to tell, between the carrier of facts and the connection to the store. While the store takes nothing nothing is
// kept here: what has changed stays marked in the tables, which are bounded, and is told when the store is there again.
import type { EntryFact } from '../../policy/facts/fact.ts';
import type { Said } from './fleetmessage.ts';
import type { Way } from '../workers/carrier.ts';
import type { EntryKind, Facts, KindOfEntries } from '../workers/factmessage.ts';

/** What can go one after the other, without a number: it gets one when it goes. */
export type Untold = Omit<Facts, 'seq'>;

/** Changes that came from the store, so that they do not go back there; beyond it some do, and say nothing new. */
const MAX_HEARD = 65_536;
/** Questions and answers that wait. */
const MAX_WORDS = 32;

export class Outbox implements Way {
  /** Those of one telling, which are bounded by the tables that they are from. */
  #pieces: Untold[] = [];
  /** Questions and answers, beside the facts. */
  #words: Said[] = [];
  /** The last wish replaces all before. */
  #demands: Facts['demands'];
  #isOpen = false;
  #wake: () => void = () => undefined;
  #whenFree: (() => void) | undefined;
  readonly #onAsk: () => void;
  /** Entries that came from the store, by kind and name: when they were made and end. */
  readonly #heard = new Map<string, string>();

  /** `onAsk`: others have to tell everything. */
  constructor(onAsk: () => void) {
    this.#onAsk = onAsk;
  }

  readonly send = (facts: Facts): void => {
    if (!this.#isOpen) return;
    if (facts.demands !== undefined) this.#demands = facts.demands;
    else if (isBeat(facts) && this.#pieces.length > 0) return;
    else {
      const news = this.#withoutHeard(facts);
      if (news === undefined) return;
      this.#pieces.push(news);
    }
    this.#wake();
  };

  readonly isFree = (): boolean => this.#isOpen && this.#pieces.length === 0;

  readonly whenFree = (listener: () => void): void => {
    this.#whenFree = listener;
  };

  readonly ask = (): void => this.#onAsk();

  /** Words that do not fit are lost, and their questions are answered without this member. */
  say(said: Said): void {
    if (this.#isOpen && this.#words.length < MAX_WORDS) this.#words.push(said);
    this.#wake();
  }

  /** The first question or answer; it is gone from here. */
  takeWord(): Said | undefined {
    return this.#words.shift();
  }

  /** From now on it is told what there is. */
  open(): void {
    this.#isOpen = true;
    this.#free();
  }

  /** Nothing more, and what has not gone does not go. */
  close(): void {
    this.#isOpen = false;
    this.#pieces = [];
    this.#words = [];
    this.#demands = undefined;
    this.#heard.clear();
    this.#wake();
  }

  /** Whoever waits in some() looks again. */
  nudge(): void {
    this.#wake();
  }

  /** The store has lost what it had: all is news to it. */
  forgetHeard(): void {
    this.#heard.clear();
  }

  /** Entries that came from the store. */
  heard(all: readonly KindOfEntries[]): void {
    for (const { kind, facts } of all) {
      for (const fact of facts) {
        if (this.#heard.size >= MAX_HEARD) this.#heard.clear();
        this.#heard.set(`${kind} ${fact.name}`, versionOf(fact));
      }
    }
  }

  /** The first thing to tell; it stays until told(). */
  get first(): Untold | undefined {
    if (this.#pieces.length === 0 && this.#demands !== undefined) {
      this.#pieces.push({ isFull: false, demands: this.#demands });
      this.#demands = undefined;
    }
    return this.#pieces[0];
  }

  /** The store has it. */
  told(): void {
    this.#pieces.shift();
    if (this.#pieces.length === 0) this.#free();
  }

  /** Settles when there is something, or after `withinMs`. */
  async some(withinMs: number): Promise<void> {
    if (this.first !== undefined || this.#words.length > 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }

  #free(): void {
    const listener = this.#whenFree;
    this.#whenFree = undefined;
    listener?.();
  }

  #withoutHeard(facts: Untold): Untold | undefined {
    if (facts.entries === undefined) return facts;
    const entries = facts.entries
      // Addresses of one host mean nothing to another one.
      .filter(({ kind }) => kind !== 'sources')
      .map(({ kind, facts: all }) => ({
        kind,
        facts: all.filter((fact) => !this.#wasHeard(kind, fact)),
      }))
      .filter(({ facts: left }) => left.length > 0);
    return entries.length === 0 ? undefined : { ...facts, entries };
  }

  #wasHeard(kind: EntryKind, fact: EntryFact): boolean {
    const key = `${kind} ${fact.name}`;
    if (this.#heard.get(key) !== versionOf(fact)) return false;
    this.#heard.delete(key);
    return true;
  }
}

function versionOf({ stamp, endsAt }: EntryFact): string {
  return `${stamp} ${endsAt}`;
}

/** It only says that its sender lives. */
function isBeat({ isFull, rows, bytes, entries, logins }: Untold): boolean {
  return (
    !isFull && rows?.length === 0 && bytes === undefined && entries === undefined && logins === undefined
  );
}
