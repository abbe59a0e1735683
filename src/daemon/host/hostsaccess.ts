// /etc/hosts.allow and /etc/hosts.deny, followed as they change. They are read at the start, before a chroot hides them: a file
// that is broken, or gone, leaves the rules read before in force.
import { readFileSync } from 'node:fs';
import { monotonicMs } from '../../base/clock.ts';
import type { Ip } from '../../base/ip.ts';
import { parseHostsAccess, type HostsRule, type HostsRules } from '../../config/hosts/hostsaccess.ts';
import type { Problem } from '../../config/model/config.ts';
import { error, warning } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { FollowedFile } from '../../net/followedfile.ts';
import type { Log } from '../../observe/log.ts';
import {
  decideByHosts,
  type HostsAccess,
  type HostsAnswer,
  type Naming,
} from '../../policy/access/hostsaccess.ts';
import { deny } from '../../policy/rules/ruling.ts';
import { logFileProblem } from './fileproblem.ts';

/** A file, read for the lines about `daemon`. */
interface AccessFile {
  readonly path: string;
  readonly verdict: HostsRule['verdict'];
  readonly daemon: string;
}

/** The files of this host, for a daemon that is called so there. */
export function hostsFilesOf(daemon: string): readonly AccessFile[] {
  return [
    { path: '/etc/hosts.allow', verdict: 'allow', daemon },
    { path: '/etc/hosts.deny', verdict: 'deny', daemon },
  ];
}

/** The files that exist, and all their errors. */
export function checkHostsAccess(files: readonly AccessFile[]): {
  files: readonly string[];
  problems: readonly Problem[];
} {
  const read = files.map((file) => ({ path: file.path, found: readRules(file) }));
  return {
    files: read.filter(({ found }) => found !== undefined).map(({ path }) => path),
    problems: read.flatMap(({ found }) => found?.problems ?? []),
  };
}

/** Answers from the files, and logs errors of a new version. `now` is a monotonic clock in milliseconds. */
export function followHostsAccess(
  log: Pick<Log, 'write'>,
  files: readonly AccessFile[],
  now = monotonicMs,
): HostsAccess {
  return new HostsAccessFiles(files.map((file) => followRules(file, log, now)));
}

/** undefined when the file has never been without errors. A file that never existed has no rules. */
type FollowedRules = FollowedFile<readonly HostsRule[] | undefined>;

class HostsAccessFiles implements HostsAccess {
  readonly #files: readonly FollowedRules[];
  /** The content of each file from which #rules was made. */
  #contents: readonly FollowedRules['content'][];
  #rules: readonly HostsRule[] | undefined;

  constructor(files: readonly FollowedRules[]) {
    this.#files = files;
    this.#contents = files.map(({ content }) => content);
    this.#rules = joinRules(this.#contents);
  }

  decide(client: Ip, naming: Naming): HostsAnswer {
    this.#follow();
    // Errors keep a daemon from starting; these were in a file that was not used then.
    if (this.#rules === undefined) return UNREADABLE;
    return decideByHosts(this.#rules, client, naming);
  }

  #follow(): void {
    const contents = this.#files.map(({ content }) => content);
    if (contents.every((content, at) => content === this.#contents[at])) return;
    this.#contents = contents;
    this.#rules = joinRules(contents);
  }
}

const UNREADABLE = deny('CLIENT_DENIED', 'hosts.allow or hosts.deny has errors');

function joinRules(contents: readonly FollowedRules['content'][]): readonly HostsRule[] | undefined {
  const rules = contents.flatMap((content) => content ?? []);
  return contents.every((content) => content !== undefined) ? rules : undefined;
}

function followRules(file: AccessFile, log: Pick<Log, 'write'>, now: () => number): FollowedRules {
  // The check of the configuration has reported errors of the start already.
  let isFollowed = false;
  const rulesOf = ({ rules, problems }: HostsRules): readonly HostsRule[] | undefined => {
    if (isFollowed) for (const problem of problems) logFileProblem(log, problem, 'previous');
    return problems.length === 0 ? rules : undefined;
  };
  const whenUnreadable = (cause: NodeJS.ErrnoException): readonly HostsRule[] | undefined => {
    if (cause.code !== 'ENOENT') return rulesOf(accessUnreadable(file, cause));
    const problems = isFollowed ? [warning({ file: file.path }, 'is gone')] : [];
    return rulesOf({ rules: [], problems });
  };
  const parse = (text: string): readonly HostsRule[] | undefined => rulesOf(parseRules(file, text));
  const followed: FollowedRules = new FollowedFile(file.path, now, parse, undefined, { whenUnreadable });
  isFollowed = true;
  return followed;
}

/** undefined when there is no such file. */

function readRules(file: AccessFile): HostsRules | undefined {
  try {
    return parseRules(file, readFileSync(file.path, 'utf8'));
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : accessUnreadable(file, cause);
  }
}

function parseRules({ path, verdict, daemon }: AccessFile, text: string): HostsRules {
  return parseHostsAccess(text, path, { verdict, daemon });
}

function accessUnreadable({ path }: AccessFile, cause: unknown): HostsRules {
  return { rules: [], problems: [error({ file: path }, `cannot be read: ${systemReason(cause)}`)] };
}
