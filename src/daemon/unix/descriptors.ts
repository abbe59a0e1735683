// How many files and sockets this process may have open: RLIMIT_NOFILE (getrlimit(2)).
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { loadPosix, type ResourceLimit } from './posix.ts';

/** The soft limit in descriptors; Infinity when unlimited. */
export function descriptorLimit(): number {
  return currentLimit().soft ?? Infinity;
}

/**
 * Raises the limit to `wanted` descriptors, the hard one too when root; never lowers it. Node itself raised the soft
 * limit to the hard one at start. Returns warnings for the operator: even root may be refused, in a container.
 */
export function raiseDescriptorLimit(wanted: number): string[] {
  const { soft, hard } = currentLimit();
  if (soft === null || soft >= wanted) return [];
  const isEnough = hard === null || hard >= wanted;
  const refused = setLimit({ soft: wanted, hard: isEnough ? hard : wanted });
  if (refused === undefined) return [];
  return [
    `cannot raise the limit of open files from ${soft} to ${wanted}: ${refused}; ` +
      'start as root, or raise it outside (LimitNOFILE= of systemd, ulimit -n)',
  ];
}

/** Raises the limit for so many sessions; 0: it stays. `warn` hears why not. */
export function raiseLimitForSessions(sessions: number, warn: (sentence: string) => void): void {
  if (sessions === 0) return;
  for (const warning of raiseDescriptorLimit(2 * sessions + 64)) warn(warning);
}

/** The soft and hard limit in the text of /proc/self/limits (proc(5)); undefined when it has no such line. */
export function parseDescriptorLimit(text: string): ResourceLimit | undefined {
  const match = /^Max open files +(\d+|unlimited) +(\d+|unlimited)/m.exec(text);
  if (match === null) return undefined;
  const [soft, hard] = [match[1], match[2]].map((field) => (field === 'unlimited' ? null : Number(field)));
  return soft === undefined || hard === undefined ? undefined : { soft, hard };
}

/** The least that POSIX systems grant in practice, when neither /proc nor `posix` tells more. */
const FALLBACK: ResourceLimit = { soft: 1024, hard: 1024 };

function currentLimit(): ResourceLimit {
  return readLimits() ?? loadPosix()?.getrlimit('nofile') ?? FALLBACK;
}

function readLimits(): ResourceLimit | undefined {
  try {
    return parseDescriptorLimit(readFileSync('/proc/self/limits', 'latin1'));
  } catch {
    return undefined;
  }
}

/** Why the limit could not be set; undefined when it was. */
function setLimit(limit: ResourceLimit): string | undefined {
  const posix = loadPosix();
  if (posix === undefined) return runPrlimit(limit);
  try {
    posix.setrlimit('nofile', limit);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** prlimit(1) of util-linux, for where `posix` does not load. */
const PRLIMIT = '/usr/bin/prlimit';

function runPrlimit({ soft, hard }: ResourceLimit): string | undefined {
  if (!existsSync(PRLIMIT)) return 'neither the package posix nor prlimit(1) is here';
  const range = `${soft ?? 'unlimited'}:${hard ?? 'unlimited'}`;
  const answer = spawnSync(PRLIMIT, [`--pid=${process.pid}`, `--nofile=${range}`], { encoding: 'utf8' });
  return answer.status === 0 ? undefined : (answer.error?.message ?? answer.stderr.trim());
}
