// Happy Eyeballs (RFC 8305): the addresses of a name are tried in turn, each a little after the one before or at once
// after its failure; the first connection wins and the other attempts are cancelled. At most one attempt of a race
// survives, and none outlives the deadline.
import { monotonicMs } from '../../base/clock.ts';
import { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import { whyUnanswered, type Answer } from '../dns/namesource.ts';
import type { NameLookup } from '../names/resolve.ts';
import type { Leg } from '../transport.ts';
import { moreTelling } from './faultrank.ts';

/** The two delays of RFC 8305 section 8, and the clock. */
export interface Pace {
  /** How long answers of the second family wait for the first one ("Resolution Delay"). */
  readonly resolutionDelayMs: number;
  /** How long an attempt runs before the next one joins it ("Connection Attempt Delay"). */
  readonly attemptDelayMs: number;
  /** Calls `then` after a time; returns the function that cancels it. */
  readonly after: (milliseconds: number, then: () => void) => () => void;
  /** See whyUnanswered(). */
  readonly namePatienceMs?: number;
}

const RFC_8305_PACE: Pace = {
  resolutionDelayMs: 50,
  attemptDelayMs: 250,
  after: (milliseconds, then) => {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Attempts of one race: a name with hundreds of addresses must not become a port scan. */
const MAX_ATTEMPTS = 16;

/** Connects until `deadline` ends, or returns the fault that forbids this address. */
type StartAttempt = (ip: Ip, deadline: Deadline) => Promise<Leg> | Fault;

/**
 * The first connection to an address of the name. Rejects with the reason for which `deadline` ended, or
 * RESOLVER_FAILED if silent name servers used up its time; with the most telling failure once every address has
 * failed; with NAME_NOT_FOUND if there was none.
 */
export function race(
  lookup: NameLookup,
  start: StartAttempt,
  deadline: Deadline,
  pace: Pace = RFC_8305_PACE,
): Promise<Leg> {
  return new Promise((resolve, reject) => {
    new Race({ start, pace, won: resolve, lost: reject }).run(lookup, deadline);
  });
}

interface RacePlan {
  readonly start: StartAttempt;
  readonly pace: Pace;
  readonly won: (leg: Leg) => void;
  readonly lost: (fault: Fault) => void;
}

class Race {
  readonly #course: RacePlan;
  /** Families whose answer is pending. */
  readonly #due = new Set<4 | 6>([6, 4]);
  /** Addresses not tried yet. */
  readonly #waiting: Record<4 | 6, Ip[]> = { 6: [], 4: [] };
  #first: 4 | 6 = 6;
  /** The family whose turn it is, if it has an address. */
  #turn: 4 | 6 = 6;
  #attempts = 0;
  readonly #running = new Set<Deadline>();
  /** Ends the pause before the next step. */
  #delay: (() => void) | undefined;
  /** Whether there was a pause: one family waits for the other only before the first attempt. */
  #paused = false;
  #failure: Fault | undefined;
  #settled = false;
  readonly #startedAt = monotonicMs();
  #forgetDeadline: (() => void) | undefined;

  constructor(course: RacePlan) {
    this.#course = course;
  }

  run(lookup: NameLookup, deadline: Deadline): void {
    this.#forgetDeadline = deadline.whenEnded((fault) => this.#lose(this.#meaningOf(fault)));
    this.#first = lookup.first ?? 6;
    this.#turn = this.#first;
    this.#expect(6, lookup.ipv6);
    this.#expect(4, lookup.ipv4);
    this.#advance();
  }

  #meaningOf(end: Fault): Fault {
    const isNameDue = this.#attempts === 0 && this.#due.size > 0;
    return isNameDue ? whyUnanswered(end, this.#startedAt, this.#course.pace.namePatienceMs) : end;
  }

  #expect(family: 4 | 6, answer: Answer | Promise<Answer>): void {
    if (!(answer instanceof Promise)) {
      this.#take(family, answer);
      return;
    }
    void answer.then((late) => {
      this.#take(family, late);
      if (this.#attempts === 0) this.#endPause();
      this.#advance();
    });
  }

  #take(family: 4 | 6, answer: Answer): void {
    this.#due.delete(family);
    if (answer instanceof Fault) this.#failure = moreTelling(this.#failure, answer);
    else this.#waiting[family].push(...answer);
  }

  /** Takes every step that is due: wait for the preferred family, start an attempt, or give up. */
  #advance(): void {
    if (this.#settled || this.#delay !== undefined) return;
    const { pace } = this.#course;
    if (this.#mustAwaitFirst()) this.#pause(pace.resolutionDelayMs);
    else if (this.#startNext()) this.#pause(pace.attemptDelayMs);
    else if (this.#running.size === 0 && this.#due.size === 0) {
      this.#lose(this.#failure ?? new Fault('NAME_NOT_FOUND'));
    }
  }

  #mustAwaitFirst(): boolean {
    const later = this.#waiting[otherFamily(this.#first)];
    return !this.#paused && this.#due.has(this.#first) && later.length > 0;
  }

  #pause(milliseconds: number): void {
    this.#paused = true;
    this.#delay = this.#course.pace.after(milliseconds, () => {
      this.#delay = undefined;
      this.#advance();
    });
  }

  #endPause(): void {
    this.#delay?.();
    this.#delay = undefined;
  }

  /** Starts an attempt at the next permitted address; false if there is none. */
  #startNext(): boolean {
    while (this.#attempts < MAX_ATTEMPTS) {
      const ip = this.#nextAddress();
      if (ip === undefined) return false;
      const deadline = new Deadline(0, 'CONNECT_TIMEOUT');
      const attempt = this.#course.start(ip, deadline);
      if (!(attempt instanceof Fault)) {
        this.#attempts += 1;
        this.#follow(attempt, deadline);
        return true;
      }
      this.#failure = moreTelling(this.#failure, attempt);
    }
    return false;
  }

  /** The families take turns, the preferred one first (RFC 8305 section 4, First Address Family Count 1). */
  #nextAddress(): Ip | undefined {
    const family = this.#waiting[this.#turn].length > 0 ? this.#turn : otherFamily(this.#turn);
    this.#turn = otherFamily(family);
    return this.#waiting[family].shift();
  }

  #follow(attempt: Promise<Leg>, deadline: Deadline): void {
    this.#running.add(deadline);
    attempt.then(
      (leg) => {
        this.#running.delete(deadline);
        if (this.#settled) leg.close('reset');
        else this.#win(leg);
      },
      (error: unknown) => {
        this.#running.delete(deadline);
        const fault = error instanceof Fault ? error : new Fault('CONNECT_FAILED', error);
        this.#failure = moreTelling(this.#failure, fault);
        this.#endPause();
        this.#advance();
      },
    );
  }

  #win(leg: Leg): void {
    this.#settle(new Fault('CONNECT_FAILED', 'another address of the name was faster'));
    this.#course.won(leg);
  }

  #lose(fault: Fault): void {
    this.#settle(fault);
    this.#course.lost(fault);
  }

  #settle(reason: Fault): void {
    this.#settled = true;
    this.#endPause();
    this.#forgetDeadline?.();
    for (const deadline of this.#running) deadline.end(reason);
  }
}

function otherFamily(family: 4 | 6): 4 | 6 {
  return family === 6 ? 4 : 6;
}
