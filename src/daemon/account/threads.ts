// The identity of every thread of this process, as the kernel shows it in /proc/self/task/TID/status (proc(5)).
// The files are opened before the identity changes and read after it, so that a chroot without /proc can be checked.
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

/** The identity of one thread. uids and gids: real, effective, saved, file system. */
export interface ThreadIdentity {
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  /** Names of the capability sets that are not empty, of permitted, effective, ambient. */
  readonly capabilities: readonly string[];
  /** How many threads the process has. */
  readonly threads: number;
}

/** Open status files, one per thread; close() when done. */
export interface Threads {
  /** The identity of each thread that still lives. */
  read(): ThreadIdentity[];
  close(): void;
}

/** Opens the status file of every thread of this process; undefined where there is no Linux /proc. */
export function openThreads(): Threads | undefined {
  const descriptors = listThreads()?.flatMap(
    (id) => unlessGone(() => openSync(`${TASKS}/${id}/status`, 'r')) ?? [],
  );
  if (descriptors === undefined) return undefined;
  return {
    read() {
      const texts = descriptors.flatMap(
        (descriptor) => unlessGone(() => readFileSync(descriptor, 'latin1')) ?? [],
      );
      return texts.map(parseStatus);
    },
    close() {
      for (const descriptor of descriptors) closeSync(descriptor);
    },
  };
}

/** Reads the text of a status file; a field that is missing reads as an empty list, and the caller will refuse it. */
export function parseStatus(text: string): ThreadIdentity {
  const fields = new Map(
    text.split('\n').map((line) => [line.split(':', 1)[0], line.replace(/^[^:]*:/, '').trim()]),
  );
  const numbers = (field: string): number[] => (fields.get(field)?.match(/\d+/g) ?? []).map(Number);
  return {
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    capabilities: ['CapPrm', 'CapEff', 'CapAmb'].filter((field) => !/^0+$/.test(fields.get(field) ?? '0')),
    threads: numbers('Threads')[0] ?? 0,
  };
}

/** The confinement of one thread; `threads` as above. */
export interface ThreadLimits {
  readonly noNewPrivs: boolean;
  readonly isFiltered: boolean;
  readonly emptyBoundingSet: boolean;
  readonly threads: number;
}

/** Reads status files that stand one after the other. A field that is missing does not hold. */
export function parseThreadLimits(text: string): ThreadLimits[] {
  const is = (status: string, field: RegExp): boolean => field.test(status);
  return text.split(/^(?=Name:)/m).flatMap((status) =>
    status === ''
      ? []
      : {
          noNewPrivs: is(status, /^NoNewPrivs:\s*1$/m),
          isFiltered: is(status, /^Seccomp:\s*2$/m),
          emptyBoundingSet: is(status, /^CapBnd:\s*0+$/m),
          threads: parseStatus(status).threads,
        },
  );
}

export const TASKS = '/proc/self/task';

function listThreads(): string[] | undefined {
  return unlessGone(() => readdirSync(TASKS));
}

/** A thread may end at any moment: its file is then gone (ENOENT) or unreadable (ESRCH), and it matters no more. */
function unlessGone<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
