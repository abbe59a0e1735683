// Steps of a start that the daemon and a client of inetd share.
import type { LoginChecker } from '../../auth/login.ts';
import { Fault } from '../../base/fault.ts';
import type { Config } from '../../config/model/config.ts';
import { filesOf } from '../../config/values/authsource.ts';
import { datagramSocket } from '../../net/native/datagram.ts';
import { openLog, type Log } from '../../observe/log.ts';
import { resolveAccount, type UnixAccount } from '../account/accounts.ts';
import type { Confinement } from '../account/confinement.ts';
import { dropPrivileges } from '../account/privileges.ts';
import type { Native } from '../host/transport.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { refuseSharedFolders } from '../unix/folders.ts';
import type { Launch } from './launch.ts';

/** Time for the record of a bug to leave. */
const BUG_DRAIN_MS = 1000;

/**
 * The account to run as; undefined: the current one. Throws StartFailure, also when root would make files that others can reach.
 */
export function findAccount(config: Config, { warn }: Launch): UnixAccount | undefined {
  refuseSharedFolders(config);
  const resolution = resolveAccount(config.user, config.group);
  for (const warning of resolution?.warnings ?? []) warn(warning);
  if (resolution === undefined && process.getuid?.() === 0) {
    warn(
      'running as root: name an account with -u (for example -u nobody) and privileges are dropped after start',
    );
  }
  return resolution?.account;
}

/** Opens the log that `config` describes. */
export function openDaemonLog(
  config: Config,
  account: UnixAccount | undefined,
  { addon }: Native,
  { warn, post }: Launch,
): Promise<Log> {
  return openLog({
    writers: post === undefined && config.workers === 1 ? 'one' : 'several',
    mode: config.logMode,
    level: config.logLevel,
    format: config.logFormat,
    syslog: config.syslog,
    ident: 'picosocks5',
    pid: process.pid,
    runAs: account,
    datagramSocket: addon && ((path) => datagramSocket(addon, path)),
    warn,
  });
}

/** A bug must not go on serving in an unforeseen state; the supervisor starts us again. */
export function exitOnBugs(log: Log): void {
  // Not once(): a failure while the record is written must not end us with another status.
  process.on('uncaughtException', (error) => {
    log.write('err', 'bug', {}, error.stack ?? String(error));
    void log.drain(BUG_DRAIN_MS).finally(() => process.exit(EXIT.SOFTWARE));
  });
}

/** Reads what password checks need, while everything can be read. Throws StartFailure (71). */
export async function loadPasswordChecks({ auth, chroot }: Config, checker: LoginChecker): Promise<void> {
  if (filesOf(auth).length === 0) return;
  await mustCheck(async () => {
    checker.load();
    if (chroot !== undefined) await checker.prestart();
  });
}

/** Has the account check a password: without that every right one would be refused. Rejects with StartFailure (71). */
export async function provePasswordChecks(
  { auth }: Pick<Config, 'auth'>,
  checker: LoginChecker,
): Promise<void> {
  if (filesOf(auth).length > 0) await mustCheck(() => checker.prove());
}

async function mustCheck(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const why = error instanceof Fault ? error.cause : error;
    throw new StartFailure(
      EXIT.OS_ERROR,
      `no password can be checked: the thread for it fails (${why instanceof Error ? why.message : String(why)}); see that the program and its ` +
        'packages are whole (npm ci, or make install again), that the service account may read them (chmod -R go+rX), and ' +
        'that it may start threads (ulimit -u)',
      error,
    );
  }
}

/** Gives up privileges and proves it; a sentence for the log says who we are now. Throws StartFailure (77). */
export function becomeAccount(
  account: UnixAccount | undefined,
  { chroot }: Config,
  confinement: Confinement,
): string {
  confinement.leaveCapabilities();
  if (account !== undefined) return dropPrivileges(account, chroot);
  return `uid ${process.getuid?.() ?? 'unknown'}`;
}
