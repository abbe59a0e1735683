// How much work a measurement is: as much as keeps each peer busy for about the same time, so that a run takes as long with
// slow servers as with fast ones, and no figure rests on a few ticks of the CPU clock.

/** Kinds of work, in connections, bytes, messages and datagrams; `Alone`: one at a time. */
export type Work =
  | 'connections'
  | 'connectionsAlone'
  | 'bytes'
  | 'bytesOfTls'
  | 'messages'
  | 'messagesAlone'
  | 'datagrams'
  | 'datagramsAlone';

/** `first`: of a peer whose pace is not known yet. Below `least` a figure means little. */
interface Range {
  readonly first: number;
  readonly least: number;
  readonly most: number;
}

const RANGES: Readonly<Record<Work, Range>> = {
  connections: { first: 12_000, least: 4000, most: 30_000 },
  connectionsAlone: { first: 4000, least: 1500, most: 12_000 },
  bytes: { first: 3e9, least: 1e9, most: 12e9 },
  bytesOfTls: { first: 5e8, least: 2e8, most: 3e9 },
  messages: { first: 150_000, least: 50_000, most: 300_000 },
  messagesAlone: { first: 20_000, least: 8000, most: 100_000 },
  datagrams: { first: 100_000, least: 40_000, most: 400_000 },
  datagramsAlone: { first: 20_000, least: 8000, most: 100_000 },
};

export interface Amounts {
  /** What one measurement is meant to take. */
  readonly seconds: number;
  /** For the next measurement of that name: `peer` and figure. */
  readonly next: (name: string, work: Work) => number;
  /** Remembers how long it took. */
  readonly learn: (name: string, amount: number, seconds: number) => void;
}

/** Each measurement learns from the one before it, a round earlier. */
export function measuredAmounts(seconds: number): Amounts {
  const paces = new Map<string, number>();
  return {
    seconds,
    next: (name, work) => amountAt(paces.get(name), work, seconds),
    learn: (name, amount, taken) => void paces.set(name, amount / taken),
  };
}

/** Two digits of what a peer does in so many seconds at its pace, which is in units of the work per second. */
export function amountAt(pace: number | undefined, work: Work, seconds: number): number {
  const { first, least, most } = RANGES[work];
  const wanted = pace === undefined ? first * Math.min(1, seconds) : pace * seconds;
  return Number(Math.min(most, Math.max(least, wanted)).toPrecision(2));
}
