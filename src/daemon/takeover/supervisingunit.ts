// Whether systemd supervises another process as part of a unit: a process outside of the unit then cannot replace it.
import { readProc } from '../unix/processes.ts';

/** The unit of `pid`, when systemd has started it and this process is outside of that unit; else undefined. */
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

/**
 * Processes that cron or sshd start are in the group of their units too; systemd.exec(5) tells what only its own processes get.
 */
function isOfSystemd(environment: readonly string[], pid: number): boolean {
  return environment.some((each) => each === `SYSTEMD_EXEC_PID=${pid}` || each.startsWith('NOTIFY_SOCKET='));
}
