// /etc/hosts.allow and /etc/hosts.deny, followed as they change. They are read at once, so that they are known where a
// chroot hides them later: a file that is broken, or gone, leaves what was read before in force.
import { readFileSync } from 'node:fs';
import { monotonicMs } from '../../base/clock.ts';
import type { Ip } from '../../base/ip.ts';
import { parseHostsAccess, type HostsRule, type HostsRules } from '../../config/hosts/hostsaccess.ts';
import type { Problem } from '../../config/model/config.ts';
import { error, formatProblem, warning } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { fileVersion } from '../../net/fileversion.ts';
import type { Log } from '../../observe/log.ts';
import {
  decideByHosts,
  type HostsAccess,
  type HostsAnswer,
  type Naming,
} from '../../policy/access/hostsaccess.ts';
import { deny } from '../../policy/rules/ruling.ts';

/** The files are looked at once in this time at most, and only when a client comes. */
const CHECK_INTERVAL_MS = 1000;

/** What the lines of a file say about `daemon`. */
interface HostsFile {
  readonly path: string;
  readonly verdict: HostsRule['verdict'];
  readonly daemon: string;
}

/** The files of this host, for a daemon that is called so there. */
export function hostsFilesOf(daemon: string): readonly HostsFile[] {
  return [
    { path: '/etc/hosts.allow', verdict: 'allow', daemon },
    { path: '/etc/hosts.deny', verdict: 'deny', daemon },
  ];
}

/** Those of the files that are there, and everything that is wrong with them. */
export function checkHostsAccess(files: readonly HostsFile[]): {
  files: readonly string[];
  problems: readonly Problem[];
} {
  const read = files.map((file) => ({ path: file.path, found: readRules(file) }));
  return {
    files: read.filter(({ found }) => found !== undefined).map(({ path }) => path),
    problems: read.flatMap(({ found }) => found?.problems ?? []),
  };
}

/** Asks the files, and tells `log` what is wrong with a new version of one. `now` is a monotonic clock in milliseconds. */
export function followHostsAccess(
  log: Pick<Log, 'write'>,
  files: readonly HostsFile[],
  now = monotonicMs,
): HostsAccess {
  return new HostsAccessFiles(
    files.map((file) => new FollowedFile(file, log)),
    now,
  );
}

class HostsAccessFiles implements HostsAccess {
  readonly #files: readonly FollowedFile[];
  readonly #now: () => number;
  #checkedAt: number;
  #rules: readonly HostsRule[] | undefined;

  constructor(files: readonly FollowedFile[], now: () => number) {
    this.#files = files;
    this.#now = now;
    this.#checkedAt = now();
    this.#rules = joinRules(files);
  }

  decide(client: Ip, naming: Naming): HostsAnswer {
    this.#follow();
    // Errors keep a daemon from starting; here they stood in a file when nobody asked for it yet.
    if (this.#rules === undefined) return UNREADABLE;
    return decideByHosts(this.#rules, client, naming);
  }

  #follow(): void {
    const now = this.#now();
    if (now - this.#checkedAt < CHECK_INTERVAL_MS) return;
    this.#checkedAt = now;
    for (const file of this.#files) file.check();
    this.#rules = joinRules(this.#files);
  }
}

const UNREADABLE = deny('CLIENT_DENIED', 'hosts.allow or hosts.deny has errors');

function joinRules(files: readonly FollowedFile[]): readonly HostsRule[] | undefined {
  const rules = files.flatMap((file) => file.rules ?? []);
  return files.every((file) => file.rules !== undefined) ? rules : undefined;
}

/** One file: what it said when it was last without errors. */
class FollowedFile {
  readonly #file: HostsFile;
  readonly #log: Pick<Log, 'write'>;
  #version: string;
  /** undefined: it has never been without errors. A file that was never there says nothing. */
  rules: readonly HostsRule[] | undefined;

  constructor(file: HostsFile, log: Pick<Log, 'write'>) {
    this.#file = file;
    this.#log = log;
    this.#version = fileVersion(file.path);
    const found = readRules(file) ?? { rules: [], problems: [] };
    if (found.problems.length === 0) this.rules = found.rules;
  }

  /** Synchronous: one system call, and one read of a small file when it has changed. */
  check(): void {
    const { path } = this.#file;
    const version = fileVersion(path);
    if (version === this.#version) return;
    this.#version = version;
    const found = readRules(this.#file) ?? { rules: [], problems: [warning({ file: path }, 'is gone')] };
    if (found.problems.length === 0) this.rules = found.rules;
    for (const problem of found.problems) this.#tell(problem);
  }

  #tell(problem: Problem): void {
    const level = problem.severity === 'error' ? 'err' : 'warn';
    this.#log.write(
      level,
      'config',
      {},
      `${formatProblem(problem)}; what the file said before stays in force`,
    );
  }
}

/** undefined: there is no such file. */
function readRules({ path, verdict, daemon }: HostsFile): HostsRules | undefined {
  try {
    return parseHostsAccess(readFileSync(path, 'utf8'), path, { verdict, daemon });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const problem = error({ file: path }, `cannot be read: ${systemReason(cause)}`);
    return { rules: [], problems: [problem] };
  }
}
