// The idle and half-closed limits of one relay: one timer that looks at the last activity when it fires,
// so that passing bytes costs one assignment.
import { monotonicMs } from '../../base/clock.ts';
import type { RelayLimits } from '../transport.ts';

export class RelayClock {
  readonly #limits: RelayLimits;
  readonly #onLimit: (limit: 'idle-timeout' | 'half-closed-timeout') => void;
  readonly #isBusy: () => boolean;
  #lastActivity = monotonicMs();
  #halfClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #stopped = false;

  /** `isBusy`: whether the relay waits for a rate, which is not silence. */
  constructor(
    limits: RelayLimits,
    onLimit: (limit: 'idle-timeout' | 'half-closed-timeout') => void,
    isBusy: () => boolean = () => false,
  ) {
    this.#limits = limits;
    this.#onLimit = onLimit;
    this.#isBusy = isBusy;
    this.#arm();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Bytes have passed; `nowMs` is a monotonicMs(). */
  touch(nowMs = monotonicMs()): void {
    this.#lastActivity = nowMs;
  }

  /** One direction has ended: from this moment on the half-closed limit counts. */
  halfClose(): void {
    if (this.#stopped || this.#halfClosed) return;
    this.#halfClosed = true;
    this.touch();
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#disarm();
  }

  /** The limit in force: the shorter of the two once one side has ended; 0 for none. */
  #limitMs(): number {
    const { idleTimeoutMs, halfClosedTimeoutMs } = this.#limits;
    if (!this.#halfClosed || halfClosedTimeoutMs === 0) return idleTimeoutMs;
    return idleTimeoutMs === 0 ? halfClosedTimeoutMs : Math.min(idleTimeoutMs, halfClosedTimeoutMs);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #arm(): void {
    this.#disarm();
    const limitMs = this.#limitMs();
    if (limitMs === 0) return;
    const leftMs = this.#lastActivity + limitMs - monotonicMs();
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, leftMs));
  }

  #fire(): void {
    if (this.#isBusy()) this.touch();
    // A busy loop runs its timers before it reads: unread bytes in a socket are not silence.
    if (this.#isSilent()) this.#immediate = setImmediate(() => this.#decide());
    else this.#arm();
  }

  #decide(): void {
    if (this.#isBusy()) this.touch();
    if (!this.#isSilent()) {
      this.#arm();
      return;
    }
    const byHalfClose = this.#halfClosed && this.#limitMs() === this.#limits.halfClosedTimeoutMs;
    this.#onLimit(byHalfClose ? 'half-closed-timeout' : 'idle-timeout');
  }

  #isSilent(): boolean {
    return monotonicMs() - this.#lastActivity >= this.#limitMs();
  }
}
