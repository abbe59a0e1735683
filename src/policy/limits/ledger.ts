// The ledger of parties: sessions at once and new sessions, of all together, of each client, user and group. It counts whether
// or not there are limits, because a reload may bring some, and it forgets parties that are gone.
import type { LimitScope } from '../../config/model/limit.ts';
import type { Party, MemberPlace, RowFact, RowsMessage } from '../facts/fact.ts';
import { OtherRows, type ArrivedElsewhere } from '../facts/otherrows.ts';
import { Untold } from '../facts/untold.ts';
import type { Identity } from '../identity.ts';
import { Account } from './account.ts';
import { Entry } from './entry.ts';
import { limitsOf, type Limit, type LimitTable } from './limits.ts';

/** Accounts that one arrival clears away at most: more than it can add. */
const FORGOTTEN_AT_ONCE = 4;

export class Ledger {
  readonly total = new Account('total', '');
  /** A monotonic clock in milliseconds. */
  readonly #now: () => number;
  readonly #accounts: Readonly<Record<Exclude<LimitScope, 'total'>, Map<string, Account>>> = {
    client: new Map(),
    user: new Map(),
    group: new Map(),
  };
  /** Accounts without a session that still remember arrivals, those that left first in front. */
  readonly #resting = new Set<Account>();
  /** The counts of other members. */
  readonly #others: OtherRows;
  readonly #untold = new Untold();
  #place: MemberPlace = { member: '', members: 1 };

  constructor(now: () => number) {
    this.#now = now;
    this.#others = new OtherRows(now);
  }

  /** Accounts that are kept. */
  get size(): number {
    return this.#accounts.client.size + this.#accounts.user.size + this.#accounts.group.size;
  }

  /** The limit for which a new client may not come in, whichever others are here; `client` is its clientKeyOf(). */
  objectionTo(table: LimitTable, client: string): Limit | undefined {
    const { rate } = table.total.each;
    if (rate !== undefined && this.total.isTooFast(rate, this.#now())) return rate;
    const account = this.#accounts.client.get(client);
    if (account === undefined && this.#others.isAlone) return undefined;
    return this.#objectionOf(table, account ?? new Account('client', client));
  }

  /** The limit of all together that is reached, so that one session must go before another can come. */
  crowding({ total: { each } }: LimitTable): Limit | undefined {
    const { sessions, handshakes } = each;
    if (sessions !== undefined && this.#everywhere(this.total, 'sessions') >= sessions.value) return sessions;
    // Each member presses out strangers of its own, and has an equal part of the room for them.
    if (handshakes !== undefined && this.total.handshakes >= this.partOf(handshakes.value)) return handshakes;
    return undefined;
  }

  /** The part of this member in a bound of the daemon that members do not count together. */
  partOf(bound: number): number {
    return Math.max(1, Math.ceil(bound / this.#place.members));
  }

  /** Sessions at other members of this host. */
  get elsewhere(): number {
    if (this.#others.isAlone) return 0;
    const { host } = this.#place;
    return host === undefined
      ? this.#others.of(this.total).sessions
      : this.#others.sessionsWhere((member) => member.startsWith(`${host} `), this.total);
  }

  /**
   * The limit that turned out to be broken while the target was dialled, because another member has let in sessions at the same time;
   * of two that collide, the member with the lower name keeps its sessions.
   */
  secondLook(table: LimitTable, { accounts, total }: Entry): Limit | undefined {
    if (this.#others.isAlone) return undefined;
    for (const account of accounts) {
      const { sessions } = limitsOf(table, account);
      if (sessions === undefined || account === total) continue;
      const before = this.#others.sessionsWhere((member) => member < this.#place.member, account);
      if (before > 0 && account.sessions + before > sessions.value) return sessions;
    }
    return undefined;
  }

  /** Counts a new client, with its handshake. */
  enter(table: LimitTable, client: string): Entry {
    if (this.#resting.size > 0) this.#forget();
    const account = this.#account('client', client);
    this.#count(table, this.total);
    this.#count(table, account);
    this.total.handshakes += 1;
    account.handshakes += 1;
    return new Entry(this.total, account);
  }

  /**
   * The handshake is over, and this is who it is: counts the user and the group, or gives the limit of theirs that one
   * more session would break.
   */
  settle(table: LimitTable, entry: Entry, identity: Identity | undefined): Limit | undefined {
    if (entry.stage !== 'handshake') return undefined;
    this.#endHandshake(entry);
    entry.stage = 'settled';
    if (identity?.kind !== 'user') return undefined;
    const user = this.#account('user', identity.name);
    const group = identity.group === undefined ? undefined : this.#account('group', identity.group);
    const objection = this.#objectionOf(table, user) ?? (group && this.#objectionOf(table, group));
    if (objection === undefined) {
      entry.user = user;
      entry.group = group;
      this.#count(table, user);
      if (group !== undefined) this.#count(table, group);
    } else {
      this.#keepOrDrop(user);
      if (group !== undefined) this.#keepOrDrop(group);
    }
    return objection;
  }

  /** The session is over. A second call does nothing. */
  leave(entry: Entry): void {
    if (entry.stage === 'gone') return;
    if (entry.stage === 'handshake') this.#endHandshake(entry);
    entry.stage = 'gone';
    const { total, client, user, group } = entry;
    total.sessions -= 1;
    this.#untold.mark(total);
    this.#uncount(client);
    if (user !== undefined) this.#uncount(user);
    if (group !== undefined) this.#uncount(group);
  }

  /** From now on a carrier asks for changes(); `onNews` hears of the first one since. `place`: of this member among the others. */
  follow(onNews?: () => void, place = this.#place): void {
    this.#place = place;
    this.#untold.follow(onNews);
  }

  /** The rows that have changed since this was asked last; those of parties that are forgotten have zeros. */
  changes(): Pick<RowsMessage, 'isFull' | 'rows'> {
    const parties = this.#untold.take();
    if (parties === 'all') return { isFull: true, rows: this.all() };
    return { isFull: false, rows: parties.map((party) => this.#rowOf(party)) };
  }

  /** The rows of all parties that are here. */
  all(): readonly RowFact[] {
    const { client, user, group } = this.#accounts;
    const accounts = [this.total, ...client.values(), ...user.values(), ...group.values()];
    return accounts.map((account) => this.#rowOf(account));
  }

  /** Takes in what another member counts. */
  hear(table: LimitTable, message: RowsMessage): void {
    for (const arrived of this.#others.take(message)) this.#pour(table, arrived);
  }

  /** Another member has said that it ends: its sessions do not count any more. */
  lose(member: string): void {
    this.#others.leave(member);
  }

  /** Arrivals elsewhere wear off here like arrivals here. */
  #pour(table: LimitTable, { party, arrivals }: ArrivedElsewhere): void {
    const { rate } = limitsOf(table, party);
    if (rate === undefined) return;
    const account = party.scope === 'total' ? this.total : this.#account(party.scope, party.name);
    account.arriveElsewhere(arrivals, rate, this.#now());
    if (account.sessions > 0 || account === this.total) return;
    // Those that left first in front.
    this.#resting.delete(account);
    this.#resting.add(account);
  }

  #rowOf({ scope, name }: Party): RowFact {
    const account = scope === 'total' ? this.total : this.#accounts[scope].get(name);
    const { sessions = 0, handshakes = 0, arrivals = 0 } = account ?? {};
    return { scope, name, sessions, handshakes, arrivals };
  }

  #everywhere(account: Account, count: 'sessions' | 'handshakes'): number {
    return this.#others.isAlone ? account[count] : account[count] + this.#others.of(account)[count];
  }

  #account(scope: Exclude<LimitScope, 'total'>, name: string): Account {
    const known = this.#accounts[scope].get(name);
    if (known !== undefined) return known;
    const account = new Account(scope, name);
    this.#accounts[scope].set(name, account);
    return account;
  }

  #objectionOf(table: LimitTable, account: Account): Limit | undefined {
    const { sessions, rate, handshakes } = limitsOf(table, account);
    if (sessions !== undefined && this.#everywhere(account, 'sessions') >= sessions.value) return sessions;
    if (handshakes !== undefined && this.#everywhere(account, 'handshakes') >= handshakes.value)
      return handshakes;
    return rate !== undefined && account.isTooFast(rate, this.#now()) ? rate : undefined;
  }

  #count(table: LimitTable, account: Account): void {
    account.sessions += 1;
    this.#untold.mark(account);
    const { rate } = limitsOf(table, account);
    if (rate !== undefined) account.arrive(rate, this.#now());
    if (account.sessions === 1 && this.#resting.size > 0) this.#resting.delete(account);
  }

  #uncount(account: Account): void {
    account.sessions -= 1;
    this.#untold.mark(account);
    this.#keepOrDrop(account);
  }

  #endHandshake({ client }: Entry): void {
    client.handshakes -= 1;
    this.total.handshakes -= 1;
    this.#untold.mark(client);
    this.#untold.mark(this.total);
  }

  /** Drops an account without sessions, at once or when its arrivals have worn off. */
  #keepOrDrop(account: Account): void {
    if (account.sessions > 0) return;
    if (account.isFresh) this.#drop(account);
    else this.#resting.add(account);
  }

  #forget(): void {
    let left = FORGOTTEN_AT_ONCE;
    for (const account of this.#resting) {
      if (left-- === 0 || !account.isRested(this.#now())) return;
      this.#resting.delete(account);
      this.#drop(account);
    }
  }

  #drop({ scope, name }: Account): void {
    if (scope !== 'total') this.#accounts[scope].delete(name);
  }
}
