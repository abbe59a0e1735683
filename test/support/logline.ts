// Lines for tests of the ways out.
import type { Line } from '../../src/observe/line.ts';
import type { RecordLevel } from '../../src/observe/level.ts';

export function textLine(text: string, level: RecordLevel = 'info'): Line {
  return { level, format: 'text', timeMs: 1_700_000_000_000, text };
}

export function droppedLine(count: number): Line {
  return textLine(`log-dropped count=${count}`, 'warn');
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
