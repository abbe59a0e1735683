// --takeover, the side that comes: asks the daemon that runs for its listeners, serves on them, and tells it to retire.
// Until then nothing has changed for the old one, and when we end before, it goes on (handover.ts).
import { closeSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { formatEndpoint } from '../base/ip.ts';
import type { Config } from '../config/config.ts';
import { systemReason } from '../config/systemreason.ts';
import type { Addon } from '../net/addon.ts';
import { connectUnix, receiveDescriptors } from '../net/descriptors.ts';
import type { Server } from '../session/server.ts';
import { EXIT, StartFailure } from './exit.ts';
import {
  decodeTakeoverAnswer,
  encodeStep,
  type TakeoverAnswer,
  type TakeoverStep,
} from './takeovermessage.ts';
import type { Native } from './transport.ts';

/** For each answer of the old daemon: this one serves nobody yet while it waits. */
const PATIENCE_MS = 5000;

/** Names of listeners, far more than fit one message of descriptors. */
const MAX_ANSWER_BYTES = 65_536;

/** The daemon whose listeners we have. */
export interface Predecessor {
  readonly pid: number;
  /** `ADDRESS:PORT` of its listeners. */
  readonly listen: readonly string[];
  /** Serves on those of its listeners that are `wanted`. Rejects with StartFailure. */
  readonly inherit: (server: Server, wanted: readonly string[]) => Promise<void>;
  /** It stops accepting, drains and ends. A sentence where it did not say so. */
  readonly retire: () => Promise<string | undefined>;
}

/**
 * The daemon at the control socket of `config`, which has stopped to listen there; undefined where the configuration does
 * not ask for that, or, with a warning, where none runs. Throws StartFailure (71).
 */
export function findPredecessor(
  { takeover, control: path }: Config,
  { addon, reason }: Native,
  warn: (sentence: string) => void,
): Predecessor | undefined {
  if (!takeover) return undefined;
  if (addon === undefined) throw failure(`it needs the native addon to receive sockets, but ${reason}`);
  if (path === undefined) throw failure('it needs "control", the socket of the daemon that runs');
  const socket = connectTo(addon, path);
  if (socket !== undefined) return ask(addon, path, socket);
  warn(`takeover: no daemon runs at ${path}; starting as usual`);
  return undefined;
}

/** undefined: nobody is there. */
function connectTo(addon: Addon, path: string): number | undefined {
  try {
    return connectUnix(addon, path, PATIENCE_MS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw failure(`cannot ask the daemon at ${path}: ${systemReason(error)}`, error);
  }
}

function ask(addon: Addon, path: string, socket: number): Predecessor {
  const { line, descriptors } = attempt(`the daemon at ${path} does not answer`, () => {
    writeSync(socket, encodeStep('takeover'));
    return receiveLine(addon, socket);
  });
  const { pid, listen } = understand('takeover', path, line);
  if (listen.length !== descriptors.length) {
    throw failure(`the daemon at ${path} named ${listen.length} listeners and sent ${descriptors.length}`);
  }
  return {
    pid,
    listen,
    inherit: (server, wanted) => inherit(server, wanted, listen, descriptors),
    retire: () => retire(path, pid, socket),
  };
}

function receiveLine(addon: Addon, socket: number): { line: string; descriptors: readonly number[] } {
  const descriptors: number[] = [];
  let text = '';
  while (!text.endsWith('\n') && text.length < MAX_ANSWER_BYTES) {
    const piece = receiveDescriptors(addon, socket);
    if (piece.bytes.length === 0) break;
    descriptors.push(...piece.descriptors);
    text += Buffer.from(piece.bytes).toString('latin1');
  }
  return { line: text, descriptors };
}

/** The answer, or a StartFailure with the reason of the other side. */
function understand<Step extends TakeoverStep>(
  step: Step,
  path: string,
  line: string,
): Extract<TakeoverAnswer, { readonly command: Step }> {
  const parsed = decodeTakeoverAnswer(step, line.trim());
  if (parsed.kind === 'wrong') {
    throw failure(
      `cannot understand the daemon at ${path}: ${parsed.why}; is it an older version? Restart it instead`,
    );
  }
  if (!parsed.value.ok) throw failure(`the daemon at ${path} refuses: ${parsed.value.message}`);
  return parsed.value as Extract<TakeoverAnswer, { readonly command: Step }>;
}

async function inherit(
  server: Server,
  wanted: readonly string[],
  listen: readonly string[],
  descriptors: readonly number[],
): Promise<void> {
  for (const [at, descriptor] of descriptors.entries()) {
    const address = listen[at] ?? '';
    if (!wanted.includes(address)) {
      closeSync(descriptor);
      continue;
    }
    const why = await server.listenOn(descriptor).then(
      (bound) => (formatEndpoint(bound) === address ? undefined : `it is ${formatEndpoint(bound)}`),
      (error: unknown) => systemReason(error),
    );
    if (why !== undefined) throw failure(`cannot serve on the old daemon's listener ${address}: ${why}`);
  }
}

async function retire(path: string, pid: number, descriptor: number): Promise<string | undefined> {
  const socket = new Socket({ fd: descriptor });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on('error', () => undefined);
  try {
    socket.write(encodeStep('retire'));
    const lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]();
    const next = await lines.next();
    understand('retire', path, next.done === true ? '' : next.value);
    return undefined;
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return `the old daemon may still accept clients beside this one: ${error.message}; end it with "kill ${pid}"`;
  } finally {
    socket.destroy();
  }
}

function attempt<Result>(what: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw failure(`${what}: ${systemReason(error)}`, error);
  }
}

function failure(why: string, cause?: unknown): StartFailure {
  return new StartFailure(EXIT.OS_ERROR, `takeover: ${why}`, cause);
}
