// Records to the local system log through a child: logger(1) of util-linux, for hosts where no datagram socket of
// our own exists. What it does was tried with 2.38:
// - `--stderr` makes it repeat each record on its standard error after it has sent it. That is our receipt: what
//   has none when logger dies is handed to the next one, so that a restart of the log daemon loses nothing;
// - `--socket-errors=on` makes it end when no log daemon listens. Without that, it drops records and says nothing;
// - it ends at the end of its standard input, hence with us; a stalled log daemon blocks it, never us;
// - lines above --size are split, so that stands far above our longest;
// - --id puts our pid into the record; as root it also claims it in the credentials that journald reads.
// It runs as the account that the daemon drops to: no root process reads input that clients can shape.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Warn } from '../lines/line.ts';
import { Outage } from '../lines/outage.ts';
import { awayWarning, type Sent, type SyslogSender } from './syslogsender.ts';

/** The socket, program name and account of the child. */
export interface LoggerChoice {
  /** Path of the log daemon's socket. */
  readonly path: string;
  readonly ident: string;
  readonly pid: number;
  /** Account of the child, where this process may choose (root). */
  readonly runAs: { readonly uid: number; readonly gid: number } | undefined;
}

/** Most records without receipt. More stay in the queue, where they are counted. */
const MAX_UNCONFIRMED = 64;

/** How long logger may take to send what it still has, at close. */
const CLOSE_MS = 1000;

/** Starts logger. `wake` is called when there is room again. Rejects where logger cannot be run (ENOENT). */
export async function openLoggerSender(
  choice: LoggerChoice,
  wake: () => void,
  warn: Warn,
): Promise<SyslogSender> {
  const sender = new LoggerSender(choice, wake, warn);
  await sender.start();
  return sender;
}

type LoggerChild = ChildProcessByStdio<Writable, null, Readable>;

class LoggerSender implements SyslogSender {
  readonly #choice: LoggerChoice;
  readonly #wake: () => void;
  readonly #warn: Warn;
  readonly #outage = new Outage();
  #child: LoggerChild | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unconfirmed: string[] = [];
  #waiting: (() => void)[] = [];
  #closing = false;

  constructor(choice: LoggerChoice, wake: () => void, warn: Warn) {
    this.#choice = choice;
    this.#wake = wake;
    this.#warn = warn;
  }

  send(priority: number, text: string): Sent {
    if (this.#child === undefined) return 'gone';
    if (this.#unconfirmed.length >= MAX_UNCONFIRMED) return 'full';
    const line = `<${priority}>${text}\n`;
    this.#unconfirmed.push(line);
    this.#child.stdin.write(line);
    return 'sent';
  }

  drained(): Promise<void> {
    if (this.#unconfirmed.length === 0) return Promise.resolve();
    return new Promise((settle) => this.#waiting.push(settle));
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    child.stdin.end();
    await new Promise<void>((settle) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        settle();
      }, CLOSE_MS);
      child.once('close', () => {
        clearTimeout(timer);
        settle();
      });
    });
  }

  /** Settles when the child runs, or the socket is missing and a later attempt is under way. */
  async start(): Promise<void> {
    if (!existsSync(this.#choice.path)) {
      this.#failed('no such socket');
      return;
    }
    const { runAs } = this.#choice;
    const child = spawn('logger', loggerArguments(this.#choice), {
      stdio: ['pipe', 'ignore', 'pipe'],
      cwd: '/',
      detached: true, // ^C in a terminal is for the daemon, whose last records still have to pass
      uid: runAs?.uid,
      gid: runAs?.gid,
    });
    await new Promise((settle, fail) => child.once('spawn', settle).once('error', fail));
    this.#adopt(child);
  }

  #adopt(child: LoggerChild): void {
    let complaint = 'logger ended';
    child.on('error', () => undefined); // a signal that may not be sent; 'close' follows all the same
    child.stdin.on('error', () => undefined); // EPIPE; 'close' follows
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.startsWith('<')) this.#confirmed();
      else complaint = line;
    });
    child.once('close', () => this.#failed(complaint));
    if (this.#closing) {
      child.stdin.end();
      return;
    }
    this.#child = child;
    for (const line of this.#unconfirmed) child.stdin.write(line);
    this.#wake();
  }

  #confirmed(): void {
    this.#outage.over();
    this.#unconfirmed.shift();
    if (this.#unconfirmed.length === MAX_UNCONFIRMED / 2) this.#wake();
    if (this.#unconfirmed.length > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const settle of waiting) settle();
    this.#wake();
  }

  #failed(why: string): void {
    this.#child = undefined;
    if (this.#closing) return;
    const { waitMs, isFirst } = this.#outage.failed();
    if (isFirst) this.#warn(awayWarning(this.#choice.path, why));
    this.#timer = setTimeout(() => void this.#startAgain(), waitMs).unref();
  }

  async #startAgain(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      this.#failed((error as Error).message);
    }
  }
}

function loggerArguments(choice: LoggerChoice): string[] {
  return [
    `--socket=${choice.path}`,
    '--socket-errors=on',
    '--prio-prefix',
    `--tag=${choice.ident}`,
    `--id=${choice.pid}`,
    '--size=8192',
    '--stderr',
  ];
}
