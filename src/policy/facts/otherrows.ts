// The counts of other members: sessions, handshakes and arrivals of each party, summed over the members that are alive. A row has one
// writer, so the later one of that writer replaces the one before, and a message that is lost, late or repeated falsifies no sum.
import type { LimitScope } from '../../config/model/limit.ts';
import { partyKeyOf, type Party, type PartyCounts, type RowFact, type RowsMessage } from './fact.ts';

/** A member of whom nothing new was heard for so long is gone, and with it its sessions. */
const LEASE_MS = 3000;
/** Between two looks for members that are gone. */
const LOOK_INTERVAL_MS = 100;
/** Members that are remembered; beyond it the one that was silent for longest is forgotten. */
const MAX_MEMBERS = 256;
/** Rows of all members; further ones are not counted. */
const MAX_ROWS = 262_144;

/** New sessions that a party has begun elsewhere. */
export interface ArrivedElsewhere {
  readonly party: Party;
  readonly arrivals: number;
}

interface Row {
  readonly fact: RowFact;
  readonly seq: number;
}

interface Member {
  readonly epoch: number;
  readonly rows: Map<string, Row>;
  /** Messages before it do not count any more. */
  since: number;
  latestSeq: number;
  heardAtMs: number;
}

type Sums = Readonly<Record<LimitScope, Map<string, PartyCounts>>>;

const NOTHING: PartyCounts = { sessions: 0, handshakes: 0, arrivals: 0 };

export class OtherRows {
  /** A monotonic clock in milliseconds. */
  readonly #now: () => number;
  /** The one that was silent for longest in front. */
  readonly #members = new Map<string, Member>();
  readonly #sums: Sums = { total: new Map(), client: new Map(), user: new Map(), group: new Map() };
  #size = 0;
  #nextLookMs = -Infinity;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether there is no other member: then nothing needs to be asked. */
  get isAlone(): boolean {
    return this.#size === 0;
  }

  /** Rows that are kept. */
  get size(): number {
    return this.#size;
  }

  /** The sum of all others for a party. */
  of({ scope, name }: Party): PartyCounts {
    this.#expire();
    return this.#sums[scope].get(name) ?? NOTHING;
  }

  /** The sessions of a party at the members whose name is such a one. */
  sessionsWhere(counts: (member: string) => boolean, party: Party): number {
    this.#expire();
    const key = partyKeyOf(party);
    let sessions = 0;
    for (const [other, { rows }] of this.#members) {
      if (counts(other)) sessions += rows.get(key)?.fact.sessions ?? 0;
    }
    return sessions;
  }

  /** Takes in what a member says, in any order and as often as it is brought; gives the arrivals that are new in it. */
  take({ member: name, epoch, seq, isFull, rows }: RowsMessage): readonly ArrivedElsewhere[] {
    const member = this.#memberOf(name, epoch);
    if (member === undefined) return [];
    this.#hear(name, member, seq);
    if (seq < member.since) return [];
    const told = isFull ? 'all' : 'changes';
    const arrived = rows.flatMap((fact) => this.#put(member, { fact, seq }, told) ?? []);
    if (isFull) this.#forgetBefore(member, seq);
    return arrived;
  }

  /** A member has said that it ends. */
  leave(name: string): void {
    const member = this.#members.get(name);
    if (member !== undefined) this.#forgetBefore(member, member.latestSeq + 1);
  }

  /** undefined: what it says is of a life that is over. */
  #memberOf(name: string, epoch: number): Member | undefined {
    const known = this.#members.get(name);
    if (known !== undefined && known.epoch >= epoch) return known.epoch === epoch ? known : undefined;
    if (known !== undefined) this.#forgetBefore(known, Infinity);
    const member = { epoch, rows: new Map<string, Row>(), since: 0, latestSeq: -1, heardAtMs: this.#now() };
    this.#members.set(name, member);
    return member;
  }

  #hear(name: string, member: Member, seq: number): void {
    if (seq <= member.latestSeq) return;
    member.latestSeq = seq;
    member.heardAtMs = this.#now();
    this.#members.delete(name);
    this.#members.set(name, member);
    for (const [silent, { rows }] of this.#members) {
      if (this.#members.size <= MAX_MEMBERS) return;
      for (const { fact } of rows.values()) this.#add(fact, -1);
      this.#size -= rows.size;
      this.#members.delete(silent);
    }
  }

  /** Arrivals of a row that is met for the first time are new, unless the member tells all its rows. */
  #put({ rows }: Member, row: Row, told: 'all' | 'changes'): ArrivedElsewhere | undefined {
    const { scope, name, arrivals } = row.fact;
    const key = partyKeyOf(row.fact);
    const known = rows.get(key);
    if (known === undefined ? this.#size >= MAX_ROWS : known.seq >= row.seq) return undefined;
    if (known === undefined) this.#size += 1;
    else this.#add(known.fact, -1);
    rows.set(key, row);
    this.#add(row.fact, 1);
    const before = known?.fact.arrivals ?? (told === 'all' ? arrivals : 0);
    // It counts anew when it has forgotten the party in between.
    const more = arrivals < before ? arrivals : arrivals - before;
    return more > 0 ? { party: { scope, name }, arrivals: more } : undefined;
  }

  #add({ scope, name, sessions, handshakes, arrivals }: RowFact, sign: 1 | -1): void {
    const sum = this.#sums[scope].get(name) ?? NOTHING;
    const after = {
      sessions: sum.sessions + sign * sessions,
      handshakes: sum.handshakes + sign * handshakes,
      arrivals: sum.arrivals + sign * arrivals,
    };
    if (after.sessions === 0 && after.handshakes === 0 && after.arrivals === 0)
      this.#sums[scope].delete(name);
    else this.#sums[scope].set(name, after);
  }

  #forgetBefore(member: Member, since: number): void {
    member.since = since;
    for (const [key, { fact, seq }] of member.rows) {
      if (seq >= since) continue;
      member.rows.delete(key);
      this.#size -= 1;
      this.#add(fact, -1);
    }
  }

  /** Members that were silent for too long are in front. */
  #expire(): void {
    if (this.#size === 0) return;
    const now = this.#now();
    if (now < this.#nextLookMs) return;
    this.#nextLookMs = now + LOOK_INTERVAL_MS;
    for (const member of this.#members.values()) {
      if (now - member.heardAtMs < LEASE_MS) return;
      if (member.rows.size > 0) this.#forgetBefore(member, member.latestSeq + 1);
    }
  }
}
