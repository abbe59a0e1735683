// How members share bytes per second: each says what its sessions want, and takes its max-min part of the rate. A part that shrinks
// holds at once, and one that grows when it has been as large for a while: until then another member may not know that it has less.
import { partyKeyOf, type Party } from '../facts/fact.ts';
import { divide } from './divide.ts';

/** Bytes per second that a party wants at one member; Infinity: as many as it can get. */
export interface Demand extends Party {
  readonly up: number;
  readonly down: number;
}

export type FlowDirection = 'up' | 'down';

/** A member that has said nothing for so long wants nothing. */
const LEASE_MS = 3000;
/** How long a larger part has to hold: two looks at the sessions, and what a message takes. */
const RAISED_AFTER_MS = 600;
/** Demands of one member; it wants nothing for parties beyond. */
const MAX_DEMANDS = 65_536;

interface Member {
  readonly demands: ReadonlyMap<string, Demand>;
  readonly heardAtMs: number;
}

interface Part {
  readonly held: number;
  /** Parts since the first of these moments were no smaller than `least`. */
  readonly sinceMs: number;
  readonly least: number;
}

export class RateParts {
  /** A monotonic clock in milliseconds. */
  readonly #now: () => number;
  readonly #members = new Map<string, Member>();
  #parts = new Map<string, Part>();
  #next = new Map<string, Part>();
  #demands: Demand[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** All that a member wants; it replaces what it wanted before. */
  hear(member: string, demands: readonly Demand[]): void {
    const byParty = demands.slice(0, MAX_DEMANDS).map((each) => [partyKeyOf(each), each] as const);
    this.#members.set(member, { demands: new Map(byParty), heardAtMs: this.#now() });
  }

  lose(member: string): void {
    this.#members.delete(member);
  }

  /** Begins a look at all sessions. */
  begin(): void {
    this.#parts = this.#next;
    this.#next = new Map();
    this.#demands = [];
  }

  /** The demand of the sessions here at the last look. */
  get demands(): readonly Demand[] {
    return this.#demands;
  }

  /** The part of `rate` for this member, where its sessions want `demand`. */
  partOf(rate: number, party: Party, direction: FlowDirection, demand: number): number {
    this.#note(party, direction, demand);
    const others = this.#wantedElsewhere(party, direction);
    const part = others.length === 0 ? rate : (divide(rate, [demand, ...others])[0] ?? 0);
    return this.#hold(`${direction} ${partyKeyOf(party)}`, Math.min(rate, part));
  }

  /** The same for a session that begins between two looks, which wants as much as it can get. */
  firstPartOf(rate: number, party: Party, direction: FlowDirection): number {
    const held = this.#next.get(`${direction} ${partyKeyOf(party)}`)?.held;
    if (held !== undefined) return Math.min(rate, held);
    const others = this.#wantedElsewhere(party, direction);
    return others.length === 0 ? rate : (divide(rate, [Infinity, ...others])[0] ?? 0);
  }

  #note(party: Party, direction: FlowDirection, demand: number): void {
    const { scope, name } = party;
    const last = this.#demands.at(-1);
    const isSame = last?.scope === scope && last.name === name;
    const before = isSame ? last : { scope, name, up: 0, down: 0 };
    if (isSame) this.#demands.pop();
    this.#demands.push({ ...before, [direction]: demand });
  }

  #wantedElsewhere(party: Party, direction: FlowDirection): readonly number[] {
    const key = partyKeyOf(party);
    const now = this.#now();
    const wanted: number[] = [];
    for (const { demands, heardAtMs } of this.#members.values()) {
      const demand = now - heardAtMs < LEASE_MS ? (demands.get(key)?.[direction] ?? 0) : 0;
      if (demand > 0) wanted.push(demand);
    }
    return wanted;
  }

  #hold(key: string, part: number): number {
    const now = this.#now();
    const before = this.#parts.get(key);
    if (before === undefined || part <= before.held) {
      this.#next.set(key, { held: part, sinceMs: now, least: Infinity });
      return part;
    }
    const least = Math.min(part, before.least);
    const isOld = now - before.sinceMs >= RAISED_AFTER_MS;
    const held = isOld ? least : before.held;
    this.#next.set(key, isOld ? { held, sinceMs: now, least: Infinity } : { ...before, least });
    return held;
  }
}
