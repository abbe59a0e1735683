// What a client may send to a target before, and for, what comes back from there: a target that never answers did not ask for any
// of it. It holds for a client whatever associations come and go, and for a target over all clients. All counts are of bytes
// with headers, of the last ten minutes or up to five more.
import type { Place } from '../room/fairroom.ts';
import { NONE } from '../room/holder.ts';
import { ReplyAccounts } from './replyaccounts.ts';
import { MOST_COUNTED, ReplyDebts, sliceAt } from './replydebts.ts';
import {
  putKeyOfAll,
  putKeyOfNetwork,
  REPLY_KEY_WORDS,
  type ReplyClient,
  type ReplyKey,
} from './replykey.ts';

/** Both in bytes; 0 switches a limit off. */
export interface ReplyLimits {
  /** To a target that has not answered. */
  readonly unansweredBytes: number;
  /** More for each byte that came from there; 0: as much as one likes once something came. */
  readonly replyRatio: number;
}

/** A client with a target. */
export interface ReplyPair {
  readonly client: ReplyClient;
  /** Of both. */
  readonly key: ReplyKey;
  /** Where its account was last found; NONE to begin with. */
  account: Place;
}

/** IPv4 and UDP headers: a flood of empty datagrams is a flood, too. */
const OVERHEAD = 28;

/**
 * To a target that answers others a client may introduce itself with so much, even where strangers have used up what all of
 * them may send there; clients of one /24 or /48 together with so much.
 */
const INTRODUCTION = 4096;
const INTRODUCTIONS = 16 * INTRODUCTION;

/** Pairs and targets with answers. */
const MAX_ACCOUNTS = 65_536;

export class ReplyBudgets {
  readonly #debts = new ReplyDebts();
  readonly #accounts: ReplyAccounts;
  readonly #all = new Int32Array(REPLY_KEY_WORDS);
  readonly #network = new Int32Array(REPLY_KEY_WORDS);
  #slice = 0;

  constructor(maxAccounts = MAX_ACCOUNTS) {
    this.#accounts = new ReplyAccounts(maxAccounts, (key, owed) => this.#keep(key, owed));
  }

  /** Whether a datagram of `size` bytes may be sent; it is counted if so. `nowMs` is of a monotonic clock. */
  spend(pair: ReplyPair, size: number, limits: ReplyLimits, nowMs: number): boolean {
    const { unansweredBytes } = limits;
    if (unansweredBytes === 0) return true;
    this.#slice = sliceAt(nowMs);
    const bytes = size + OVERHEAD;
    const account = this.#accountOf(pair);
    if (account === undefined)
      return this.#spendUnanswered(pair, bytes, Math.min(unansweredBytes, MOST_COUNTED));
    if (this.#accounts.owed(account, this.#slice) + bytes > unansweredBytes) return false;
    this.#accounts.owe(account, bytes, this.#slice);
    return true;
  }

  /** A datagram of `size` bytes came back. */
  earn(pair: ReplyPair, size: number, { unansweredBytes, replyRatio }: ReplyLimits, nowMs: number): void {
    if (unansweredBytes === 0) return;
    const slice = (this.#slice = sliceAt(nowMs));
    const gained = replyRatio === 0 ? Infinity : replyRatio * (size + OVERHEAD);
    const account = this.#accountOf(pair);
    if (account === undefined) {
      const owed = this.#debts.of(pair.key, slice) - gained;
      pair.account = this.#accounts.open(pair.client.owner, pair.key, owed, slice) ?? NONE;
    } else if (this.#accounts.answer(account, gained, slice) === slice) {
      return;
    }
    this.#noteAnswer(pair);
  }

  #accountOf(pair: ReplyPair): Place | undefined {
    const account = this.#accounts.find(pair.key, this.#slice, pair.account);
    pair.account = account ?? NONE;
    return account;
  }

  #spendUnanswered(pair: ReplyPair, bytes: number, most: number): boolean {
    const own = this.#debts.of(pair.key, this.#slice) + bytes;
    if (own > most) return false;
    putKeyOfAll(this.#all, pair.key);
    if (this.#debts.of(this.#all, this.#slice) + bytes > most && !this.#introduces(pair, own, bytes))
      return false;
    this.#debts.add(pair.key, bytes, this.#slice);
    this.#debts.add(this.#all, bytes, this.#slice);
    return true;
  }

  /** Whether it may go beyond what all may send; counted for its network if so. */
  #introduces(pair: ReplyPair, own: number, bytes: number): boolean {
    if (own > INTRODUCTION || this.#accounts.find(this.#all, this.#slice) === undefined) return false;
    putKeyOfNetwork(this.#network, pair.key);
    if (this.#debts.of(this.#network, this.#slice) + bytes > INTRODUCTIONS) return false;
    this.#debts.add(this.#network, bytes, this.#slice);
    return true;
  }

  /** The target of `pair` answers: that is remembered for those who have not been answered yet. */
  #noteAnswer({ client, key }: ReplyPair): void {
    putKeyOfAll(this.#all, key);
    const known = this.#accounts.find(this.#all, this.#slice);
    if (known === undefined) this.#accounts.open(client.owner, this.#all, 0, this.#slice);
    else this.#accounts.answer(known, 0, this.#slice);
  }

  /** What is owed is not forgotten with the account. */
  #keep(key: ReplyKey, owed: number): void {
    const missing = owed - this.#debts.of(key, this.#slice);
    if (missing > 0) this.#debts.add(key, missing, this.#slice);
  }
}
