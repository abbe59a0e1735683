// Confinement: rights that the daemon gives up for good once everything is open, in every thread, with proof. Linux with the
// native addon; docs/decisions/014-confinement.md has the reasons.
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import type { Config } from '../../config/model/config.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import type { NativeConfinement } from '../../net/native/addon.ts';
import { CONFINE_KIND } from '../../net/native/enginelayout.ts';
import type { Native } from '../host/transport.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { isAtOrBelow, type FileGrant } from './confinedfiles.ts';
import { parseThreadLimits, TASKS, type ThreadLimits } from './threads.ts';

/** To be taken in this order: as root, then as the account. */
export interface Confinement {
  /** Before the drop; does nothing in a process that is not root. Throws StartFailure (77). */
  leaveCapabilities(): void;
  /** Only `grants` can be opened afterwards. Throws StartFailure (77). */
  close(grants: readonly FileGrant[]): Confined;
  /** The same for a process that has to start programs and gives them no more than it has. Throws StartFailure (77). */
  closeWithPrograms(): void;
}

/** The result of confining. */
export interface Confined {
  /** For the log: `no-new-privs,seccomp`, or `no`. */
  readonly holds: string;
  /** For people: the parts that cannot hold here, and why. */
  readonly lacks: string | undefined;
  /** Whether the confinement lets a reload read `file`. */
  readonly mayRead: (file: string) => boolean;
}

/** Throws StartFailure (77) where the configuration insists on what this host does not have. */
export function openConfinement(
  { confine }: Pick<Config, 'confine'>,
  { addon, reason }: Native,
): Confinement {
  if (confine === 'no') return unconfined(undefined);
  if (addon === undefined) return without(confine, reason);
  try {
    return new Confining(confine, addon, openSync(TASKS, 'r'));
  } catch (error) {
    return without(confine, `${TASKS} cannot be opened: ${systemReason(error)}`);
  }
}

function without(choice: 'auto' | 'yes', why: string): Confinement {
  if (choice === 'yes') throw insisting(why);
  return unconfined(`not confined: ${why}`);
}

function unconfined(lacks: string | undefined): Confinement {
  return {
    leaveCapabilities: () => undefined,
    close: () => ({ holds: 'no', lacks, mayRead: () => true }),
    closeWithPrograms: () => undefined,
  };
}

const PARTS = ['no-new-privs', 'bounding-set', 'seccomp', 'landlock'] as const;
type ConfinementPart = (typeof PARTS)[number];

class Confining implements Confinement {
  readonly #choice: 'auto' | 'yes';
  readonly #addon: NativeConfinement;
  /** Open as long as we live: it keeps the folder /proc/self known to Landlock, wherever a chroot leads. */
  readonly #tasks: number;
  readonly #holds = new Set<ConfinementPart>();
  readonly #lacks: string[] = [];

  constructor(choice: 'auto' | 'yes', addon: NativeConfinement, tasks: number) {
    this.#choice = choice;
    this.#addon = addon;
    this.#tasks = tasks;
  }

  leaveCapabilities(): void {
    // Without root there is no way to do it, and no_new_privs leaves the set without effect.
    if (process.geteuid?.() === 0)
      this.#take('bounding-set', () => this.#addon.emptyBoundingSet(this.#tasks));
  }

  close(grants: readonly FileGrant[]): Confined {
    this.#take('no-new-privs', () => this.#addon.forbidNewPrivileges(this.#tasks));
    this.#take('landlock', () => this.#limitFiles(grants));
    this.#take('seccomp', () => this.#addon.filterSystemCalls());
    this.#prove();
    const readable = grants.filter(({ kind }) => kind === 'read').map(({ path }) => path);
    return {
      holds: PARTS.filter((part) => this.#holds.has(part)).join(',') || 'no',
      lacks: this.#lacks.length === 0 ? undefined : `not confined by ${this.#lacks.join(', ')}`,
      mayRead: (file) => !this.#holds.has('landlock') || isAtOrBelow(file, readable),
    };
  }

  closeWithPrograms(): void {
    this.#take('no-new-privs', () => this.#addon.forbidNewPrivileges(this.#tasks));
    this.#prove();
  }

  #take(part: ConfinementPart, act: () => number): void {
    const status = act();
    if (status >= 0) {
      this.#holds.add(part);
      return;
    }
    const why = getSystemErrorMap().get(status)?.[1] ?? `errno ${-status}`;
    if (status === -constants.errno.ECANCELED) {
      throw confinementFailure(
        `the confinement (${part}) reached some threads and not all of them; start again`,
      );
    }
    if (this.#choice === 'yes') throw insisting(`${part} cannot hold here (${why})`);
    this.#lacks.push(`${part} (${why})`);
  }

  #limitFiles(grants: readonly FileGrant[]): number {
    const ruleset = this.#addon.openRuleset();
    if (ruleset < 0) return ruleset;
    try {
      this.#addon.allowBeneath(ruleset, this.#tasks, CONFINE_KIND.read);
      for (const grant of grants) this.#allow(ruleset, grant);
      return this.#addon.enforceRuleset(ruleset, this.#tasks);
    } finally {
      closeSync(ruleset);
    }
  }

  /** A path that is missing, or out of reach for this account, stays so. */
  #allow(ruleset: number, { path, kind }: FileGrant): void {
    const where = openPlace(path);
    if (where === undefined) return;
    this.#addon.allowBeneath(ruleset, where, CONFINE_KIND[kind]);
    closeSync(where);
  }

  /** Throws where a thread is not what it should be. Landlock does not show there: each thread has said that it took it. */
  #prove(): void {
    const text = Buffer.alloc(STATUS_BYTES);
    const size = this.#addon.readThreads(this.#tasks, text);
    const threads = parseThreadLimits(text.toString('latin1', 0, Math.max(0, size)));
    const expected = threads[0]?.threads;
    if (expected !== threads.length) {
      throw confinementFailure(
        `cannot check every thread: saw ${threads.length} of ${expected ?? 'none'}; start again`,
      );
    }
    for (const thread of threads) {
      const loose = findLoose(thread, this.#holds);
      if (loose !== undefined) throw confinementFailure(`a thread is not confined by ${loose}; start again`);
    }
  }
}

/** Enough for 256 relay threads and those of Node.js, at about 1,500 bytes for each status file. */
const STATUS_BYTES = 1_048_576;

/** Limits that should hold in a thread, and do not. */
export function findLoose(thread: ThreadLimits, holds: ReadonlySet<string>): string | undefined {
  const shown = {
    'no-new-privs': thread.noNewPrivs,
    'bounding-set': thread.emptyBoundingSet,
    seccomp: thread.isFiltered,
  };
  return Object.entries(shown).find(([part, isSo]) => holds.has(part) && !isSo)?.[0];
}

/** O_PATH of Linux (open(2)), which Node does not name. */
const O_PATH = 0o10000000;

function openPlace(path: string): number | undefined {
  try {
    return openSync(path, O_PATH);
  } catch {
    return undefined;
  }
}

function insisting(why: string): StartFailure {
  return confinementFailure(
    `confine is yes, but ${why}; docs/service.md says what it needs, and confine = auto goes without`,
  );
}

function confinementFailure(message: string): StartFailure {
  return new StartFailure(EXIT.NO_PERMISSION, message);
}
