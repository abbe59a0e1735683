// Which ways through proxies work, and how many sessions each carries, over all routes and reloads. A way that fails is tried
// last for a while; after that one client tries it while the others go on as before.
import type { Fault } from '../base/fault.ts';
import type { Route, Way } from '../config/config.ts';
import { formatWay } from '../config/routeways.ts';

/** A way began to fail, or works again. `via` are its proxies as formatWay() has them. */
export type WayChange =
  | { readonly kind: 'down'; readonly via: string; readonly fault: Fault; readonly retryMs: number }
  | { readonly kind: 'up'; readonly via: string };

/** One attempt to go a way; where neither is called, nothing was found out. */
export interface WayAttempt {
  readonly won: () => void;
  readonly lost: (fault: Fault) => void;
}

/** How long a way is tried last after its first failure; each failed probe doubles it. */
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 300_000;

/** Kept only while there is something to know. */
interface WayState {
  sessions: number;
  /** undefined: it works as far as is known. */
  down: { waitMs: number; retryAtMs: number } | undefined;
}

export class Ways {
  readonly #report: (change: WayChange) => void;
  readonly #now: () => number;
  readonly #states = new Map<string, WayState>();
  /** How often each route has been gone, for taking turns. */
  readonly #turns = new WeakMap<Route, number>();

  /** `now` is a monotonic clock in milliseconds. */
  constructor(report: (change: WayChange) => void, now = () => performance.now()) {
    this.#report = report;
    this.#now = now;
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
    const key = keyOf(way);
    const down = this.#states.get(key)?.down;
    const isProbe = down !== undefined && down.retryAtMs <= this.#now();
    if (isProbe) down.retryAtMs = this.#now() + down.waitMs;
    return {
      won: () => this.#rise(key),
      lost: (fault) => this.#fall(key, fault, isProbe),
    };
  }

  /** A session goes that way from now on; to be called once more when it has ended. */
  enter(way: Way): () => void {
    const key = keyOf(way);
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
    return this.#states.get(keyOf(way))?.sessions ?? 0;
  }

  #isAvoided(way: Way): boolean {
    const down = this.#states.get(keyOf(way))?.down;
    return down !== undefined && this.#now() < down.retryAtMs;
  }

  #rise(via: string): void {
    const state = this.#states.get(via);
    if (state?.down === undefined) return;
    state.down = undefined;
    this.#forget(via, state);
    this.#report({ kind: 'up', via });
  }

  #fall(via: string, fault: Fault, isProbe: boolean): void {
    const state = this.#stateOf(via);
    if (state.down !== undefined && !isProbe) return;
    const waitMs =
      state.down === undefined ? FIRST_WAIT_MS : Math.min(2 * state.down.waitMs, LONGEST_WAIT_MS);
    const isNew = state.down === undefined;
    state.down = { waitMs, retryAtMs: this.#now() + waitMs };
    if (isNew) this.#report({ kind: 'down', via, fault, retryMs: waitMs });
  }

  #stateOf(key: string): WayState {
    const state = this.#states.get(key) ?? { sessions: 0, down: undefined };
    this.#states.set(key, state);
    return state;
  }

  #forget(key: string, state: WayState): void {
    if (state.sessions === 0 && state.down === undefined) this.#states.delete(key);
  }
}

function keyOf(way: Way): string {
  return formatWay(way) ?? 'direct';
}
