// How much a client may send to a target before, and in proportion to, what comes back: a target that never answers
// did not ask for any of it. It holds for a client over all its associations, and for a target over all clients. All
// counts are bytes with headers, of the last ten to fifteen minutes.
import type { PlaceNumber } from '../room/fairroom.ts';
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

/** Bytes; 0 switches a limit off. */
export interface ReplyLimits {
  /** To a target that has not answered. */
  readonly unansweredBytes: number;
  /** Further bytes for each byte of an answer; 0: no limit after the first answer. */
  readonly replyRatio: number;
}

/** A client with a target. */
export interface ReplyPair {
  readonly client: ReplyClient;
  /** The key of both. */
  readonly key: ReplyKey;
  /** The place where its account was found last; NONE at first. */
  account: PlaceNumber;
}

/** IPv4 and UDP headers: empty datagrams are a flood, too. */
const OVERHEAD = 28;

/**
 * The introduction of a client to a target that answers others: this much passes even if other clients have used up
 * what all of them may send there, and for the clients of one /24 or /48 together this much.
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

  /** Whether a datagram of `size` bytes may be sent; if so, it is counted. `nowMs` is of a monotonic clock. */
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

  /** Takes an answer of `size` bytes. */
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

  #accountOf(pair: ReplyPair): PlaceNumber | undefined {
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

  /** Whether the pair may go beyond the limit of all; if so, it is counted for its network. */
  #introduces(pair: ReplyPair, own: number, bytes: number): boolean {
    if (own > INTRODUCTION || this.#accounts.find(this.#all, this.#slice) === undefined) return false;
    putKeyOfNetwork(this.#network, pair.key);
    if (this.#debts.of(this.#network, this.#slice) + bytes > INTRODUCTIONS) return false;
    this.#debts.add(this.#network, bytes, this.#slice);
    return true;
  }

  /** The target of `pair` answers: remembered for clients that have had no answer yet. */
  #noteAnswer({ client, key }: ReplyPair): void {
    putKeyOfAll(this.#all, key);
    const known = this.#accounts.find(this.#all, this.#slice);
    if (known === undefined) this.#accounts.open(client.owner, this.#all, 0, this.#slice);
    else this.#accounts.answer(known, 0, this.#slice);
  }

  /** A debt is not forgotten with its account. */
  #keep(key: ReplyKey, owed: number): void {
    const missing = owed - this.#debts.of(key, this.#slice);
    if (missing > 0) this.#debts.add(key, missing, this.#slice);
  }
}
