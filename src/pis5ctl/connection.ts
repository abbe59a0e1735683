// A conversation with a daemon over its control socket.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { systemReason } from '../config/values/systemreason.ts';
import type { Parsed } from '../config/values/parsed.ts';
import { decodeAnswer, type AnswerTo, type ControlAnswer } from '../control/controlanswer.ts';
import {
  encodeControlRequest,
  type AskedRequest,
  type ControlCommand,
  type ControlRequest,
} from '../control/controlmessage.ts';
import { decodeFleetAnswer, type FleetAnswer } from '../control/fleetanswer.ts';
import { Pis5ctlFailure, STATUS, type Pis5ctlStatus } from './failure.ts';

/** How long a daemon may take; a reload looks names up. */
const PATIENCE_MS = { reload: 120_000, others: 10_000 } as const;

/** A request with the answer that belongs to it. */
export interface ControlReply<Command extends ControlCommand> {
  readonly answer: AnswerTo<Command>;
  /** The line as received, without its end. */
  readonly line: string;
}

const GONE = { done: true, value: undefined } as const;

export class Connection {
  readonly #path: string;
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor(path: string, socket: Socket) {
    this.#path = path;
    this.#socket = socket;
    this.#lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]();
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => undefined);
  }

  /** Rejects with a Failure where the daemon does not answer, refuses, or answers something else. */
  async ask<Request extends ControlRequest>(request: Request): Promise<ControlReply<Request['command']>> {
    const line = await this.#lineFor(request);
    const answer = this.#understood(decodeAnswer(request.command, line));
    return { answer: answer as AnswerTo<Request['command']>, line };
  }

  /** The same, put to all members of the fleet. */
  async askFleet(request: AskedRequest): Promise<{ readonly answer: FleetAnswer; readonly line: string }> {
    const line = await this.#lineFor({ ...request, fleet: true });
    return { answer: this.#understood(decodeFleetAnswer(request.command, line)), line };
  }

  async #lineFor(request: AskedRequest): Promise<string> {
    this.#socket.setTimeout(request.command === 'reload' ? PATIENCE_MS.reload : PATIENCE_MS.others);
    this.#socket.write(encodeControlRequest(request));
    // A daemon that ends with a question unread resets the connection.
    const next = await this.#lines.next().catch(() => GONE);
    if (next.done === true)
      throw new Pis5ctlFailure(
        STATUS.UNAVAILABLE,
        `the daemon at ${this.#path} has gone, or does not answer`,
      );
    return next.value;
  }

  #understood<Answer extends { readonly ok: true }>(
    parsed: Parsed<Answer | Extract<ControlAnswer, { ok: false }>>,
  ): Exclude<Answer, { ok: false }> {
    if (parsed.kind === 'wrong') {
      throw new Pis5ctlFailure(
        STATUS.PROTOCOL,
        `cannot understand the answer of ${this.#path}: ${parsed.why}; is it another version?`,
      );
    }
    if (!parsed.value.ok) throw refused(parsed.value.code, parsed.value.message);
    return parsed.value as Exclude<Answer, { ok: false }>;
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Rejects with a Failure that says what to do where no daemon listens at `path`. */
export async function openConnection(path: string): Promise<Connection> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw cannotConnect(path, error as NodeJS.ErrnoException);
  }
  return new Connection(path, socket);
}

function cannotConnect(path: string, error: NodeJS.ErrnoException): Pis5ctlFailure {
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    const why = `may not use ${path}: it is for root and the account of the daemon; try sudo pis5ctl`;
    return new Pis5ctlFailure(STATUS.NO_PERMISSION, why);
  }
  return new Pis5ctlFailure(
    STATUS.UNAVAILABLE,
    (NOBODY_THERE[error.code ?? ''] ?? cannot)(path, systemReason(error)),
  );
}

const NOBODY_THERE: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) =>
    `there is no control socket ${path}: start picosocks5 with "control = ${path}", or name its socket with --control`,
  ECONNREFUSED: (path) =>
    `nobody listens at ${path}: the daemon that made it has ended; start picosocks5 again`,
};

function cannot(path: string, reason: string): string {
  return `cannot connect to ${path}: ${reason}`;
}

const STATUS_OF_REFUSAL: Readonly<Record<string, Pis5ctlStatus>> = {
  busy: STATUS.TRY_LATER,
  'bad-request': STATUS.PROTOCOL,
};

function refused(code: string, message: string): Pis5ctlFailure {
  return new Pis5ctlFailure(STATUS_OF_REFUSAL[code] ?? STATUS.NOT_DONE, message);
}
