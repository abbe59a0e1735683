// A race on a clock that the test turns, with attempts that it settles.
import { setImmediate as settled } from 'node:timers/promises';
import { Deadline } from '../../../src/base/deadline.ts';
import { Fault, type FaultCode } from '../../../src/base/fault.ts';
import type { Ip } from '../../../src/base/ip.ts';
import { race, type Pace } from '../../../src/net/dial/race.ts';
import type { Answer } from '../../../src/net/dns/namesource.ts';
import type { NameLookup } from '../../../src/net/names/resolve.ts';
import type { Leg } from '../../../src/net/transport.ts';
import { ip } from '../ip.ts';

/** Time that passes only when the test says so. */
class Clock {
  nowMs = 0;
  readonly #timers = new Set<{ readonly dueMs: number; readonly then: () => void }>();

  readonly after = (milliseconds: number, then: () => void): (() => void) => {
    const timer = { dueMs: this.nowMs + milliseconds, then };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  get running(): number {
    return this.#timers.size;
  }

  async pass(milliseconds: number): Promise<void> {
    this.nowMs += milliseconds;
    for (const timer of this.#timers) {
      if (timer.dueMs > this.nowMs) continue;
      this.#timers.delete(timer);
      timer.then();
    }
    await settled();
  }
}

/** A deadline that shows who is registered. */
class WatchedDeadline extends Deadline {
  readonly listeners = new Set<(fault: Fault) => void>();

  override whenEnded(listener: (fault: Fault) => void): () => void {
    this.listeners.add(listener);
    const forget = super.whenEnded(listener);
    return () => {
      this.listeners.delete(listener);
      forget();
    };
  }
}

export interface Attempt {
  readonly deadline: Deadline;
  connect(): void;
  fail(code: FaultCode): void;
}

interface Legs {
  readonly opened: Leg[];
  readonly closed: Leg[];
}

/** A race whose attempts are made and ended by hand; `denied` addresses are forbidden. */
export function startRace(lookup: NameLookup, denied: readonly string[] = [], changes: Partial<Pace> = {}) {
  const clock = new Clock();
  const attempts = new Map<string, Attempt>();
  const legs: Legs = { opened: [], closed: [] };
  const deadline = new WatchedDeadline(0, 'CONNECT_TIMEOUT');
  const start = (address: Ip, child: Deadline): Promise<Leg> | Fault => {
    if (denied.includes(address)) return new Fault('GUARD_DENIED');
    const { promise, attempt } = openAttempt(address, child, legs);
    attempts.set(address, attempt);
    return promise;
  };
  const pace: Pace = { resolutionDelayMs: 50, attemptDelayMs: 250, after: clock.after, ...changes };
  const outcome = race(lookup, start, deadline, pace).then((leg) => leg.remote.ip as string, codeOf);
  const tried = () => [...attempts.keys()];
  const attempt = (address: string): Attempt => attempts.get(address)!;
  const { listeners } = deadline;
  return { clock, attempt, tried, legs, deadline, listeners, outcome };
}

export function codeOf(error: unknown): string {
  return error instanceof Fault ? error.code : String(error);
}

/** An attempt ends once: by hand, or because it was called off. */
function openAttempt(address: Ip, deadline: Deadline, legs: Legs) {
  let resolve: (leg: Leg) => void = () => undefined;
  let reject: (fault: Fault) => void = () => undefined;
  const promise = new Promise<Leg>((...both) => ([resolve, reject] = both));
  let ended = false;
  const once = (end: () => void): void => {
    if (!ended) end();
    ended = true;
  };
  deadline.whenEnded((fault) => once(() => reject(fault)));
  const connect = () => {
    const remote = { ip: address, port: 1 };
    const leg = { remote, close: () => legs.closed.push(leg) } as unknown as Leg;
    legs.opened.push(leg);
    resolve(leg);
  };
  const attempt: Attempt = {
    deadline,
    connect: () => once(connect),
    fail: (code) => once(() => reject(new Fault(code))),
  };
  return { promise, attempt };
}

/** An answer that comes when the test says so. */
export function later() {
  let come: (answer: Answer) => void = () => undefined;
  const answer = new Promise<Answer>((resolve) => (come = resolve));
  return { answer, come };
}

export const V6 = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map(ip);

export const V4 = ['192.0.2.1', '192.0.2.2'].map(ip);
