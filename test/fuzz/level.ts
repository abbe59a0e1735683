// What this process holds: descriptors and handles.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

export interface Level {
  /** What is open, as /proc/self/fd names it; nothing where there is no /proc. */
  readonly descriptors: readonly string[];
  /** Active handles and timers of Node. */
  readonly handles: number;
}

const SETTLE_STEP_MS = 20;

export function measureLevel(): Level {
  return { descriptors: listDescriptors(), handles: process.getActiveResourcesInfo().length };
}

/** Waits up to `limitMs` until nothing is held beyond `start`; otherwise says what is. */
export async function excessOver(start: Level, limitMs: number): Promise<string | undefined> {
  const limit = performance.now() + limitMs;
  for (;;) {
    const excess = compare(start, measureLevel());
    if (excess === undefined || performance.now() > limit) return excess;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_STEP_MS));
  }
}

function compare(start: Level, now: Level): string | undefined {
  if (now.descriptors.length > start.descriptors.length) {
    const added = now.descriptors.filter((each) => !start.descriptors.includes(each)).map(describeDescriptor);
    return `${now.descriptors.length} descriptors are open, ${start.descriptors.length} at the start: ${added.join('; ')}`;
  }
  if (now.handles > start.handles) {
    const kinds = process.getActiveResourcesInfo().join(' ');
    return `${now.handles} handles are active, ${start.handles} at the start: ${kinds}`;
  }
  return undefined;
}

function listDescriptors(): readonly string[] {
  try {
    return readdirSync('/proc/self/fd').flatMap(linkOf);
  } catch {
    return [];
  }
}

/** Not the descriptor of the folder itself, which is closed by then. */
function linkOf(descriptor: string): readonly string[] {
  try {
    return [readlinkSync(`/proc/self/fd/${descriptor}`)];
  } catch {
    return [];
  }
}

/** `socket:[1234] tcp 0100007F:9CEF 00000000:0000 0A`: protocol, ends and state as in proc(5). */
function describeDescriptor(link: string): string {
  const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
  if (inode === undefined) return link;
  for (const table of ['tcp', 'tcp6', 'udp', 'udp6', 'unix']) {
    const line = readFileSync(`/proc/self/net/${table}`, 'utf8')
      .split('\n')
      .find((each) => each.split(/\s+/).includes(inode));
    if (line !== undefined) return `${link} ${table} ${line.trim().split(/\s+/).slice(1, 4).join(' ')}`;
  }
  return `${link} neither connected nor listening`;
}
