// The facts of a worker on their way to its fellows, by the parent. What has changed is sent in the same turn of the loop, then at most
// once in a few milliseconds; never more than one message waits, which is made when it can go. No client waits for any of it.
import { monotonicMs } from '../../base/clock.ts';
import type { Bans, BanRules } from '../../policy/access/bans.ts';
import type { LoginNews } from '../../policy/access/loginnews.ts';
import type { AuthOnce } from '../../policy/access/trusted.ts';
import type { Entries } from '../../policy/facts/entries.ts';
import type { MemberPlace, RowFact } from '../../policy/facts/fact.ts';
import type { Ledger } from '../../policy/limits/ledger.ts';
import { limitsOf, type LimitTable } from '../../policy/limits/limits.ts';
import type { Usage } from '../../policy/limits/quota.ts';
import type { RateParts } from '../../policy/limits/rateparts.ts';
import type { Sources } from '../../policy/rules/sources.ts';
import type { EntryKind, Facts, KindOfEntries } from './factmessage.ts';

/** Between two messages. */
const PAUSE_MS = 5;
/** A message at least so often, or the others take this worker for gone. */
const BEAT_MS = 1000;
/** Less than the lease of a member (otherrows.ts): a worker that stood still for longer may have forgotten the others. */
const STILL_MS = 2500;
/** Between two messages of what sessions want of a shared rate. */
const DEMANDS_MS = 250;
/** Items of one message. */
const MOST_ITEMS = 500;
/** Ends of logins that wait for a message; of more the first are told. */
const MOST_LOGINS = 2000;

export interface Carried {
  readonly ledger: Ledger;
  readonly usage: Usage;
  readonly bans: Bans;
  readonly authOnce: AuthOnce;
  readonly sources: Sources;
  readonly rateParts: RateParts;
  /** Those of the newest snapshot. */
  readonly rules: () => {
    readonly limits: LimitTable;
    readonly bans: BanRules;
    readonly maxSessions: number;
  };
}

/** The way to the parent. */
export interface Way {
  readonly send: (facts: Facts) => void;
  /** Whether everything that was sent has been taken. */
  readonly isFree: () => boolean;
  readonly whenFree: (listener: () => void) => void;
  /** This process stood still, and has missed what others said. */
  readonly ask: () => void;
}

export class Carrier {
  readonly #carried: Carried;
  readonly #way: Way;
  readonly #entries: Readonly<Record<EntryKind, Entries>>;
  readonly #timers: readonly NodeJS.Timeout[];
  #logins: LoginNews[] = [];
  readonly #onNews: () => void;
  #tells: 'changes' | 'rows' | 'all' = 'all';
  #wanted = false;
  #seq = 0;
  #sentAtMs = -Infinity;
  #beatAtMs = monotonicMs();
  #isScheduled = false;
  #isWaiting = false;

  constructor(carried: Carried, way: Way, place: MemberPlace) {
    this.#carried = carried;
    this.#way = way;
    this.#entries = entriesOf(carried);
    const onNews = (): void => this.#schedule();
    this.#onNews = onNews;
    this.share(place);
    for (const entries of Object.values(this.#entries)) entries.follow(onNews);
    carried.bans.tellLogins((news) => this.#note(news));
    const beat = setInterval(() => this.#beat(), BEAT_MS);
    const demands = setInterval(() => this.#tellDemands(), DEMANDS_MS);
    this.#timers = [beat.unref(), demands.unref()];
  }

  /** Tells everything in the next message: for a new worker, or after a reload, which may limit other parties. */
  tellAll(): void {
    this.#tells = 'all';
    this.#schedule();
  }

  /** Tells what is known now, so that whatever is said next comes behind it. */
  tellNow(): void {
    this.#flush();
  }

  /** The same without bytes, which are kept for whoever comes. */
  tellRows(): void {
    if (this.#tells === 'changes') this.#tells = 'rows';
    this.#schedule();
  }

  /** Members have come or gone: each has an equal part of what is not counted together. */
  share(place: MemberPlace): void {
    this.#carried.ledger.follow(this.#onNews, place);
    this.#carried.usage.follow(this.#onNews, place.members);
  }

  /** Sends the last facts. */
  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#flush();
  }

  /** Takes in the facts of another worker. */
  hear(member: string, epoch: number, facts: Facts): void {
    const { ledger, usage, bans, rateParts, rules } = this.#carried;
    const { limits, bans: banRules } = rules();
    const { seq, isFull, rows = [], bytes = [], entries = [], logins = [], demands } = facts;
    if (member !== '') ledger.hear(limits, { member, epoch, seq, isFull, rows });
    for (const fact of bytes) usage.others.merge(member, fact);
    this.#merge(entries);
    for (const news of logins) bans.heard(banRules, news);
    if (demands !== undefined) rateParts.hear(member, demands);
  }

  /** Takes in the bytes that an earlier life of this worker has counted. */
  restore({ bytes = [] }: Facts): void {
    for (const fact of bytes) this.#carried.usage.restore(fact);
  }

  lose(member: string): void {
    this.#carried.ledger.lose(member);
    this.#carried.rateParts.lose(member);
  }

  #merge(entries: readonly KindOfEntries[]): void {
    for (const { kind, facts } of entries) for (const fact of facts) this.#entries[kind].merge(fact);
  }

  #note(news: LoginNews): void {
    if (this.#logins.length < MOST_LOGINS) this.#logins.push(news);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const flush = (): void => {
      this.#isScheduled = false;
      this.#flush();
    };
    const pauseMs = this.#sentAtMs + PAUSE_MS - monotonicMs();
    if (pauseMs <= 0) setImmediate(flush);
    else setTimeout(flush, pauseMs).unref();
  }

  #beat(): void {
    const now = monotonicMs();
    if (now - this.#beatAtMs > STILL_MS) this.#way.ask();
    this.#beatAtMs = now;
    if (now - this.#sentAtMs >= BEAT_MS / 2) this.#send({ rows: [] });
  }

  #tellDemands(): void {
    const demands = this.#carried.rules().limits.watch.rates ? this.#carried.rateParts.demands : [];
    if (demands.length === 0 && !this.#wanted) return;
    this.#wanted = demands.length > 0;
    this.#send({ demands });
  }

  #flush(): void {
    if (!this.#way.isFree()) {
      this.#tryLater();
      return;
    }
    if (this.#tells !== 'changes') this.#sendAll();
    const { ledger, usage } = this.#carried;
    const { isFull, rows } = ledger.changes();
    const told = rows.filter((row) => this.#isAskedAbout(row));
    if (isFull) this.#sendAll();
    else this.#sendPieces('rows', told, 'some');
    this.#sendPieces('bytes', usage.changes(), 'some');
    for (const [kind, entries] of Object.entries(this.#entries)) {
      for (const facts of piecesOf(entries.changes()))
        this.#send({ entries: [{ kind: kind as EntryKind, facts }] });
    }
    const logins = this.#logins;
    this.#logins = [];
    this.#sendPieces('logins', logins, 'some');
  }

  #tryLater(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#way.whenFree(() => {
      this.#isWaiting = false;
      this.#schedule();
    });
  }

  /** Entries are not repeated: the parent keeps them. */
  #sendAll(): void {
    const { ledger, usage } = this.#carried;
    const bytes = this.#tells === 'rows' ? [] : [...usage.uses()];
    this.#tells = 'changes';
    const rows = ledger.all().filter((row) => this.#isAskedAbout(row));
    if (rows.length === 0) this.#send({ isFull: true, rows: [] });
    this.#sendPieces('rows', rows, 'all');
    this.#sendPieces('bytes', bytes, 'some');
  }

  /** Whether others need a row: parties without a limit concern this process only. */
  #isAskedAbout(row: RowFact): boolean {
    const { limits, maxSessions } = this.#carried.rules();
    if (row.scope === 'total' && maxSessions > 0) return true;
    const { sessions, handshakes, rate } = limitsOf(limits, row);
    return sessions !== undefined || handshakes !== undefined || rate !== undefined;
  }

  /** Only the first piece of `all` says so: it puts an end to what was told before. */
  #sendPieces(list: 'rows' | 'bytes' | 'logins', items: readonly unknown[], extent: 'all' | 'some'): void {
    let isFull = extent === 'all';
    for (const piece of piecesOf(items)) {
      this.#send({ isFull, [list]: piece });
      isFull = false;
    }
  }

  #send(facts: Omit<Facts, 'seq' | 'isFull'> & Partial<Pick<Facts, 'isFull'>>): void {
    this.#sentAtMs = monotonicMs();
    this.#way.send({ seq: this.#seq++, isFull: false, ...facts });
  }
}

export function entriesOf({
  bans,
  authOnce,
  sources,
}: Pick<Carried, 'bans' | 'authOnce' | 'sources'>): Readonly<Record<EntryKind, Entries>> {
  return {
    bans: bans.entries,
    blocks: bans.blocks.entries,
    authOnce: authOnce.entries,
    sources: sources.entries,
  };
}

export function* piecesOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += MOST_ITEMS) yield items.slice(at, at + MOST_ITEMS);
}
