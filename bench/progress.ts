// Where a run is, and how long it will still take.

export interface Step {
  /** The same in each round. */
  readonly name: string;
  /** What it takes on a machine like the one of docs/performance.md. */
  readonly seconds: number;
}

/** So many seconds as planned are counted beside those that were taken: the first short steps say little about the long ones. */
const TRUST_SECONDS = 30;

/** `taken`: seconds of the steps that are over, in their order. What was seen before is expected again; the rest goes by scale. */
export function secondsLeft(steps: readonly Step[], taken: readonly number[]): number {
  const seen = new Map<string, number[]>();
  taken.forEach((seconds, at) => {
    const name = steps[at]!.name;
    seen.set(name, [...(seen.get(name) ?? []), seconds]);
  });
  const planned = sum(steps.slice(0, taken.length).map(({ seconds }) => seconds));
  const scale = (sum(taken) + TRUST_SECONDS) / (planned + TRUST_SECONDS);
  const expected = steps.slice(taken.length).map(({ name, seconds }) => {
    const before = seen.get(name);
    return before === undefined ? seconds * scale : sum(before) / before.length;
  });
  return sum(expected);
}

/** To the nearest, in words. */
export function formatMinutes(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 1 ? 'less than a minute' : minutes === 1 ? 'a minute' : `${minutes} minutes`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
