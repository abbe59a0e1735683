// --takeover: checks that the process at the control socket is the daemon and can be replaced; and the failures of a takeover.
import type { Config } from '../../config/model/config.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import type { ReceivedPiece } from '../../net/native/descriptors.ts';
import type { UnixAccount } from '../account/accounts.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { readPidFile } from '../unix/pidcontent.ts';
import { findSupervisingUnit } from './supervisingunit.ts';
import { findUnit } from './systemdunit.ts';

/** The control socket of the old daemon, and the identity that it must have. */
export interface ExpectedPredecessor {
  readonly path: string;
  readonly pidFile: string | undefined;
  readonly account: UnixAccount | undefined;
}

/**
 * Throws unless the process that answered is the daemon: it runs as root, as we do or as the account, it is the one that it says it
 * is, and the pid file of root names no other.
 */
export function refuseImpostor(
  { path, pidFile, account }: ExpectedPredecessor,
  sender: ReceivedPiece['sender'],
  pid: number,
): void {
  const why = findImposture(sender, pid, [0, process.geteuid?.() ?? 0, account?.uid ?? 0]);
  if (why !== undefined)
    throw takeoverFailure(`whoever answers at ${path} is not trusted: ${why}; ${INSTEAD}`);
  const named = pidFile === undefined ? undefined : readPidFile(pidFile);
  if (named === undefined || named === pid) return;
  throw takeoverFailure(
    `process ${pid} answers at ${path}, but the pid file ${pidFile} names process ${named}; ${INSTEAD}`,
  );
}

/**
 * The same before anything is asked: the folders of the unit belong to its account, and what is said of these to root would be no help.
 * Only a takeover asks systemd.
 */
export function refuseUnit({ takeover }: Pick<Config, 'takeover'>, files: readonly string[]): void {
  const unit = takeover ? findUnit(files) : undefined;
  if (unit !== undefined && unit.mainPid > 0) refuseSupervised(unit.mainPid);
}

/** Refuses: the systemd unit would end with its main process, and ours would be unsupervised. */
export function refuseSupervised(pid: number): void {
  const unit = findSupervisingUnit(pid);
  if (unit === undefined) return;
  throw takeoverFailure(
    `systemd runs process ${pid} as ${unit}, and would take its end for that of the service: use "systemctl reload ` +
      `${unit}" where that will do, else "systemctl restart ${unit}"; with a socket unit no client is refused meanwhile`,
  );
}

export const INSTEAD = 'find out what it is, stop it and start without --takeover';

/** The contradiction to the claim of a process to have `pid`; undefined when the claim is true. */
function findImposture(
  sender: ReceivedPiece['sender'],
  pid: number,
  uids: readonly number[],
): string | undefined {
  if (sender.pid === 0) return 'the kernel does not tell which process that is';
  if (!uids.includes(sender.uid)) {
    return `process ${sender.pid} runs as uid ${sender.uid}, which is neither root nor the account of this daemon`;
  }
  return sender.pid === pid ? undefined : `process ${sender.pid} says that it is process ${pid}`;
}

/** The result of `act`; a system error means that the old daemon cannot hand over. */
export function attemptTakeover<Result>(what: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw unable(`${what}: ${systemReason(error)}`, error);
  }
}

/** The old daemon has to end before a new one can start. */
export function unable(why: string, cause?: unknown): StartFailure {
  return new StartFailure(EXIT.NO_TAKEOVER, `takeover: ${why}`, cause);
}

/** A failure of this process; the old daemon is unaffected. */
export function takeoverFailure(why: string, cause?: unknown): StartFailure {
  return new StartFailure(EXIT.OS_ERROR, `takeover: ${why}`, cause);
}
