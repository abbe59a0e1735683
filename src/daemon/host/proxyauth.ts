// The file of logins at proxies, followed as it changes. A version that is broken, or gone, leaves the one before in force.
import { readFileSync, statSync } from 'node:fs';
import { monotonicMs } from '../../base/clock.ts';
import type { Hop, Problem } from '../../config/model/config.ts';
import {
  loginFor,
  parseProxyAuth,
  type ProxyAuthEntry,
  type ProxyLogins,
} from '../../config/routes/proxyauth.ts';
import { error, warning } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { FollowedFile } from '../../net/followedfile.ts';
import type { Log } from '../../observe/log.ts';
import { logFileProblem } from './fileproblem.ts';

const OTHERS_MAY_WRITE = 0o002;
const OTHERS_MAY_READ = 0o004;

/** Everything that is wrong with the file. */
export function checkProxyAuth(file: string): readonly Problem[] {
  try {
    return parseLogins(file, readFileSync(file, ENCODING)).problems;
  } catch (cause) {
    return [unreadable(file, cause)];
  }
}

/** Each byte is one character: users and passwords are bytes, in whatever encoding. */
const ENCODING = 'latin1';

/** Finds the login for a proxy, and logs errors of a new version. `now` is a monotonic clock in milliseconds. */
export function followProxyAuth(
  file: string,
  log: Pick<Log, 'write'>,
  now = monotonicMs,
): (hop: Hop) => ProxyAuthEntry | undefined {
  // The check of the configuration has reported errors of the start already.
  let isFollowed = false;
  const parse = (text: string): readonly ProxyAuthEntry[] | undefined => {
    const { logins, problems } = parseLogins(file, text);
    const isBroken = problems.some(({ severity }) => severity === 'error');
    if (isFollowed)
      for (const problem of problems) logFileProblem(log, problem, isBroken ? 'previous' : 'new');
    return isBroken ? undefined : logins;
  };
  const whenUnreadable = (cause: unknown): undefined => {
    if (isFollowed) logFileProblem(log, unreadable(file, cause), 'previous');
  };
  const followed = new FollowedFile(file, now, parse, [], { encoding: ENCODING, whenUnreadable });
  isFollowed = true;
  return (hop) => loginFor(followed.content, hop);
}

function parseLogins(file: string, text: string): ProxyLogins {
  const { logins, problems } = parseProxyAuth(text, file);
  return { logins, problems: [...checkMode(file), ...problems] };
}

function unreadable(file: string, cause: unknown): Problem {
  return error({ file }, `cannot be read for the logins at proxies: ${systemReason(cause)}`);
}

function checkMode(file: string): readonly Problem[] {
  // It may be gone since it was read.
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & OTHERS_MAY_WRITE) !== 0) {
    return [
      error({ file }, 'everybody may write it, and so choose who we are to proxies; chmod o-rwx mends that'),
    ];
  }
  return (mode & OTHERS_MAY_READ) !== 0
    ? [warning({ file }, 'everybody may read the passwords in it; chmod o-rwx mends that')]
    : [];
}
