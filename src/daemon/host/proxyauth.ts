// The file of logins at proxies, followed as it changes. A version that is broken, or gone, leaves the one before in force.
import { readFileSync, statSync } from 'node:fs';
import { byteString } from '../../base/bytes.ts';
import { monotonicMs } from '../../base/clock.ts';
import type { Hop, Problem } from '../../config/model/config.ts';
import {
  loginFor,
  parseProxyAuth,
  type ProxyAuthEntry,
  type ProxyLogins,
} from '../../config/routes/proxyauth.ts';
import { error, formatProblem, warning } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { fileVersion } from '../../net/fileversion.ts';
import type { Log } from '../../observe/log.ts';

/** The file is looked at once in this time at most, and only when a proxy is asked. */
const CHECK_INTERVAL_MS = 1000;

const OTHERS_MAY_WRITE = 0o002;
const OTHERS_MAY_READ = 0o004;

/** Everything that is wrong with the file. */
export function checkProxyAuth(file: string): readonly Problem[] {
  return readLogins(file).problems;
}

/** Finds the login for a proxy, and tells `log` what is wrong with a new version. `now` is a monotonic clock in milliseconds. */
export function followProxyAuth(
  file: string,
  log: Pick<Log, 'write'>,
  now = monotonicMs,
): (hop: Hop) => ProxyAuthEntry | undefined {
  let version = fileVersion(file);
  let checkedAt = now();
  let { logins } = readLogins(file);
  const check = (): void => {
    checkedAt = now();
    const current = fileVersion(file);
    if (current === version) return;
    version = current;
    const found = readLogins(file);
    if (!found.problems.some(isError)) logins = found.logins;
    for (const problem of found.problems) tell(log, problem);
  };
  return (hop) => {
    if (now() - checkedAt >= CHECK_INTERVAL_MS) check();
    return loginFor(logins, hop);
  };
}

function readLogins(file: string): ProxyLogins {
  try {
    const { logins, problems } = parseProxyAuth(byteString(readFileSync(file)), file);
    return { logins, problems: [...checkMode(file), ...problems] };
  } catch (cause) {
    const problem = error({ file }, `cannot be read for the logins at proxies: ${systemReason(cause)}`);
    return { logins: [], problems: [problem] };
  }
}

function checkMode(file: string): readonly Problem[] {
  const { mode } = statSync(file);
  if ((mode & OTHERS_MAY_WRITE) !== 0) {
    return [
      error({ file }, 'everybody may write it, and so choose who we are to proxies; chmod o-rwx mends that'),
    ];
  }
  return (mode & OTHERS_MAY_READ) !== 0
    ? [warning({ file }, 'everybody may read the passwords in it; chmod o-rwx mends that')]
    : [];
}

function isError({ severity }: Problem): boolean {
  return severity === 'error';
}

function tell(log: Pick<Log, 'write'>, problem: Problem): void {
  const text = formatProblem(problem);
  if (isError(problem)) log.write('err', 'config', {}, `${text}; what the file said before stays in force`);
  else log.write('warn', 'config', {}, text);
}
