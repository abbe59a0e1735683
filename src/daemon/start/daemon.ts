// The daemon from its configuration to its end. Start-up is one visible sequence: what needs root comes first, the
// drop stands in the middle, and no byte of a client is looked at before it.
import type { Config } from '../../config/model/config.ts';
import type { AccountedSessions } from '../../observe/figures/accountant.ts';
import type { Log } from '../../observe/log.ts';
import type { Server } from '../../session/server/server.ts';
import { grantsFor } from '../account/confinedfiles.ts';
import { openConfinement, type Confined } from '../account/confinement.ts';
import { keepControl } from '../control/control.ts';
import { answerRequest, createDesk, type DeskParts } from '../control/controldesk.ts';
import { Handover } from '../control/handover.ts';
import type { Usable } from '../host/load.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { checkSocketOptions, findNative, type Native } from '../host/transport.ts';
import { openDoors } from '../listeners/doors.ts';
import { Rechecking } from '../report/recheck.ts';
import { daemonVitals } from '../report/vitals.ts';
import { keepPidFile, steadyFacts, succeed, warnerOf, warnOfUnreadable } from '../running/duties.ts';
import type { Launch } from '../running/launch.ts';
import type { Served } from '../running/post.ts';
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
import { refuseUnit } from '../takeover/takeovertrust.ts';
import type { ExitStatus } from '../unix/exit.ts';
import { openNotify } from '../unix/systemd.ts';
import { keepWeb } from '../web/metricsport.ts';
import { assemble, type Assembly } from './assembly.ts';
import { openFleet } from './together.ts';

/** Runs until a signal ends it. Rejects with StartFailure when it cannot start. */
export async function runDaemon(launch: Launch): Promise<ExitStatus> {
  const usable = mustBeUsable(launch);
  const { config } = usable;
  const lifecycle = new Lifecycle(() => process.exit(), launch.post === undefined ? 'heard' : 'ignored');
  process.umask(0o027);
  refuseUnit(config, launch.loaded.files);
  const account = findAccount(config, launch);
  const native = findNative();
  const notify = openNotify(native.addon, launch.warn);
  const opened = await openDaemonLog(config, account, native, launch);
  const log = launch.post?.name(opened) ?? opened;
  exitOnBugs(log);
  const confinement = openConfinement(config, native);
  const { assembly, fleet } = await assembleMember(usable, native, log, launch);
  const { server, covers, logins, lasting, measuring, books, transport } = assembly;
  const checks = await keepWeb(config, account, launch.post === undefined ? measuring : undefined);

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
  await books.open({ config, log, native }, accountedSessions(server));
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
    fleet,
  });
  const desk = { ...deskOf(assembly), log, facts, fleet };
  await begin(launch, assembly, identity, { ...desk, running, confined });
  pidFile.confirm();
  launch.ready();
  supervision.ready();
  const whole = { steering: running, ...desk };
  beginToServe(config, assembly, whole, fleet);
  const handover = new Handover({ server, log, addon: native.addon, steering: running, control });
  control.serve(createDesk(whole), handover);
  if (predecessor !== undefined) await succeed(predecessor, log);
  return running.ended;
}

/** What a daemon counts, alone or together with others. */
async function assembleMember(
  usable: Usable,
  native: Native,
  log: Log,
  launch: Launch,
): Promise<{ readonly assembly: Assembly; readonly fleet: Fleet | undefined }> {
  const fleet = await openFleet(usable.config);
  const fellow = launch.post?.fellow ?? fleet?.fellow;
  const assembly = await assemble(usable, native, log, { ...launch, fellow });
  fleet?.prepare(assembly.server);
  return { assembly, fleet };
}

/** The first clients come in, and what is done beside serving them begins. */
function beginToServe(
  config: Config,
  assembly: Assembly,
  desk: DeskParts & { readonly steering: Running },
  fleet: Fleet | undefined,
): void {
  const { server, logins, lasting, asked, measuring } = assembly;
  server.open();
  fleet?.serve({
    ...{ server, logins, sources: lasting.sources, log: desk.log },
    answer: (request) => answerRequest(desk, request),
  });
  lasting.nat64.follow(config);
  asked.warm();
  measuring?.follow(daemonVitals({ ...desk, checker: lasting.checker }), desk);
}

function accountedSessions(server: Server): AccountedSessions {
  return { list: () => server.registry.list(), book: (...moved) => server.oversight.book(...moved) };
}

function mustBeUsable({ loaded: { usable } }: Launch): Usable {
  if (usable === undefined) throw new TypeError('a daemon needs a configuration without errors');
  return usable;
}

/** The start has succeeded: a daemon says so, a worker waits for the word of its parent. */
async function begin(
  { post }: Launch,
  assembly: Assembly,
  identity: string,
  serving: Omit<Served, 'logins' | 'lasting' | 'covers' | 'because' | 'measuring'>,
): Promise<void> {
  const { logins, lasting, covers, measuring, reason: because } = assembly;
  if (post === undefined) tellStarted(serving.log, assembly, identity, serving.confined);
  else await post.serve({ ...serving, logins, lasting, covers, because, measuring });
}

function deskOf({
  server,
  counters,
  logins,
  lasting,
  asked,
}: Assembly): Omit<DeskParts, 'steering' | 'log' | 'facts'> {
  const { bans, authOnce } = logins;
  return { server, counters, bans, authOnce, ways: lasting.ways, asked };
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

/** One line for "systemctl status". */
function systemdStatusOf(server: Server): string {
  const sessions = server.registry.size === 1 ? '1 session' : `${server.registry.size} sessions`;
  return `${sessions}; serving on ${server.bound.join(', ') || 'nothing any more'}`;
}
