// Lines for tests of the ways out.
import type { RecordLevel } from '../../src/observe/lines/level.ts';
import type { Line } from '../../src/observe/lines/line.ts';
import { countsText } from '../../src/observe/lines/record.ts';

export function textLine(text: string, level: RecordLevel = 'info'): Line {
  return { ...SESSION, level, text };
}

const SESSION: Omit<Line, 'level' | 'text'> = {
  event: 'ended',
  format: 'text',
  timeMs: 1_700_000_000_000,
  room: 'sessions',
  client: undefined,
};

/** `log-dropped ended:3,refused:2`. */
export function droppedLine(counts: ReadonlyMap<string, number>): Line {
  return textLine(`log-dropped ${countsText(counts)}`, 'warn');
}

/** Longest time in milliseconds between two turns of a 5 ms interval while `work` runs. */
export async function longestGap(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  const look = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  };
  const timer = setInterval(look, 5);
  await work();
  look();
  clearInterval(timer);
  return longest;
}
