// Checks of running sessions, made only while a limit needs them: the time of sessions each second, the bytes of quotas and the
// shares of a rate four times as often.
import { monotonicMs } from '../../base/clock.ts';
import type { RelayLimits } from '../../net/transport.ts';
import { Allowances, isBounded } from '../../policy/limits/allowances.ts';
import { limitsOf, type LimitTable } from '../../policy/limits/limits.ts';
import type { RateParts } from '../../policy/limits/rateparts.ts';
import type { Usage } from '../../policy/limits/quota.ts';
import { Shares } from '../../policy/limits/shares.ts';
import type { EndReason } from '../events.ts';
import type { Session } from '../session.ts';
import type { Registry } from './registry.ts';

const DURATIONS_INTERVAL_MS = 1000;
const QUOTAS_INTERVAL_MS = 250;
const RATES_INTERVAL_MS = 250;
/** The first stop of a relay under a quota, until Allowances moves it; 0 would be no stop. */
const FIRST_STOP = 1;

/** Bytes of a relay so far. */
interface RelayBytes {
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export class Oversight {
  readonly #registry: Registry;
  readonly #usage: Usage;
  readonly #shares = new Shares(monotonicMs());
  readonly #allowances: Allowances;
  #limits: LimitTable;
  #timers: readonly NodeJS.Timeout[] = [];

  constructor(registry: Registry, usage: Usage, limits: LimitTable, parts?: RateParts) {
    if (parts !== undefined) this.#shares.shareBy(parts);
    this.#registry = registry;
    this.#usage = usage;
    this.#allowances = new Allowances(usage);
    this.#limits = limits;
    this.follow(limits);
  }

  /** These limits hold from now on, for all sessions. */
  follow(limits: LimitTable): void {
    this.stop();
    if (limits.watch.amounts && !this.#limits.watch.amounts) this.#beginBooks();
    this.#limits = limits;
    // Once in any case: a rate or a stop that has been lifted must not stay with any session.
    this.#adjustRates();
    this.#allowances.adjust(limits, this.#relaying());
    const { amounts, rates, quotas } = limits.watch;
    const intervalMs = quotas ? QUOTAS_INTERVAL_MS : DURATIONS_INTERVAL_MS;
    this.#timers = [
      ...(amounts ? [setInterval(() => this.#checkAmounts(), intervalMs)] : []),
      ...(rates ? [setInterval(() => this.#adjustRates(), RATES_INTERVAL_MS)] : []),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** The limits of the relay of `session` from its start; undefined when there are none. */
  beginLimits(session: Session): Pick<RelayLimits, 'rate' | 'stop'> | undefined {
    const rate = this.#shares.begin(this.#limits, session);
    const stop = isBounded(this.#limits, session.entry) ? FIRST_STOP : undefined;
    return rate === undefined && stop === undefined ? undefined : { rate, stop };
  }

  /** The relay of `session` is there, and may move bytes. */
  letGo(session: Session): void {
    this.#allowances.begin(this.#limits, session);
  }

  /** Books the bytes that a relay has moved since the last time. */
  book({ entry }: Session, { bytesUp, bytesDown }: RelayBytes): void {
    if (!this.#limits.watch.amounts) return;
    const bytes = bytesUp + bytesDown;
    const more = bytes - entry.bookedBytes;
    entry.bookedBytes = bytes;
    for (const account of entry.accounts) this.#usage.add(this.#limits, account, more);
  }

  /** Bytes moved before counting began are not charged. */
  #beginBooks(): void {
    for (const { entry, activity } of this.#relaying()) {
      const { bytesUp, bytesDown } = activity.progress();
      entry.bookedBytes = bytesUp + bytesDown;
    }
  }

  #checkAmounts(): void {
    const nowMs = monotonicMs();
    for (const session of this.#relaying()) {
      this.book(session, session.activity.progress());
      const reason = this.#excess(session, nowMs);
      if (reason !== undefined) this.#registry.end(session, reason);
    }
    this.#allowances.adjust(this.#limits, this.#relaying());
  }

  /** The limit that a session exceeds. */
  #excess({ entry, startedAtMs }: Session, nowMs: number): EndReason | undefined {
    for (const account of entry.accounts) {
      const { duration } = limitsOf(this.#limits, account);
      if (duration !== undefined && nowMs - startedAtMs >= duration.value) return 'duration-limit';
      if (this.#usage.isSpent(this.#limits, account, account.sessions)) return 'quota';
    }
    return undefined;
  }

  #adjustRates(): void {
    this.#shares.adjust(this.#limits, this.#relaying(), monotonicMs());
  }

  #relaying(): readonly RelayingSession[] {
    return this.#registry.list().filter(isRelaying);
  }
}

type RelayingSession = Extract<Session, { readonly stage: 'relaying' }>;

function isRelaying(session: Session): session is RelayingSession {
  return session.stage === 'relaying';
}
