// The lifecycle: what each signal does in each state of the daemon. Every cell is spelled out.

export type DaemonState = 'starting' | 'serving' | 'draining' | 'stopped';
/** `term`: SIGTERM or SIGINT. `reload`: SIGHUP. `dump`: SIGUSR1. `drained`: the last session has ended. */
export type DaemonEvent = 'term' | 'reload' | 'dump' | 'drained';
export type DaemonAction = 'drain' | 'cut' | 'reload' | 'dump' | 'exit';

export const LIFECYCLE = {
  starting: {
    term: ['stopped', 'exit'],
    reload: ['starting', 'ignore'],
    dump: ['starting', 'ignore'],
    drained: ['starting', 'ignore'],
  },
  serving: {
    term: ['draining', 'drain'],
    reload: ['serving', 'reload'],
    dump: ['serving', 'dump'],
    drained: ['serving', 'ignore'],
  },
  draining: {
    term: ['draining', 'cut'],
    reload: ['draining', 'ignore'],
    dump: ['draining', 'dump'],
    drained: ['stopped', 'exit'],
  },
  stopped: {
    term: ['stopped', 'ignore'],
    reload: ['stopped', 'ignore'],
    dump: ['stopped', 'ignore'],
    drained: ['stopped', 'ignore'],
  },
} as const satisfies Record<
  DaemonState,
  Record<DaemonEvent, readonly [DaemonState, DaemonAction | 'ignore']>
>;

const EVENT_OF_SIGNAL = {
  SIGTERM: 'term',
  SIGINT: 'term',
  SIGHUP: 'reload',
  SIGUSR1: 'dump',
} as const satisfies Partial<Record<NodeJS.Signals, DaemonEvent>>;

/**
 * Turns signals into actions by the table. Taking SIGUSR1 also keeps Node from opening its inspector port, so the
 * handlers are installed before anything else.
 */
export class Lifecycle {
  #state: DaemonState = 'starting';
  #leaving: NodeJS.Timeout | undefined;
  #act: (action: DaemonAction) => void;

  /** `signals`: those of a worker are for its parent; a terminal, and systemd, send them to both. */
  constructor(act: (action: DaemonAction) => void, signals: 'heard' | 'ignored' = 'heard') {
    this.#act = act;
    for (const [signal, event] of Object.entries(EVENT_OF_SIGNAL)) {
      process.on(signal, () => {
        if (signals === 'heard') this.happen(event);
      });
    }
  }

  get state(): DaemonState {
    return this.#state;
  }

  /** Start-up is over; from now on `act` is told what to do. */
  serve(act: (action: DaemonAction) => void): void {
    this.#state = 'serving';
    this.#act = act;
  }

  /** Whether a drain is announced: the daemon serves, but tells balancers that it stops soon. */
  get isLeaving(): boolean {
    return this.#state === 'serving' && this.#leaving !== undefined;
  }

  /** Drains, once it has been announced for `announceMs`; a later call replaces an announcement. Only a serving daemon does. */
  drain(announceMs = 0): void {
    if (this.#state !== 'serving') return;
    clearTimeout(this.#leaving);
    if (announceMs > 0) this.#leaving = setTimeout(() => this.drain(), announceMs);
    else this.happen('term');
  }

  happen(event: DaemonEvent): void {
    const [next, action] = LIFECYCLE[this.#state][event];
    this.#state = next;
    if (next !== 'serving') clearTimeout(this.#leaving);
    if (action !== 'ignore') this.#act(action);
  }
}
