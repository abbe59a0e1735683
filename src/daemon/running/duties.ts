// Duties of the daemon for its host: of a daemon of one process, or of the parent of workers.
import type { Config } from '../../config/model/config.ts';
import type { Log } from '../../observe/log.ts';
import type { UnixAccount } from '../account/accounts.ts';
import { findUnreadable } from '../account/readable.ts';
import type { DeskParts } from '../control/controldesk.ts';
import type { Predecessor } from '../takeover/takeover.ts';
import { descriptorLimit } from '../unix/descriptors.ts';
import { acquirePidFile, type PidFile } from '../unix/pidfile.ts';
import type { Launch } from './launch.ts';
import type { Lifecycle } from './lifecycle.ts';

/** We serve: the daemon before us may go. */
export async function succeed(predecessor: Predecessor, log: Log): Promise<void> {
  const why = await predecessor.retire();
  log.write(why === undefined ? 'notice' : 'warn', 'took-over', { pid: predecessor.pid }, why);
}

/** To be asked before a chroot, which hides /proc. */
export function steadyFacts(transport: string, account: UnixAccount | undefined): DeskParts['facts'] {
  const limit = descriptorLimit();
  return {
    transport,
    account: account?.name ?? `uid ${account?.uid ?? process.getuid?.() ?? 'unknown'}`,
    descriptorLimit: Number.isFinite(limit) ? limit : undefined,
  };
}

/** Takes the pid file, if any; release() gives it back, and is called by itself at any other exit. */
export function keepPidFile({ pidFile }: Config, predecessor: number | undefined): PidFile {
  if (pidFile === undefined) return { confirm: () => undefined, release: () => undefined };
  const held = acquirePidFile(pidFile, predecessor);
  const release = (): string | undefined => {
    process.off('exit', release);
    return held.release();
  };
  process.once('exit', release);
  return { confirm: () => held.confirm(), release };
}

/** Files that a reload will not be able to read. */
export function warnOfUnreadable({ loaded, warn }: Launch): void {
  for (const sentence of findUnreadable(loaded.files)) warn(sentence);
}

/** Problems go to the log, and to the operator who waits for the start. */
export function warnerOf(log: Log, { warn }: Launch, lifecycle: Lifecycle): (sentence: string) => void {
  return (sentence) => {
    if (lifecycle.state === 'starting') warn(sentence);
    log.write('warn', 'state', {}, sentence);
  };
}
