// A parent whose workers serve: what each action of the lifecycle does.
import type { Cidr } from '../../base/ip.ts';
import type { Config, LogLevel } from '../../config/model/config.ts';
import type { ReloadReport } from '../../control/controlanswer.ts';
import type { AccountBook } from '../../observe/figures/accounting.ts';
import type { Log } from '../../observe/log.ts';
import { MEASURE_NAMES, MEASURES } from '../../observe/measures.ts';
import type { Steering } from '../control/controldesk.ts';
import type { Control } from '../control/control.ts';
import type { Following } from '../listeners/following.ts';
import type { Ready } from '../web/ready.ts';
import type { Readiness } from '../web/readyanswer.ts';
import { closeBook, reopenBook } from '../running/bookkeeping.ts';
import type { DaemonAction, Lifecycle } from '../running/lifecycle.ts';
import type { State } from '../running/state.ts';
import type { Supervision } from '../running/supervision.ts';
import { EXIT, type ExitStatus } from '../unix/exit.ts';
import type { Crew } from './crew.ts';
import type { HeldListeners } from './heldlisteners.ts';
import type { ParentReloaded } from './parentreload.ts';
import type { DaemonStatus } from '../../control/controlanswer.ts';

/** Time for the last records to reach their reader. */
const LOG_DRAIN_MS = 1000;

export interface ParentRunningParts {
  readonly config: Config;
  readonly users: number;
  readonly lifecycle: Lifecycle;
  readonly log: Log;
  readonly crew: Crew;
  readonly listeners: HeldListeners;
  readonly following: Following;
  readonly state: State;
  readonly supervision: Supervision;
  readonly checks: Ready;
  readonly control: Control;
  /** For accounts; undefined: there are none. */
  readonly book: AccountBook | undefined;
  readonly programs: { close(): void } | undefined;
  readonly tickets: { close(): void } | undefined;
  readonly releasePidFile: () => string | undefined;
  readonly reload: (before: Config) => Promise<ParentReloaded>;
  readonly askStatus: () => Promise<DaemonStatus>;
  /** What has to be looked after now and then. */
  readonly look: () => void;
}

const LOOK_MS = 1000;

export class ParentRunning implements Steering {
  readonly ended: Promise<ExitStatus>;
  readonly #parts: ParentRunningParts;
  readonly #timer: NodeJS.Timeout;
  #config: Config;
  configuredAtMs = Date.now();
  /** Since the start. */
  readonly reloads = { ok: 0, failed: 0 };
  #users: number;
  #accepted = 0;
  #logLevel: LogLevel;
  #lastReload: ReloadReport | undefined;
  #lastSave: Promise<void> | undefined;
  #reloading: Promise<ReloadReport | undefined> = Promise.resolve(undefined);
  #end: (status: ExitStatus) => void = () => undefined;

  constructor(parts: ParentRunningParts) {
    this.#parts = parts;
    this.#config = parts.config;
    this.#users = parts.users;
    this.#logLevel = parts.config.logLevel;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    parts.lifecycle.serve((action) => this.#act(action));
    parts.checks.follow(() => this.readiness);
    this.#timer = setInterval(parts.look, LOOK_MS);
  }

  get state(): string {
    return this.#parts.lifecycle.state;
  }

  get stateFailure(): string | undefined {
    return this.#parts.state.failure;
  }

  get users(): number {
    return this.#users;
  }

  get logLevel(): LogLevel {
    return this.#logLevel;
  }

  get lastReload(): ReloadReport | undefined {
    return this.#lastReload;
  }

  get banAllow(): readonly Cidr[] {
    return this.#config.banAllow;
  }

  get configVersion(): string | undefined {
    return this.#config.configVersion;
  }

  get drainMs(): number {
    return this.#config.drainMs;
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#config;
  }

  get readiness(): Readiness {
    if (this.state !== 'serving') return 'draining';
    if (this.#parts.lifecycle.isLeaving) return 'leaving';
    return this.#parts.crew.hands.length === 0 ? 'starting' : 'serving';
  }

  reload(): Promise<ReloadReport | undefined> {
    if (this.state !== 'serving') return Promise.resolve(undefined);
    this.#parts.lifecycle.happen('reload');
    return this.#reloading;
  }

  drain(announceMs = 0): void {
    this.#parts.lifecycle.drain(announceMs);
  }

  save(): Promise<void> {
    return this.#parts.state.save();
  }

  retire(): void {
    // From now on the heir writes the file; bytes that are still to come are not counted.
    this.#lastSave = this.#parts.state.close();
    this.drain();
  }

  setLogLevel(level: LogLevel): void {
    this.#logLevel = level;
    this.#parts.log.configure(level, this.#config.logFormat);
    this.#parts.crew.tell({ kind: 'loglevel', level });
  }

  #act(action: DaemonAction): void {
    const { log, crew } = this.#parts;
    switch (action) {
      case 'reload':
        this.#reloading = this.#reloading.then(() => this.#reload());
        return;
      case 'dump':
        void this.#dump();
        return;
      case 'drain':
        void this.#drain();
        return;
      case 'cut':
        log.write('notice', 'cutting', { sessions: crew.sessions });
        crew.tell({ kind: 'cut' });
        return;
      case 'exit':
        void this.#exit();
    }
  }

  async #reload(): Promise<ReloadReport> {
    this.#parts.supervision.reloading();
    reopenBook(this.#parts.book, this.#parts.config.accounting, this.#parts.log);
    const { report, taken } = await this.#parts.reload(this.#config);
    this.#lastReload = report;
    this.reloads[report.reloaded ? 'ok' : 'failed'] += 1;
    if (taken !== undefined) {
      this.#config = taken.config;
      this.#users = taken.users.byName.size;
      this.configuredAtMs = Date.now();
      this.#logLevel = taken.config.logLevel;
    }
    await this.#parts.state.save();
    this.#parts.supervision.ready();
    return report;
  }

  async #dump(): Promise<void> {
    const { log, crew, askStatus } = this.#parts;
    const { live, totals, memoryBytes } = await askStatus();
    const sums = MEASURE_NAMES.map((name) => [MEASURES[name].field, totals[name]] as const);
    log.write('notice', 'counters', { live, ...Object.fromEntries<number>(sums), rss: memoryBytes });
    crew.tell({ kind: 'dump' });
  }

  async #drain(): Promise<void> {
    const { crew, log, lifecycle, supervision, checks, following, listeners, askStatus } = this.#parts;
    // The heir answers from now on.
    if (this.#lastSave !== undefined) checks.leave();
    await this.#reloading;
    following.stop();
    clearInterval(this.#timer);
    if (this.#lastSave === undefined) supervision.stopping();
    const { live, totals } = await askStatus();
    this.#accepted = totals.accepted;
    log.write('notice', 'draining', { sessions: live, seconds: this.drainMs / 1000 });
    const drained = crew.drain();
    for (const place of listeners.listening) listeners.unlisten(place);
    await drained;
    lifecycle.happen('drained');
  }

  async #exit(): Promise<void> {
    const { log, state, checks, control, listeners } = this.#parts;
    await (this.#lastSave ?? state.close());
    const left = [
      this.#parts.releasePidFile(),
      control.release(),
      ...listeners.filesLeft.map((place) => `left the socket ${place}, which the next start replaces`),
    ].filter((each) => each !== undefined);
    log.write(
      'notice',
      'stopped',
      { sessions: this.#accepted },
      left.length === 0 ? undefined : left.join('; '),
    );
    checks.leave();
    this.#parts.programs?.close();
    this.#parts.tickets?.close();
    await closeBook(this.#parts.book, LOG_DRAIN_MS);
    await log.drain(LOG_DRAIN_MS);
    await log.close();
    this.#end(EXIT.OK);
  }
}
