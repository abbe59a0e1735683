// One worker process, from the side of the parent.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { packageRoot } from '../../base/packageroot.ts';
import type { Addon } from '../../net/native/addon.ts';
import { eachMeasure, type Totals } from '../../observe/measures.ts';
import { descriptorOf, sendDescriptors } from '../../net/native/descriptors.ts';
import { DESCRIPTOR_BYTE } from '../../control/takeovermessage.ts';
import { LineChannel } from '../workers/linechannel.ts';
import type { Hello, ParentMessage, Prepare } from '../workers/parentmessage.ts';
import { CHANNEL, DESCRIPTORS, WORKER_VARIABLE } from '../workers/station.ts';
import { decodeWorkerMessage, MAX_WORKER_LINE, type WorkerMessage } from '../workers/workermessage.ts';

/** Most bytes that wait for a worker that does not read; further facts are told when it reads again. */
const MOST_WAITING = 1_048_576;

/** For what stands in the channel of a worker that has ended. */
const LAST_WORDS_MS = 1000;

export interface HandEvents {
  readonly onMessage: (hand: Hand, message: WorkerMessage) => void;
  /** It has sent an invalid message, and is killed; `why` is for the log. */
  readonly onNonsense: (hand: Hand, why: string) => void;
  readonly onExit: (hand: Hand, status: number | string) => void;
}

export class Hand {
  readonly slot: number;
  readonly life: number;
  /** It has told that it can serve. */
  isReady = false;
  /** When it was heard last, by a monotonic clock. */
  heardAtMs: number;
  sessions = 0;
  /** Sums over its life, which never fall. */
  totals: Totals = eachMeasure(() => 0);
  /** It has missed facts, since it did not keep up. */
  isBehind = false;
  readonly #child: ChildProcess;
  readonly #channel: LineChannel;
  readonly #passing: Socket;
  /** Settles when it has said everything. */
  readonly #silence: Promise<void>;
  #onSilence: () => void = () => undefined;

  constructor(slot: number, life: number, nowMs: number, events: HandEvents) {
    this.slot = slot;
    this.life = life;
    this.heardAtMs = nowMs;
    this.#silence = new Promise((resolve) => (this.#onSilence = resolve));
    this.#child = startProcess();
    const [channel, passing] = [this.#child.stdio[CHANNEL], this.#child.stdio[DESCRIPTORS]];
    this.#passing = passing as Socket;
    this.#passing.on('error', () => undefined);
    this.#channel = new LineChannel(channel as Socket, {
      maxLine: MAX_WORKER_LINE,
      onLine: (line) => this.#take(line, events),
      onEnd: () => this.#onSilence(),
    });
    this.#child.once('exit', (code, signal) => void this.#end(code ?? signal ?? 'unknown', events));
    this.#child.once('error', (error) => events.onExit(this, error.message));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The member name of its facts. */
  get member(): string {
    return String(this.slot);
  }

  greet(hello: Hello): void {
    this.#channel.send(serialize(hello).toString('base64'));
  }

  tell(message: ParentMessage): void {
    this.#channel.send(JSON.stringify(message));
  }

  prepare(number: number, prepare: Prepare): void {
    this.tell({ kind: 'prepare', number, body: serialize(prepare).toString('base64') });
  }

  /** Sends a line of facts, unless the worker does not keep up; true when it was sent. */
  offer(line: string): boolean {
    if (this.isBehind || this.isFull) {
      this.isBehind = true;
      return false;
    }
    this.#channel.send(line);
    return true;
  }

  /** It has not read what it was told before. */
  get isFull(): boolean {
    return this.#channel.waiting > MOST_WAITING;
  }

  /** Whether it reads again. */
  get keepsUp(): boolean {
    return this.#channel.waiting === 0;
  }

  /** Passes a copy of a descriptor. Throws the system's error. */
  pass(addon: Addon, descriptor: number): void {
    const socket = descriptorOf(this.#passing);
    if (socket !== undefined) sendDescriptors(addon, socket, DESCRIPTOR_BYTE, [descriptor]);
  }

  /** Node knows whether it still runs, so the signal reaches this process or none. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** It has told so much so far. */
  hearTotals(totals: Totals): void {
    this.totals = eachMeasure((name) => Math.max(this.totals[name], totals[name]));
  }

  /** What it has said last is read before it counts as gone. */
  async #end(status: number | string, { onExit }: HandEvents): Promise<void> {
    const late = setTimeout(() => this.#onSilence(), LAST_WORDS_MS);
    await this.#silence;
    clearTimeout(late);
    onExit(this, status);
  }

  #take(line: string, { onMessage, onNonsense }: HandEvents): void {
    const read = decodeWorkerMessage(line);
    if (read.kind === 'value') onMessage(this, read.value);
    else onNonsense(this, read.why);
  }
}

/** It is born as the account that this process has become. */
function startProcess(): ChildProcess {
  const start = fileURLToPath(new URL('bin/start.cjs', packageRoot()));
  return spawn(process.execPath, [...process.execArgv, start, 'main'], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'],
    env: environment(),
    cwd: '/',
  });
}

/** Variables of systemd are for the parent alone. */
const OF_PARENT = /^(NOTIFY_SOCKET|WATCHDOG_USEC|WATCHDOG_PID|MAINPID|LISTEN_.*)$/;

function environment(): NodeJS.ProcessEnv {
  const passed = Object.entries(process.env).filter(([name]) => !OF_PARENT.test(name));
  return { ...Object.fromEntries(passed), [WORKER_VARIABLE]: String(process.pid) };
}
