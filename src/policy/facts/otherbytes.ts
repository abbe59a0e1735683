// The bytes of quotas that other members have counted. They outlive their member, as those of this process outlive it in the state
// file: what was moved stays moved.
import type { LimitScope } from '../../config/model/limit.ts';
import { partyKeyOf, type BytesFact, type Party } from './fact.ts';

/** Counts that are kept, of all members and parties; beyond it the one that has not changed for longest is forgotten. */
const MAX_COUNTS = 262_144;

type BytesByMember = Map<string, BytesFact>;

export class OtherBytes {
  readonly #parties: Readonly<Record<LimitScope, Map<string, BytesByMember>>> = {
    total: new Map(),
    client: new Map(),
    user: new Map(),
    group: new Map(),
  };
  /** All of them, by member and party, the one that has not changed for longest in front. */
  readonly #all = new Map<string, { readonly member: string; readonly fact: BytesFact }>();

  /** Counts that are kept. */
  get size(): number {
    return this.#all.size;
  }

  /** Takes in what a member has counted, in any order and as often as it is brought. */
  merge(member: string, fact: BytesFact): void {
    const counts = this.#countsOf(fact);
    const known = counts.get(member);
    const after = known === undefined ? fact : laterBytes(known, fact);
    if (after === known) return;
    counts.set(member, after);
    const key = `${member} ${partyKeyOf(fact)}`;
    this.#all.delete(key);
    this.#all.set(key, { member, fact: after });
    for (const [oldest, each] of this.#all) {
      if (this.#all.size <= MAX_COUNTS) return;
      this.#all.delete(oldest);
      this.#forget(each.member, each.fact);
    }
  }

  /** The counts of all others for a party on `day`, and in its month. */
  of({ scope, name }: Party, day: string): { readonly dayBytes: number; readonly monthBytes: number } {
    let dayBytes = 0;
    let monthBytes = 0;
    for (const fact of this.#parties[scope].get(name)?.values() ?? []) {
      if (fact.day === day) dayBytes += fact.dayBytes;
      if (fact.day.slice(0, 7) === day.slice(0, 7)) monthBytes += fact.monthBytes;
    }
    return { dayBytes, monthBytes };
  }

  /** All parties of which a count is kept. */
  *parties(): Generator<Party> {
    for (const [scope, parties] of Object.entries(this.#parties)) {
      for (const name of parties.keys()) yield { scope: scope as LimitScope, name };
    }
  }

  /** All counts that are kept, each with the member that wrote it. */
  *all(): Generator<{ readonly member: string; readonly fact: BytesFact }> {
    yield* this.#all.values();
  }

  #countsOf({ scope, name }: Party): BytesByMember {
    const known = this.#parties[scope].get(name);
    if (known !== undefined) return known;
    const counts: BytesByMember = new Map();
    this.#parties[scope].set(name, counts);
    return counts;
  }

  #forget(member: string, { scope, name }: Party): void {
    const counts = this.#parties[scope].get(name);
    counts?.delete(member);
    if (counts?.size === 0) this.#parties[scope].delete(name);
  }
}

/** The later of two counts of one writer; for the same day, the larger of each number. `known` itself when `other` adds nothing. */
export function laterBytes<Fact extends BytesFact>(known: Fact, other: Fact): Fact {
  if (other.day !== known.day) return other.day > known.day ? other : known;
  if (other.dayBytes <= known.dayBytes && other.monthBytes <= known.monthBytes) return known;
  return {
    ...other,
    dayBytes: Math.max(known.dayBytes, other.dayBytes),
    monthBytes: Math.max(known.monthBytes, other.monthBytes),
  };
}
