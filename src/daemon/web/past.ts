// The last hour of a daemon, for plots: one look every five seconds.
import { monotonicMs } from '../../base/clock.ts';
import type { DaemonStatus } from '../../control/controlanswer.ts';
import type { History, Picture } from './pagehtml.ts';

const LOOK_MS = 5000;
/** An hour of looks. */
const MAX_LOOKS = 720;

type Status = Pick<DaemonStatus, 'live' | 'totals'>;

interface Look {
  readonly atMs: number;
  readonly totals: DaemonStatus['totals'];
}

export class Past {
  rates: Picture['rates'] = { up: 0, down: 0, accepted: 0 };
  readonly history: { [Name in keyof History]: number[] } = {
    at: [],
    sessions: [],
    up: [],
    down: [],
    accepted: [],
    refused: [],
  };
  #last: Look | undefined;

  /** Looks at once, and then for as long as the process lives. */
  constructor(look: () => Promise<Status>) {
    const remember = async (): Promise<void> => this.#remember(await look());
    void remember();
    setInterval(() => void remember(), LOOK_MS).unref();
  }

  #remember({ live, totals }: Status): void {
    const before = this.#last;
    this.#last = { atMs: monotonicMs(), totals };
    if (before === undefined) return;
    const seconds = (this.#last.atMs - before.atMs) / 1000;
    const rate = (name: keyof Status['totals']): number => (totals[name] - before.totals[name]) / seconds;
    this.rates = { up: rate('bytesUp'), down: rate('bytesDown'), accepted: rate('accepted') };
    const values = {
      at: Math.round(Date.now() / 1000),
      sessions: live,
      ...this.rates,
      refused: rate('refused') + rate('turnedAway'),
    };
    for (const [name, value] of Object.entries(values) as [keyof History, number][]) {
      const series = this.history[name];
      series.push(value);
      if (series.length > MAX_LOOKS) series.shift();
    }
  }
}
