// One house, many clients at once, and afterwards a look at what they left behind.
import { setMaxListeners } from 'node:events';
import { play, type Played } from './client.ts';
import { startControl, visit, within } from './control.ts';
import type { Finding, FindingKind } from './finding.ts';
import { openHouse, type House } from './house.ts';
import { judge, LOST } from './judge.ts';
import { excessOver, measureLevel, type Level } from './level.ts';
import { onceThereIsRoom } from './machine.ts';
import type { Script } from './script.ts';
import type { Tally } from './tally.ts';

const CLIENTS = 64;
const WARM_UP_VISITS = 8;

/** How long a server may take. */
export interface Patience {
  /** To end any session, and to forget it. */
  readonly sessionMs: number;
  /** To give back descriptors, and to close. */
  readonly settleMs: number;
}

/** Plays `scripts` until there are no more or something is found, each in turn by the next client that is free. */
export async function siege(
  transport: string,
  scripts: Iterator<Script>,
  tally: Tally,
  patience: Patience,
): Promise<Finding | undefined> {
  const house = await openHouse(transport);
  const course = new Siege(house, tally, patience);
  const stopWatching = watchCrashes((error) => course.add('crash', describe(error), course.live()));
  try {
    await course.warmUp();
    const start = measureLevel();
    if (course.finding === undefined) await course.run(scripts);
    if (course.finding === undefined) await course.inspect(start);
    await within(patience.settleMs, house.close()).catch(() =>
      course.add('stuck', 'it does not close', course.played),
    );
  } finally {
    stopWatching();
  }
  return course.finding;
}

class Siege {
  finding: Finding | undefined;
  readonly played: Script[] = [];
  readonly #house: House;
  readonly #tally: Tally;
  readonly #patience: Patience;
  readonly #live = new Set<Script>();
  /** Something was found: all clients go home. */
  readonly #over = new AbortController();

  constructor(house: House, tally: Tally, patience: Patience) {
    this.#house = house;
    this.#tally = tally;
    this.#patience = patience;
    setMaxListeners(CLIENTS, this.#over.signal);
  }

  live(): readonly Script[] {
    return [...this.#live];
  }

  /** Of what one finding brings with it, only that one counts. */
  add(kind: FindingKind, what: string, suspects: readonly Script[]): void {
    if (this.finding !== undefined) return;
    this.finding = { kind, what, transport: this.#house.transport, suspects };
    this.#over.abort();
  }

  /** Opens what is opened once only. */
  async warmUp(): Promise<void> {
    for (let visits = 0; visits < WARM_UP_VISITS && this.finding === undefined; visits++) {
      await within(this.#patience.sessionMs, visit(this.#house)).catch((error: unknown) =>
        this.add(
          'control',
          `nobody but an honest client is there, and it is not served: ${describe(error)}`,
          [],
        ),
      );
    }
  }

  async run(scripts: Iterator<Script>): Promise<void> {
    const control = startControl(
      this.#house,
      (milliseconds) => this.#tally.control(milliseconds),
      (why) => this.add('control', `an honest client was not served: ${why}`, this.live()),
    );
    await Promise.all(Array.from({ length: CLIENTS }, () => this.#playAll(scripts)));
    await control.stop();
  }

  /** Once nobody is there any more. */
  async inspect(start: Level): Promise<void> {
    const { registry } = this.#house.server;
    await within(this.#patience.sessionMs, registry.emptied()).catch(() =>
      this.add('stuck', `${registry.size} sessions are in the registry, and nobody is there`, this.played),
    );
    this.#house.forgetNames();
    const excess = await excessOver(start, this.#patience.settleMs);
    if (excess !== undefined) this.add('leak', excess, this.played);
    this.#noteTrespass(this.played);
  }

  async #playAll(scripts: Iterator<Script>): Promise<void> {
    for (let next = scripts.next(); next.done !== true; next = scripts.next()) {
      await this.#play(next.value);
      if (this.#over.signal.aborted) return;
    }
  }

  async #play(script: Script): Promise<void> {
    this.#live.add(script);
    this.played.push(script);
    const { port, ports } = this.#house;
    const errand = { port, ports, limitMs: this.#patience.sessionMs, over: this.#over.signal };
    const played = await onceThereIsRoom(() => play(script, errand));
    const { outcome, breach } = judge(played, ports);
    this.#tally.session(played, outcome);
    if (breach !== undefined && !(await this.#isExcused(breach, played))) {
      const answer = played.answer.subarray(0, 64).toString('hex') || 'none';
      this.add('answer', `${breach} (answer ${answer}, ending ${played.ending})`, [script]);
    }
    this.#noteTrespass(this.live());
    this.#live.delete(script);
  }

  #noteTrespass(suspects: readonly Script[]): void {
    const [trespass] = this.#house.trespasses.splice(0);
    if (trespass !== undefined) this.add('trespass', trespass, suspects);
  }

  /** On a busy machine the limits of a relay, short as they are, come before the last bytes. */
  async #isExcused(breach: string, { clientPort }: Played): Promise<boolean> {
    if (breach !== LOST) return false;
    const ended = within(this.#patience.sessionMs, this.#house.whenEnded(clientPort));
    const endedBy = await ended.catch(() => undefined);
    return endedBy === 'idle-timeout' || endedBy === 'half-closed-timeout';
  }
}

/** Errors that nobody caught go to `onCrash` instead of ending the process; returns the way back. */
function watchCrashes(onCrash: (error: unknown) => void): () => void {
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  return () => {
    process.off('uncaughtException', onCrash);
    process.off('unhandledRejection', onCrash);
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
