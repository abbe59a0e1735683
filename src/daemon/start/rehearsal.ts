// --check: a start as far as it can be tried beside a daemon that serves. It goes the way of daemon.ts, in the same order, drop of
// privileges included, and opens, makes and takes nothing. All failures are told, not only the first.
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { KeptAccounts } from '../../auth/files/shadowfile.ts';
import { createLoginChecker, type LoginChecker } from '../../auth/login.ts';
import type { Config } from '../../config/model/config.ts';
import { formatProblem } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { resolveAccount, type UnixAccount } from '../account/accounts.ts';
import { grantsFor } from '../account/confinedfiles.ts';
import { openConfinement, type Confinement } from '../account/confinement.ts';
import { dropPrivileges } from '../account/privileges.ts';
import { whyUnreadable } from '../account/readable.ts';
import { resolveBind } from '../host/bindaddresses.ts';
import type { Loaded, Usable } from '../host/load.ts';
import { checkSocketOptions, chooseTransport, findNative, type Native } from '../host/transport.ts';
import { tryListeners } from '../listeners/trylisteners.ts';
import { Asked } from '../logins/asked.ts';
import { becomeAccount, loadPasswordChecks, provePasswordChecks } from '../running/startup.ts';
import { findIncumbent } from '../takeover/incumbent.ts';
import { findUnit, type Unit } from '../takeover/systemdunit.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { refuseSharedFolders } from '../unix/folders.ts';
import { readPidFile } from '../unix/pidcontent.ts';
import { tryFleet } from './together.ts';
import { tryViewers } from '../web/viewers.ts';

export interface Rehearsed {
  readonly usable: Usable;
  /** The files that were read for it. */
  readonly files: readonly string[];
  /** Reads everything anew, as a reload does; `known`: accounts of this host, in place of those read before. */
  readonly load: (known?: KeptAccounts) => Promise<Loaded>;
  readonly warn: (sentence: string) => void;
}

/** Rejects with StartFailure: a sentence for each thing that keeps a start from succeeding, and the status of the first. */
export async function rehearse(rehearsed: Rehearsed): Promise<void> {
  const rehearsal = new Rehearsal(rehearsed);
  try {
    await rehearsal.play();
  } finally {
    await rehearsal.close();
  }
  const [first] = rehearsal.failures;
  if (first === undefined) return;
  const sentences = new Set(rehearsal.failures.map(({ message }) => message));
  throw new StartFailure(first.status, [...sentences].join('\n'), first);
}

class Rehearsal {
  readonly failures: StartFailure[] = [];
  readonly #rehearsed: Rehearsed;
  readonly #config: Config;
  readonly #native: Native = findNative();
  /** undefined when the daemon will be started by the account that checks it. */
  readonly #unit: Unit | undefined;
  readonly #checker: LoginChecker = createLoginChecker();
  readonly #asked = new Asked({ write: () => undefined });

  constructor(rehearsed: Rehearsed) {
    this.#rehearsed = rehearsed;
    this.#config = rehearsed.usable.config;
    const unit = isRoot() ? findUnit(rehearsed.files) : undefined;
    this.#unit = unit?.user === undefined ? undefined : unit;
  }

  close(): Promise<void> {
    this.#asked.close();
    return this.#checker.close();
  }

  async play(): Promise<void> {
    const config = this.#config;
    const account = await this.#step(() => this.#findAccount());
    const confinement = await this.#step(() => openConfinement(config, this.#native));
    const isForOthers = account !== undefined && !isRoot() && process.geteuid?.() !== account.uid;
    await this.#step(() => resolveBind(config.bind));
    if (!config.inetd) await this.#step(() => this.#tryListeners(isForOthers ? 'another' : 'starter'));
    await this.#step(() => loadPasswordChecks(config, this.#checker));
    for (const tries of isForOthers ? [] : [tryTickets, tryViewers]) await this.#step(() => tries(config));
    if (isForOthers) {
      await this.#step(() => chooseTransport(config, this.#native).transport.close());
      this.#note(`what ${account.name ?? account.uid} may read and write`);
      return;
    }
    await this.#step(() => this.#asked.follow(config, 'start'));
    await this.#step(() => this.#tryFleet());
    if (this.#unit === undefined) await this.#step(() => this.#checkNames());
    const isThere = await this.#step(() => this.#become(account, confinement));
    if (isThere === true) await this.#playAsAccount(confinement);
  }

  /** The steps of the account after root is dropped. */
  async #playAsAccount(confinement: Confinement | undefined): Promise<void> {
    const config = this.#config;
    if (this.#unit !== undefined) await this.#step(() => this.#checkNames());
    await this.#step(() => this.#checkState());
    await this.#step(() => this.#readAgain());
    await this.#step(async () => {
      const { transport } = chooseTransport(config, this.#native);
      await checkSocketOptions(config, transport).finally(() => transport.close());
    });
    if (config.confine === 'yes') {
      await this.#step(() => confinement?.close(grantsFor(config, this.#rehearsed.files)));
    }
    await this.#step(() => provePasswordChecks(config, this.#checker));
    await this.#step(() => this.#proveSources());
  }

  /** A start would go on without the store: it may come later. */
  async #tryFleet(): Promise<void> {
    const failure = await tryFleet(this.#config);
    if (failure !== undefined) throw new StartFailure(EXIT.OS_ERROR, failure);
  }

  /** A start would go on without them: they may come later. */
  async #proveSources(): Promise<void> {
    const failures = await this.#asked.prove();
    if (failures.length > 0) throw new StartFailure(EXIT.OS_ERROR, failures.join('\n'));
  }

  async #step<Result>(act: () => Result | Promise<Result>): Promise<Result | undefined> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      this.failures.push(error);
      return undefined;
    }
  }

  #findAccount(): UnixAccount | undefined {
    const { user, group } = this.#config;
    const resolution = resolveAccount(user, group);
    for (const warning of resolution?.warnings ?? []) this.#rehearsed.warn(`warning: ${warning}`);
    return resolution?.account;
  }

  /** `caller`: the account that starts the daemon, or another one. */
  async #tryListeners(caller: 'starter' | 'another'): Promise<void> {
    const incumbent = await findIncumbent(this.#config, this.#unit?.mainPid);
    const { addon } = this.#native;
    const isForOthers = caller === 'another';
    await tryListeners(this.#config, { addon, incumbent, isForOthers, note: (what) => this.#note(what) });
  }

  #note(what: string): void {
    this.#rehearsed.warn(`note: not looked at, because only root can: ${what}`);
  }

  /** The files that are made before the drop. */
  #checkNames(): void {
    const { inetd, pidFile, control, listen } = this.#config;
    if (inetd) return;
    refuseSharedFolders(this.#config);
    this.#checkFolder(`create the pid file ${pidFile}`, pidFile);
    if (pidFile !== undefined) readPidFile(pidFile);
    for (const each of listen)
      if (each.kind === 'unix') this.#checkFolder(`listen on unix:${each.path}`, each.path);
    this.#checkFolder(`make the control socket ${control}`, control);
    if (control !== undefined && isNoSocket(control)) {
      const why = 'what is there is no socket; remove it or choose another path';
      throw new StartFailure(EXIT.OS_ERROR, `cannot make the control socket ${control}: ${why}`);
    }
  }

  /** A start would only warn; but an operator who names a state file does not mean to lose quotas and bans. */
  #checkState(): void {
    const { inetd, stateFile } = this.#config;
    if (!inetd) this.#checkFolder(`keep the state file ${stateFile}`, stateFile);
  }

  #checkFolder(doing: string, path: string | undefined): void {
    if (path === undefined) return;
    const folder = dirname(path);
    const why = whyNotWritable(folder);
    if (why === undefined) return;
    if (this.#unit?.folders.includes(folder) === true && why.kind === 'missing') return;
    throw new StartFailure(EXIT.OS_ERROR, `cannot ${doing}: ${why.sentence}`);
  }

  /** True when the process has become the account of the daemon, or that of the unit. */
  #become(account: UnixAccount | undefined, confinement: Confinement | undefined): boolean {
    if (this.#config.user !== undefined && account === undefined) return false;
    const starter = this.#unit && resolveAccount(this.#unit.user, this.#unit.group)?.account;
    if (starter !== undefined) dropPrivileges(starter);
    if (confinement !== undefined) becomeAccount(account, this.#config, confinement);
    else if (account !== undefined) dropPrivileges(account, this.#config.chroot);
    return true;
  }

  /** As the account: what the unit reads at the start, and every reload afterwards. A chroot hides all of it, by intent. */
  async #readAgain(): Promise<void> {
    if (this.#config.chroot !== undefined || isRoot()) return;
    const { usable, problems } = await this.#rehearsed.load(this.#unit && new Map());
    const errors =
      usable === undefined
        ? problems.filter(({ severity }) => severity === 'error').map(formatProblem)
        : this.#unreadable();
    if (errors.length === 0) return;
    const as = `as ${this.#config.user ?? this.#unit?.user ?? `uid ${process.geteuid?.() ?? 'unknown'}`}`;
    throw new StartFailure(EXIT.CONFIG, errors.map((sentence) => `${as}: ${sentence}`).join('\n'));
  }

  /**
   * A reload keeps the certificates and keys read before, so a start that could not read them would otherwise go unnoticed.
   */
  #unreadable(): readonly string[] {
    return [...new Set(this.#rehearsed.files)].flatMap((file) => {
      const why = whyUnreadable(file);
      return why === undefined ? [] : [`${file}: cannot be read: ${why}`];
    });
  }
}

async function tryTickets(config: Config): Promise<void> {
  if (config.gssapiKeytab === undefined) return;
  const { openTickets } = await import('../account/ticketprocess.ts');
  const tickets = await openTickets(config, () => undefined);
  tickets?.close();
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

function isNoSocket(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isSocket();
}

interface Obstacle {
  readonly kind: 'missing' | 'refused';
  readonly sentence: string;
}

/** Why this account cannot make files in `folder`; undefined when it can. */
function whyNotWritable(folder: string): Obstacle | undefined {
  try {
    if (!statSync(folder).isDirectory()) return { kind: 'refused', sentence: `${folder} is no folder` };
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { kind: 'missing', sentence: `there is no folder ${folder}` };
    return { kind: 'refused', sentence: `${folder}: ${systemReason(error)}` };
  }
}
