// SIGHUP: everything is read again, and either all of it takes effect or nothing does.
import type { Ip } from '../../base/ip.ts';
import type { Config } from '../../config/model/config.ts';
import type { SettingOption } from '../../config/options/option.ts';
import { OPTIONS } from '../../config/options/options.ts';
import { askedOf } from '../../config/values/authsource.ts';
import { formatProblem } from '../../config/values/problem.ts';
import type { ReloadReport } from '../../control/controlanswer.ts';
import type { Log } from '../../observe/log.ts';
import { formatPlace } from '../../net/layer.ts';
import type { Usable } from '../host/load.ts';
import { resolveBind } from '../host/bindaddresses.ts';
import { buildSnapshot } from '../host/snapshot.ts';
import { checkRouteOptions } from '../host/transport.ts';
import type { Following } from '../listeners/following.ts';
import { coveredOf, openListeners, steadyOf, wantedListeners } from '../listeners/listen.ts';
import { refuseInChroot } from '../listeners/paths.ts';
import { changeRights } from '../listeners/rights.ts';
import { StartFailure } from '../unix/exit.ts';
import type { RunningParts } from './launch.ts';
import { provePasswordChecks } from './startup.ts';

/** The configuration in force, and the number of users. */
export interface Holding {
  readonly config: Config;
  readonly users: number;
}

interface ReloadParts extends RunningParts {
  readonly following: Following;
}

export interface Reloaded extends Holding {
  readonly report: ReloadReport;
}

/** A configuration that can take the place of the present one: everything that may fail has been done. */
export interface Prepared {
  readonly commit: () => Reloaded;
  /** Everything stays as it was. */
  readonly cancel: () => void;
}

/** Gives what holds from now on: the new configuration, or `before` when something was wrong. */
export async function reload(parts: ReloadParts, before: Holding): Promise<Reloaded> {
  const prepared = await prepare(parts, before);
  return 'commit' in prepared ? prepared.commit() : prepared;
}

/** Gives `before` with the reasons when something was wrong. */
export async function prepare(parts: ReloadParts, before: Holding): Promise<Prepared | Reloaded> {
  const { log } = parts;
  const { usable, problems, files } = await parts.load();
  const told = [...problems.map(formatProblem), ...findConfined(parts, files)];
  for (const problem of problems) {
    log.write(problem.severity === 'error' ? 'err' : 'warn', 'config', {}, formatProblem(problem));
  }
  if (usable === undefined) return reloadFailed(log, before, told, 'the configuration has errors');
  const tlsBefore = parts.tlsLayer.settings;
  // Before a listener may change to TLS; clients of one that does not any more have no part in it.
  if (usable.tls !== undefined) parts.tlsLayer.follow(usable.tls);
  const undoTls = (): void => parts.tlsLayer.follow(tlsBefore);
  const moved = await unlessFailed(takeOver(parts, before.config, usable.config));
  if (moved instanceof StartFailure) {
    undoTls();
    return reloadFailed(log, before, told, moved.message);
  }
  const cancel = (): void => {
    void parts.asked.follow(before.config, 'reload');
    undoTls();
    moved.undo();
  };
  return { commit: () => commit(parts, before, { usable, told, moved }), cancel };
}

interface ReadyReload {
  readonly usable: Usable;
  readonly told: string[];
  readonly moved: MovedListeners;
}

function commit(parts: ReloadParts, before: Holding, { usable, told, moved }: ReadyReload): Reloaded {
  const { log } = parts;
  const { config, users } = usable;
  moved.closeOld();
  parts.checks.renew(usable.webTls);
  const snapshot = buildSnapshot(usable, moved.bindAddresses, parts.lasting);
  parts.server.replace(snapshot);
  parts.lasting.nat64.follow(config);
  const { capacity, warning } = parts.headroom.follow(config, parts.server.registry.size);
  parts.server.resize(capacity);
  log.configure(config.logLevel, config.logFormat);
  if (warning !== undefined) log.write('warn', 'config', {}, warning);
  told.push(...(warning === undefined ? [] : [warning]), ...tellRestartOnly(log, before.config, config));
  const known = { ...users, areOthersAsked: askedOf(config.auth).length > 0 };
  const recheck = parts.rechecking.run(config.recheck, known, snapshot);
  log.write('notice', 'reloaded', { users: users.byName.size });
  return { config, users: users.byName.size, report: { at: now(), reloaded: true, problems: told, recheck } };
}

/** The sentences about options that were changed in vain, which are in the log too. */
export function tellRestartOnly(log: Log, before: Config, after: Config): readonly string[] {
  const later = restartOnlyChanges(before, after).map(
    (what) => `${what} was changed, but takes effect only at the next start`,
  );
  for (const sentence of later) log.write('warn', 'config', {}, sentence);
  return later;
}

/** Keywords of the options that differ and take effect only at the next start. */
export function restartOnlyChanges(before: Config, after: Config): readonly string[] {
  return OPTIONS.filter((option): option is SettingOption => option.kind === 'setting')
    .filter((option) => option.reload === 'restart')
    .filter((option) => !isSameList(option.get(before), option.get(after)))
    .map((option) => option.keyword);
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, at) => text === other[at]);
}

/** Reports files that the account may read but the confinement hides; each sentence is in the log too. */
function findConfined({ confined, log }: RunningParts, files: readonly string[]): readonly string[] {
  const outside = [...new Set(files)].filter((file) => !confined.mayRead(file));
  const told = outside.map(
    (file) =>
      `${file} cannot be read since the start, which has confined this daemon to the folders of the files that it had ` +
      'then: put the file into one of them, or restart the daemon ("confine" in picosocks5.conf(5))',
  );
  for (const sentence of told) log.write('err', 'config', {}, sentence);
  return told;
}

/** The end of a sentence about a reload that failed. */
export const UNCHANGED = '; nothing was changed';

function reloadFailed(log: Log, before: Holding, told: readonly string[], why: string): Reloaded {
  const sentence = `${why}${UNCHANGED}`;
  log.write('err', 'reload-failed', {}, sentence);
  return {
    ...before,
    report: { at: now(), reloaded: false, problems: [...told, sentence], recheck: undefined },
  };
}

function now(): string {
  return new Date().toISOString();
}

/** The steps that may fail. Rejects with StartFailure before anything has changed. */
async function takeOver(parts: ReloadParts, before: Config, config: Config): Promise<MovedListeners> {
  await checkRouteOptions(config.routes, parts.transport);
  await provePasswordChecks(config, parts.lasting.checker);
  await parts.asked.follow(config, 'reload');
  return moveAddresses(parts, before, config);
}

/** The new listeners are open, beside the old ones. */
interface MovedListeners {
  /** Of BIND. */
  readonly bindAddresses: readonly Ip[];
  readonly closeOld: () => void;
  readonly undo: () => void;
}

async function moveAddresses(parts: ReloadParts, present: Config, config: Config): Promise<MovedListeners> {
  const {
    server,
    covers,
    following,
    standing: { inherited },
  } = parts;
  const bindAddresses = await resolveBind(config.bind);
  const wanted = await wantedListeners(config, inherited);
  refuseInChroot(
    config,
    wanted.filter((each) => !server.listening.includes(formatPlace(each))),
  );
  // Only when all of the new ones are open those that are gone are closed.
  const before = new Set(server.listening);
  await openListeners(server, wanted, inherited, (...asked) => covers.planFor(...asked));
  const closeNew = (): void => {
    for (const address of server.listening) if (!before.has(address)) server.unlisten(address);
  };
  const undoRights = changeRights(server, { before: present.listen, after: config.listen }, closeNew);
  const kept = new Set([...inherited, ...wanted.map(formatPlace)]);
  return {
    bindAddresses,
    closeOld: () => {
      covers.follow(coveredOf(wanted));
      for (const address of server.listening) if (!kept.has(address)) server.unlisten(address);
      following.follow(config.listen, [...inherited, ...steadyOf(wanted)]);
    },
    undo: () => {
      undoRights();
      closeNew();
    },
  };
}

async function unlessFailed<T>(work: Promise<T>): Promise<T | StartFailure> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StartFailure) return error;
    throw error;
  }
}
