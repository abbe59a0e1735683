// The sources of users that the configuration in force names. Their modules are loaded when one is named.
import type { ChainParts } from '../../auth/sources/chain.ts';
import type { LoginSource, SourceLog, SourceStatus } from '../../auth/sources/source.ts';
import type { Config } from '../../config/model/config.ts';
import { askedOf } from '../../config/values/authsource.ts';
import type { Log } from '../../observe/log.ts';
import type { CheckLogin } from '../../session/session.ts';
import type { Usable } from '../host/load.ts';
import type { AskedUsers } from '../host/snapshot.ts';
import type { SourceChecks } from './checks.ts';
import type { Means, Moment, OpenSource } from './sources.ts';

/** Modules that only such a configuration needs. */
interface Parts {
  readonly openSource: OpenSource;
  readonly checks: SourceChecks;
}

export class Asked implements AskedUsers {
  readonly #log: SourceLog;
  readonly #childrenOf: Means['childrenOf'];
  readonly #sources = new Map<string, LoginSource>();
  #parts: Parts | undefined;
  #inForce: readonly LoginSource[] = [];

  constructor(log: Pick<Log, 'write'>, childrenOf?: Means['childrenOf']) {
    this.#childrenOf = childrenOf;
    this.#log = {
      changed: (source, state, why) =>
        log.write(state === 'up' ? 'notice' : 'warn', `source-${state}`, { source }, why),
      said: (source, line) => log.write('notice', 'source-said', { source }, line),
    };
  }

  /** Opens what is new. Rejects with StartFailure, and then nothing has changed but what could be opened. */
  async follow(config: Config, moment: Moment): Promise<void> {
    const asked = askedOf(config.auth);
    if (asked.length === 0) return;
    this.#parts ??= await loadParts();
    for (const source of asked) {
      if (this.#sources.has(source.text)) continue;
      const means = { moment, childrenOf: this.#childrenOf };
      this.#sources.set(source.text, await this.#parts.openSource(source, config, this.#log, means));
    }
  }

  /** Prepares each source for its first question; a failure goes to the log. */
  warm(): void {
    for (const source of this.#sources.values()) void source.prove();
  }

  /** A sentence for each source that fails when it is tried. */
  async prove(): Promise<readonly string[]> {
    const told = await Promise.all(
      [...this.#sources.values()].map(async (source) => {
        const why = await source.prove();
        return why === undefined ? [] : [`auth = ${source.name} fails: ${why}`];
      }),
    );
    return told.flat();
  }

  /** undefined: all users are in files. */
  checkFor({ config, users }: Usable, checker: ChainParts['checker']): CheckLogin | undefined {
    this.#inForce = askedOf(config.auth).flatMap(({ text }) => this.#sources.get(text) ?? []);
    if (this.#parts === undefined || this.#inForce.length === 0) return undefined;
    const sourceOf = (text: string): LoginSource | undefined => this.#sources.get(text);
    return this.#parts.checks.checkBy({ config, users, checker, sourceOf });
  }

  /** The status of the sources in force; undefined: there are none. */
  statuses(): readonly SourceStatus[] | undefined {
    return this.#inForce.length === 0 ? undefined : this.#inForce.map((source) => source.status());
  }

  close(): void {
    for (const source of this.#sources.values()) source.close();
  }
}

async function loadParts(): Promise<Parts> {
  const { openSource } = await import('./sources.ts');
  const { SourceChecks } = await import('./checks.ts');
  return { openSource, checks: new SourceChecks() };
}
