// Which ways through proxies work, and how many sessions each carries, over all routes and reloads. A way that fails is tried
// last for a while; after that one client tries it while the others go on as before.
import { monotonicMs } from '../../base/clock.ts';
import type { Fault } from '../../base/fault.ts';
import type { Route, Way } from '../../config/model/config.ts';
import { formatWay } from '../../config/routes/routeways.ts';

/** A way began to fail, or works again. `via` are its proxies as formatWay() has them. */
export type WayChange =
  | { readonly kind: 'down'; readonly via: string; readonly fault: Fault; readonly retryMs: number }
  | { readonly kind: 'up'; readonly via: string };

/** One attempt to go a way; where neither is called, nothing was found out. */
export interface WayAttempt {
  readonly won: () => void;
  readonly lost: (fault: Fault) => void;
}

/** The state of one way; times are ages, in milliseconds. */
export interface WayReport {
  /** As in WayChange, or `direct`. */
  readonly via: string;
  readonly standing: 'untried' | 'up' | 'down';
  /** Since it is up or down; undefined: untried. */
  readonly forMs: number | undefined;
  readonly sessions: number;
  /** Until a client tries it first again; 0: the next one does. undefined: it is not down. */
  readonly retryMs: number | undefined;
  /** The last one. */
  readonly failure: { readonly fault: Fault; readonly agoMs: number } | undefined;
}

/** How long a way is tried last after its first failure; each failed probe doubles it. */
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 300_000;

/** The state of a way that no route names, kept only while it carries sessions or is down. */
interface WayState {
  sessions: number;
  /** When it began to be up or down; undefined: untried. */
  sinceMs: number | undefined;
  failure: { readonly fault: Fault; readonly atMs: number } | undefined;
  /** undefined: it works as far as is known. */
  down: { waitMs: number; retryAtMs: number } | undefined;
}

export class Ways {
  readonly #report: (change: WayChange) => void;
  readonly #now: () => number;
  readonly #states = new Map<string, WayState>();
  /** Those of the routes that hold. */
  #followed: ReadonlySet<string> = new Set();
  /** How often each route has been gone, for taking turns. */
  readonly #turns = new WeakMap<Route, number>();

  /** `now` is a monotonic clock in milliseconds. */
  constructor(report: (change: WayChange) => void, now = monotonicMs) {
    this.#report = report;
    this.#now = now;
  }

  /** The ways of the routes that hold from now on. */
  follow(ways: readonly Way[]): void {
    this.#followed = new Set(ways.map(wayKeyOf));
    for (const key of this.#followed) this.#stateOf(key);
    for (const [key, state] of this.#states) this.#forget(key, state);
  }

  /** The ways that are followed, and others that carry sessions or are down. */
  list(): readonly WayReport[] {
    const now = this.#now();
    return [...this.#states].map(([via, { sessions, sinceMs, failure, down }]) => ({
      via,
      standing: down !== undefined ? 'down' : sinceMs === undefined ? 'untried' : 'up',
      forMs: sinceMs === undefined ? undefined : now - sinceMs,
      sessions,
      retryMs: down && Math.max(0, down.retryAtMs - now),
      failure: failure && { fault: failure.fault, agoMs: now - failure.atMs },
    }));
  }

  /** The ways of a route in the order in which they are to be tried. */
  order(route: Route): readonly Way[] {
    if (route.ways.length === 1) return route.ways;
    const preferred = this.#prefer(route);
    return [
      ...preferred.filter((way) => !this.#isAvoided(way)),
      ...preferred.filter((way) => this.#isAvoided(way)),
    ];
  }

  /** To be called before a way is tried. */
  begin(way: Way): WayAttempt {
    const key = wayKeyOf(way);
    const down = this.#states.get(key)?.down;
    const isProbe = down !== undefined && down.retryAtMs <= this.#now();
    if (isProbe) down.retryAtMs = this.#now() + down.waitMs;
    return {
      won: () => this.#rise(key),
      lost: (fault) => this.#fall(key, fault, isProbe ? 'probe' : 'session'),
    };
  }

  /** A session goes that way from now on; to be called once more when it has ended. */
  enter(way: Way): () => void {
    const key = wayKeyOf(way);
    const state = this.#stateOf(key);
    state.sessions += 1;
    return () => {
      state.sessions -= 1;
      this.#forget(key, state);
    };
  }

  #prefer(route: Route): readonly Way[] {
    const { ways, pick } = route;
    switch (pick) {
      case 'failover':
        return ways;
      case 'round-robin': {
        const turn = this.#turns.get(route) ?? 0;
        this.#turns.set(route, (turn + 1) % ways.length);
        return [...ways.slice(turn), ...ways.slice(0, turn)];
      }
      case 'least-sessions':
        return [...ways].sort((one, other) => this.#sessionsOf(one) - this.#sessionsOf(other));
    }
  }

  #sessionsOf(way: Way): number {
    return this.#states.get(wayKeyOf(way))?.sessions ?? 0;
  }

  #isAvoided(way: Way): boolean {
    const down = this.#states.get(wayKeyOf(way))?.down;
    return down !== undefined && this.#now() < down.retryAtMs;
  }

  #rise(via: string): void {
    const state = this.#states.get(via);
    if (state === undefined) return;
    const wasDown = state.down !== undefined;
    if (wasDown) state.sinceMs = undefined;
    state.sinceMs ??= this.#now();
    state.down = undefined;
    this.#forget(via, state);
    if (wasDown) this.#report({ kind: 'up', via });
  }

  /** Of those who try a way that is down, only a probe makes the wait longer. */
  #fall(via: string, fault: Fault, attempt: 'probe' | 'session'): void {
    const state = this.#stateOf(via);
    state.failure = { fault, atMs: this.#now() };
    if (state.down !== undefined && attempt === 'session') return;
    const waitMs =
      state.down === undefined ? FIRST_WAIT_MS : Math.min(2 * state.down.waitMs, LONGEST_WAIT_MS);
    const isNew = state.down === undefined;
    state.down = { waitMs, retryAtMs: this.#now() + waitMs };
    if (!isNew) return;
    state.sinceMs = this.#now();
    this.#report({ kind: 'down', via, fault, retryMs: waitMs });
  }

  #stateOf(key: string): WayState {
    const state = this.#states.get(key) ?? {
      sessions: 0,
      sinceMs: undefined,
      failure: undefined,
      down: undefined,
    };
    this.#states.set(key, state);
    return state;
  }

  #forget(key: string, state: WayState): void {
    const isOfUse = this.#followed.has(key) || state.sessions > 0 || state.down !== undefined;
    if (!isOfUse) this.#states.delete(key);
  }
}

function wayKeyOf(way: Way): string {
  return formatWay(way) ?? 'direct';
}
