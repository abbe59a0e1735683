// The facts of all workers, as their parent knows them: it takes them in, for the state file and for workers that come later, and passes
// them on. What a worker says is passed on under the name of that worker, whatever it calls itself.
import { monotonicMs } from '../../base/clock.ts';
import type { Bans, BanRules } from '../../policy/access/bans.ts';
import type { LoginNews } from '../../policy/access/loginnews.ts';
import type { AuthOnce } from '../../policy/access/trusted.ts';
import type { BytesFact, EntryFact } from '../../policy/facts/fact.ts';
import type { Usage } from '../../policy/limits/quota.ts';
import type { Sources } from '../../policy/rules/sources.ts';
import { entriesOf, piecesOf } from '../workers/carrier.ts';
import { believable, type EntryKind, type Facts, type KindOfEntries } from '../workers/factmessage.ts';
import type { Hand } from './hand.ts';
import type { ParentMessage } from '../workers/parentmessage.ts';

/** Less than the lease of a member (otherrows.ts). */
const SILENT_MS = 2500;
/** The member of facts of the state file, and of workers that are gone. */
const FROM_PARENT = '';

export interface Known {
  readonly usage: Usage;
  readonly bans: Bans;
  readonly authOnce: AuthOnce;
  readonly sources: Sources;
  readonly banRules: () => BanRules;
}

export class Hub {
  readonly #known: Known;
  readonly #now: () => number;
  readonly #hands: () => Iterable<Hand>;
  /** When facts of a worker came last, by a monotonic clock. */
  readonly #heardAtMs = new WeakMap<Hand, number>();
  #isScheduled = false;
  #seq = 0;

  /** `now`: milliseconds since 1970. `hands`: the workers that serve. */
  constructor(known: Known, now: () => number, hands: () => Iterable<Hand>) {
    this.#known = known;
    this.#now = now;
    this.#hands = hands;
    for (const entries of Object.values(entriesOf(known))) entries.follow(() => this.#schedule());
  }

  /** A worker has told something. */
  hear(from: Hand, facts: Facts): void {
    const { usage, bans, banRules } = this.#known;
    const { entries = [], ...others } = facts;
    this.#missGap(from);
    for (const fact of facts.bytes ?? []) usage.others.merge(from.member, fact);
    for (const news of facts.logins ?? []) bans.heard(banRules(), news);
    this.#merge(entries);
    // Entries are passed on only when they are new here.
    this.#offer({ kind: 'facts', member: from.member, epoch: from.life, facts: others }, from);
  }

  /** Others forget the rows of a worker that was silent for long, or that this process did not pass on for so long. */
  #missGap(from: Hand): void {
    const nowMs = monotonicMs();
    const heardAtMs = this.#heardAtMs.get(from) ?? nowMs;
    this.#heardAtMs.set(from, nowMs);
    if (nowMs - heardAtMs > SILENT_MS) from.tell({ kind: 'tell-all' });
  }

  /** A worker that has begun to serve, or to read again, hears what is known; the others tell all. */
  inform(hand: Hand): void {
    hand.isBehind = false;
    const tables = Object.entries(entriesOf(this.#known)) as readonly (readonly [
      EntryKind,
      { all(): Iterable<EntryFact> },
    ])[];
    for (const [kind, entries] of tables) {
      for (const facts of piecesOf([...entries.all()])) this.#tell(hand, { entries: [{ kind, facts }] });
    }
    for (const logins of piecesOf<LoginNews>([...this.#known.bans.familiar()])) this.#tell(hand, { logins });
    this.#tellBytes(hand);
    for (const other of this.#hands()) if (other !== hand) other.tell({ kind: 'tell-all' });
  }

  lose({ member }: Hand): void {
    for (const hand of this.#hands()) hand.tell({ kind: 'gone', member });
  }

  /** Workers that did not keep up, and do again. */
  catchUp(): void {
    for (const hand of this.#hands()) if (hand.isBehind && hand.keepsUp) this.inform(hand);
  }

  #tellBytes(hand: Hand): void {
    const { usage } = this.#known;
    const byMember = new Map<string, BytesFact[]>([[FROM_PARENT, [...usage.uses()]]]);
    for (const { member, fact } of usage.others.all()) {
      const facts = byMember.get(member);
      if (facts === undefined) byMember.set(member, [fact]);
      else facts.push(fact);
    }
    for (const [member, all] of byMember) {
      for (const bytes of piecesOf(all)) {
        const facts = { seq: this.#seq++, isFull: false, bytes };
        hand.tell(
          member === hand.member ? { kind: 'own', facts } : { kind: 'facts', member, epoch: 0, facts },
        );
      }
    }
  }

  #merge(entries: readonly KindOfEntries[]): void {
    const tables = entriesOf(this.#known);
    for (const { kind, facts } of believable(entries, this.#now())) {
      for (const fact of facts) tables[kind].merge(fact);
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#tellChanges();
    });
  }

  #tellChanges(): void {
    for (const [kind, entries] of Object.entries(entriesOf(this.#known))) {
      for (const facts of piecesOf(entries.changes())) {
        this.#offer(this.#message({ entries: [{ kind: kind as EntryKind, facts }] }));
      }
    }
  }

  #tell(hand: Hand, facts: Omit<Facts, 'seq' | 'isFull'>): void {
    hand.tell(this.#message(facts));
  }

  #message(facts: Omit<Facts, 'seq' | 'isFull'>): ParentMessage {
    const seq = this.#seq++;
    return { kind: 'facts', member: FROM_PARENT, epoch: 0, facts: { seq, isFull: false, ...facts } };
  }

  #offer(message: ParentMessage, except?: Hand): void {
    const line = JSON.stringify(message);
    for (const hand of this.#hands()) if (hand !== except) hand.offer(line);
  }
}
