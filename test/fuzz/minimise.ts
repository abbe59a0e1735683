// From what was found to the least that still shows it.
import type { Script, Step } from './script.ts';

/** Plays scripts together in a new house: is it still there? */
export type Shows = (scripts: readonly Script[]) => Promise<boolean>;

/**
 * The suspects that are needed, found by halves, the single one as short as it gets; all of them where it does not come
 * again, or does not within `limitMs`.
 */
export async function minimise(
  suspects: readonly Script[],
  shows: Shows,
  limitMs: number,
): Promise<readonly Script[]> {
  const limit = performance.now() + limitMs;
  const inTime: Shows = async (scripts) => performance.now() < limit && (await shows(scripts));
  const [culprit, ...others] = await narrow(suspects, inTime);
  if (culprit === undefined || others.length > 0 || !(await inTime([culprit]))) return suspects;
  return [await shorten(culprit, (script) => inTime([script]))];
}

async function narrow(suspects: readonly Script[], shows: Shows): Promise<readonly Script[]> {
  if (suspects.length < 2) return suspects;
  const middle = suspects.length >> 1;
  for (const half of [suspects.slice(0, middle), suspects.slice(middle)]) {
    if (await shows(half)) return narrow(half, shows);
  }
  return suspects;
}

/** Takes away steps, then bytes in ever smaller pieces, as long as that changes nothing. */
async function shorten(script: Script, shows: (script: Script) => Promise<boolean>): Promise<Script> {
  let shortest = script;
  for (let progress = true; progress;) {
    progress = false;
    for (const shorter of shorterThan(shortest)) {
      if (!(await shows(shorter))) continue;
      shortest = shorter;
      progress = true;
      break;
    }
  }
  return shortest;
}

function* shorterThan(script: Script): Generator<Script> {
  for (const at of script.keys()) yield script.toSpliced(at, 1);
  for (const [at, step] of script.entries()) {
    for (const shorter of shorterStep(step)) yield script.toSpliced(at, 1, shorter);
  }
}

function* shorterStep(step: Step): Generator<Step> {
  if (!('bytes' in step)) return;
  const { kind, bytes } = step;
  for (let size = bytes.length >> 1; size > 0; size >>= 1) {
    for (let start = 0; start + size <= bytes.length; start += size) {
      yield { kind, bytes: Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + size)]) };
    }
  }
}
