// Whether systemd watches over another process as a unit's own: then nobody outside of the unit can take its place.
import { readProc } from '../unix/processes.ts';

/** The unit that `pid` belongs to, where systemd has started it and this process is none of that unit's; undefined: there is none. */
export function findSupervisingUnit(pid: number): string | undefined {
  const unit = unitOf(readProc(`/proc/${pid}/cgroup`) ?? '');
  if (unit === undefined || unit === unitOf(readProc('/proc/self/cgroup') ?? '')) return undefined;
  const environment = readProc(`/proc/${pid}/environ`) ?? '';
  return environment === '' || isOfSystemd(environment.split('\0'), pid) ? unit : undefined;
}

/** Reads /proc/PID/cgroup (cgroups(7)): the service whose group that is. */
export function unitOf(text: string): string | undefined {
  return /^(?:0:|\d+:name=systemd):.*?([^/\n]+\.service)$/m.exec(text)?.[1];
}

/** What cron or sshd have started is in the group of their units, too; systemd.exec(5) has what only its own processes get. */
function isOfSystemd(environment: readonly string[], pid: number): boolean {
  return environment.some((each) => each === `SYSTEMD_EXEC_PID=${pid}` || each.startsWith('NOTIFY_SOCKET='));
}
