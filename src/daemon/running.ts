// A daemon that serves: what each action of the lifecycle does.
import type { Config } from '../config/config.ts';
import { dumpSessions } from './dump.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import type { RunningParts } from './launch.ts';
import type { DaemonAction } from './lifecycle.ts';
import { reload } from './reload.ts';

/** Time for the last records to reach their reader. */
const LOG_DRAIN_MS = 1000;

export class Running {
  readonly ended: Promise<ExitStatus>;
  readonly #parts: RunningParts;
  #config: Config;
  #reloading: Promise<void> = Promise.resolve();
  #end: (status: ExitStatus) => void = () => undefined;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.#config = parts.config;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    parts.lifecycle.serve((action) => this.#act(action));
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
        server.registry.cutAll();
        return;
      case 'exit':
        void this.#exit();
    }
  }

  async #reload(): Promise<void> {
    this.#config = await reload(this.#parts, this.#config);
  }

  async #drain(): Promise<void> {
    const { server, log, lifecycle, notify } = this.#parts;
    await this.#reloading;
    notify('STOPPING=1');
    log.write('notice', 'draining', { sessions: server.registry.size, seconds: this.#config.drainMs / 1000 });
    await server.stop(this.#config.drainMs);
    lifecycle.happen('drained');
  }

  async #exit(): Promise<void> {
    const { log, counters, lasting } = this.#parts;
    const left = this.#parts.releasePidFile();
    log.write('notice', 'stopped', { sessions: counters.accepted }, left);
    await lasting.checker.close();
    await log.drain(LOG_DRAIN_MS);
    await log.close();
    this.#end(EXIT.OK);
  }
}
