// A daemon that serves: what each action of the lifecycle does.
import type { Cidr } from '../../base/ip.ts';
import type { LogLevel } from '../../config/model/config.ts';
import type { ReloadReport } from '../../control/controlanswer.ts';
import type { Steering } from '../control/controldesk.ts';
import { Following } from '../listeners/following.ts';
import type { Readiness } from '../web/readyanswer.ts';
import { dumpSessions } from '../report/dump.ts';
import { EXIT, type ExitStatus } from '../unix/exit.ts';
import type { RunningParts } from './launch.ts';
import type { DaemonAction } from './lifecycle.ts';
import { prepare, reload, UNCHANGED, type Holding, type Prepared, type Reloaded } from './reload.ts';

/** Time for the last records to reach their reader. */
const LOG_DRAIN_MS = 1000;

export class Running implements Steering {
  readonly ended: Promise<ExitStatus>;
  readonly #parts: RunningParts;
  readonly #following: Following;
  #holding: Holding;
  #logLevel: LogLevel;
  #lastReload: ReloadReport | undefined;
  /** Since the start. */
  readonly reloads = { ok: 0, failed: 0 };
  /** When the configuration in force was read. */
  configuredAtMs = Date.now();
  /** The last save of a daemon that another process has replaced. */
  #lastSave: Promise<void> | undefined;
  /** It has been announced that it stops. */
  /** The last one that was asked for; it waits for those before it. */
  #reloading: Promise<ReloadReport | undefined> = Promise.resolve(undefined);
  #end: (status: ExitStatus) => void = () => undefined;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.#holding = { config: parts.config, users: parts.loaded.usable?.users.byName.size ?? 0 };
    this.#logLevel = parts.config.logLevel;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    parts.lifecycle.serve((action) => this.#act(action));
    parts.checks.follow(() => this.readiness);
    const { server, log, lasting } = parts;
    this.#following = new Following({
      server,
      log,
      planFor: (...asked) => parts.covers.planFor(...asked),
      isHere: (ip) => lasting.own.delivers(ip),
      isServing: () => this.state === 'serving',
    });
    this.#following.follow(parts.config.listen, parts.standing.steady);
  }

  get state(): string {
    return this.#parts.lifecycle.state;
  }

  get stateFailure(): string | undefined {
    return this.#parts.state.failure;
  }

  get users(): number {
    return this.#holding.users;
  }

  get logLevel(): LogLevel {
    return this.#logLevel;
  }

  get lastReload(): ReloadReport | undefined {
    return this.#lastReload;
  }

  get banAllow(): readonly Cidr[] {
    return this.#holding.config.banAllow;
  }

  get configVersion(): string | undefined {
    return this.#holding.config.configVersion;
  }

  reload(): Promise<ReloadReport | undefined> {
    if (this.state !== 'serving') return Promise.resolve(undefined);
    this.#parts.lifecycle.happen('reload');
    return this.#reloading;
  }

  /** The first half of a reload that a parent leads; or why the configuration cannot be taken. */
  async prepare(): Promise<Prepared | string> {
    const prepared = await prepare({ ...this.#parts, following: this.#following }, this.#holding);
    if (!('commit' in prepared)) return prepared.report.problems.at(-1)?.replace(UNCHANGED, '') ?? 'unknown';
    return { ...prepared, commit: () => this.#hold(prepared.commit()) };
  }

  get drainMs(): number {
    return this.#holding.config.drainMs;
  }

  get readiness(): Readiness {
    if (this.state !== 'serving') return 'draining';
    return this.#parts.lifecycle.isLeaving ? 'leaving' : 'serving';
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
    // The heir has the same name there.
    void this.#parts.fleet?.close();
    this.drain();
  }

  setLogLevel(level: LogLevel): void {
    this.#logLevel = level;
    this.#parts.log.configure(level, this.#holding.config.logFormat);
  }

  #act(action: DaemonAction): void {
    const { server, log, counters } = this.#parts;
    switch (action) {
      case 'reload':
        this.#reloading = this.#reloading.then(() => this.#reload());
        return;
      case 'dump':
        dumpSessions(server, counters, log);
        return;
      case 'drain':
        void this.#drain();
        return;
      case 'cut':
        log.write('notice', 'cutting', { sessions: server.registry.size });
        server.cut();
        return;
      case 'exit':
        void this.#exit();
    }
  }

  async #reload(): Promise<ReloadReport> {
    this.#parts.supervision.reloading();
    this.#parts.books.reopen(this.#parts.log);
    const { report } = this.#hold(
      await reload({ ...this.#parts, following: this.#following }, this.#holding),
    );
    await this.#parts.state.save();
    this.#parts.supervision.ready();
    return report;
  }

  #hold(reloaded: Reloaded): Reloaded {
    const { report, ...holding } = reloaded;
    this.#holding = holding;
    this.#lastReload = report;
    this.reloads[report.reloaded ? 'ok' : 'failed'] += 1;
    if (!report.reloaded) return reloaded;
    this.#logLevel = holding.config.logLevel;
    this.configuredAtMs = Date.now();
    this.#parts.books.follow(holding.config);
    this.#parts.fleet?.follow(holding.config);
    return reloaded;
  }

  async #drain(): Promise<void> {
    const { server, log, lifecycle, supervision, checks } = this.#parts;
    // The heir answers from now on.
    if (this.#lastSave !== undefined) checks.leave();
    await this.#reloading;
    this.#following.stop();
    if (this.#lastSave === undefined) supervision.stopping();
    const { drainMs } = this.#holding.config;
    log.write('notice', 'draining', { sessions: server.registry.size, seconds: drainMs / 1000 });
    await server.stop(drainMs);
    lifecycle.happen('drained');
  }

  async #exit(): Promise<void> {
    const { server, log, counters, refusals, lasting, state, checks } = this.#parts;
    await this.#parts.fleet?.close();
    await (this.#lastSave ?? state.close());
    const left = [
      this.#parts.releasePidFile(),
      this.#parts.control.release(),
      ...server.filesLeft.map((place) => `left the socket ${place}, which the next start replaces`),
    ].filter((each) => each !== undefined);
    refusals.tell();
    log.write(
      'notice',
      'stopped',
      { sessions: counters.totals.accepted },
      left.length === 0 ? undefined : left.join('; '),
    );
    checks.leave();
    await this.#parts.books.close(LOG_DRAIN_MS);
    lasting.tickets?.close();
    await lasting.checker.close();
    this.#parts.asked.close();
    await log.drain(LOG_DRAIN_MS);
    await log.close();
    this.#end(EXIT.OK);
  }
}
