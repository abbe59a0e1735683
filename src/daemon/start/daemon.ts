// The daemon from its configuration to its end. Start-up is one visible sequence: what needs root comes first, the
// drop stands in the middle, and no byte of a client is looked at before it.
import type { Config } from '../../config/model/config.ts';
import type { Log } from '../../observe/log.ts';
import type { Server } from '../../session/server/server.ts';
import type { UnixAccount } from '../account/accounts.ts';
import { grantsFor } from '../account/confinedfiles.ts';
import { openConfinement, type Confined } from '../account/confinement.ts';
import { findUnreadable } from '../account/readable.ts';
import { keepControl } from '../control/control.ts';
import type { DeskParts } from '../control/controldesk.ts';
import { Handover } from '../control/handover.ts';
import { checkSocketOptions, findNative } from '../host/transport.ts';
import { openDoors } from '../listeners/doors.ts';
import { Rechecking } from '../report/recheck.ts';
import { daemonVitals } from '../report/vitals.ts';
import type { Launch } from '../running/launch.ts';
import { Lifecycle } from '../running/lifecycle.ts';
import { Running } from '../running/running.ts';
import {
  becomeAccount,
  exitOnBugs,
  findAccount,
  loadPasswordChecks,
  openDaemonLog,
  provePasswordChecks,
} from '../running/startup.ts';
import { keepState } from '../running/stateparts.ts';
import { supervise } from '../running/supervision.ts';
import type { Predecessor } from '../takeover/takeover.ts';
import { refuseUnit } from '../takeover/takeovertrust.ts';
import { descriptorLimit } from '../unix/descriptors.ts';
import type { ExitStatus } from '../unix/exit.ts';
import { acquirePidFile, type PidFile } from '../unix/pidfile.ts';
import { openNotify } from '../unix/systemd.ts';
import { keepWeb } from '../web/metricsport.ts';
import { assemble, type Assembly } from './assembly.ts';

/** Runs until a signal ends it. Rejects with StartFailure when it cannot start. */
export async function runDaemon(launch: Launch): Promise<ExitStatus> {
  const { usable } = launch.loaded;
  if (usable === undefined) throw new TypeError('a daemon needs a configuration without errors');
  const { config } = usable;
  const lifecycle = new Lifecycle(() => process.exit());
  process.umask(0o027);
  refuseUnit(config, launch.loaded.files);
  const account = findAccount(config, launch);
  const native = findNative();
  const notify = openNotify(native.addon, launch.warn);
  const log = await openDaemonLog(config, account, native, launch);
  exitOnBugs(log);
  const confinement = openConfinement(config, native);
  const assembly = await assemble(usable, native, log, launch);
  const { server, covers, logins, lasting, asked, counters, measuring, books, transport } = assembly;
  const checks = await keepWeb(config, account, measuring);

  const supervision = supervise(notify, () => systemdStatusOf(server));
  const asker = { native, account, warn: launch.warn };
  const { standing, predecessor, openLast } = await openDoors({ server, covers }, config, asker);
  const pidFile = keepPidFile(config, predecessor?.pid);
  const control = await keepControl(config.control, account, predecessor?.control);
  const facts = steadyFacts(transport.name, account);
  await loadPasswordChecks(config, lasting.checker);
  const identity = becomeAccount(account, config, confinement);
  warnOfUnreadable(launch);
  await checkSocketOptions(config, transport);
  const state = await keepState(config.stateFile, server.usage, logins, warnerOf(log, launch, lifecycle));
  await books.open({ config, log, native }, () => server.registry.list());
  await openLast();
  const confined = confinement.close(grantsFor(config, launch.loaded.files));
  await provePasswordChecks(config, lasting.checker);

  const running = new Running({
    ...launch,
    ...assembly,
    log,
    lifecycle,
    config,
    releasePidFile: pidFile.release,
    state,
    rechecking: new Rechecking(server.registry, logins, log),
    control,
    supervision,
    standing,
    confined,
    checks,
  });
  tellStarted(log, assembly, identity, confined);
  pidFile.confirm();
  launch.ready();
  supervision.ready();
  server.open();
  lasting.nat64.follow(config);
  asked.warm();
  const { bans, authOnce } = logins;
  const desk = { steering: running, server, counters, bans, authOnce, ways: lasting.ways, asked, log, facts };
  measuring?.follow(daemonVitals({ ...desk, checker: lasting.checker }), desk);
  control.serve(desk, new Handover({ server, log, addon: native.addon, steering: running, control }));
  if (predecessor !== undefined) await succeed(predecessor, log);
  return running.ended;
}

function tellStarted(
  log: Log,
  { server, transport, reason }: Assembly,
  as: string,
  confined: Confined,
): void {
  const listen = server.bound.join(',');
  const fields = { listen, transport: transport.name, because: reason, as, confined: confined.holds };
  log.write('notice', 'started', fields, confined.lacks);
}

/** We serve: the daemon before us may go. */
async function succeed(predecessor: Predecessor, log: Log): Promise<void> {
  const why = await predecessor.retire();
  log.write(why === undefined ? 'notice' : 'warn', 'took-over', { pid: predecessor.pid }, why);
}

/** One line for "systemctl status". */
function systemdStatusOf(server: Server): string {
  const sessions = server.registry.size === 1 ? '1 session' : `${server.registry.size} sessions`;
  return `${sessions}; serving on ${server.bound.join(', ') || 'nothing any more'}`;
}

/** To be asked before a chroot, which hides /proc. */
function steadyFacts(transport: string, account: UnixAccount | undefined): DeskParts['facts'] {
  const limit = descriptorLimit();
  return {
    transport,
    account: account?.name ?? `uid ${account?.uid ?? process.getuid?.() ?? 'unknown'}`,
    descriptorLimit: Number.isFinite(limit) ? limit : undefined,
  };
}

/** Takes the pid file, if any; release() gives it back, and is called by itself at any other exit. */
function keepPidFile({ pidFile }: Config, predecessor: number | undefined): PidFile {
  if (pidFile === undefined) return { confirm: () => undefined, release: () => undefined };
  const held = acquirePidFile(pidFile, predecessor);
  const release = (): string | undefined => {
    process.off('exit', release);
    return held.release();
  };
  process.once('exit', release);
  return { confirm: () => held.confirm(), release };
}

function warnOfUnreadable({ loaded, warn }: Launch): void {
  for (const sentence of findUnreadable(loaded.files)) warn(sentence);
}

/** Problems go to the log, and to who waits for the start. */
function warnerOf(log: Log, { warn }: Launch, lifecycle: Lifecycle): (sentence: string) => void {
  return (sentence) => {
    if (lifecycle.state === 'starting') warn(sentence);
    log.write('warn', 'state', {}, sentence);
  };
}
