// --takeover, the new process: asks the running daemon for its listeners, serves on them, and tells it to retire. Until then
// nothing has changed for the old one, and when we end before, it goes on (handover.ts). What it says is believed as far as the
// kernel and the pid file say the same: whoever answers may be an impostor, or no longer be what it was started as.
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config/model/config.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import {
  decodeTakeoverAnswer,
  encodeStep,
  isForNow,
  type TakeoverAnswer,
  type TakeoverStep,
} from '../../control/takeovermessage.ts';
import type { Addon } from '../../net/native/addon.ts';
import { connectUnix, receiveDescriptors, type ReceivedPiece } from '../../net/native/descriptors.ts';
import { draftOf } from '../../net/socketfile.ts';
import type { UnixAccount } from '../account/accounts.ts';
import type { Native } from '../host/transport.ts';
import { StartFailure } from '../unix/exit.ts';
import { Bequest, type Adopting, type LayersByAddress } from './bequest.ts';
import { findOwner } from './incumbent.ts';
import {
  attemptTakeover,
  takeoverFailure,
  INSTEAD,
  refuseImpostor,
  refuseSupervised,
  unable,
  type ExpectedPredecessor,
} from './takeovertrust.ts';

/** Wait for each answer of the old daemon; this one serves no clients meanwhile. */
const PATIENCE_MS = 5000;

/** Names of listeners, far more than fit one message of descriptors. */
const MAX_ANSWER_BYTES = 65_536;

/** Time for clients whose TCP handshake with an old listener was under way: the old daemon accepts them. */
const GRACE_MS = 1000;

/** The daemon whose listeners we have. */
export interface Predecessor {
  /** As the kernel says, and the pid file where there is one. */
  readonly pid: number;
  /** `ADDRESS:PORT` of its listeners. */
  readonly listen: readonly string[];
  /** Its control socket, listening; undefined where it sent none, as daemons of an older release do. */
  readonly control: number | undefined;
  /** Opens those of its listeners that are `wanted` anew, without serving on them. To be called as root. */
  readonly renew: (wanted: readonly string[]) => void;
  /** Serves on them. Rejects with StartFailure. */
  readonly inherit: (server: Adopting, covers: LayersByAddress) => Promise<void>;
  /** It stops accepting, drains and ends; none of its listeners is of use to it any more. A sentence about what went wrong. */
  readonly retire: () => Promise<string | undefined>;
}

/** The side that takes over: its addon, its account, and the outlet for its warnings. */
export interface Asker {
  readonly native: Native;
  readonly account: UnixAccount | undefined;
  readonly warn: (sentence: string) => void;
}

/**
 * The daemon at the control socket of `config`; undefined where the configuration does not ask for that, or, with a warning, where
 * none runs. Throws StartFailure (71).
 */
export function findPredecessor(config: Config, { native, account, warn }: Asker): Predecessor | undefined {
  const { takeover, control: path } = config;
  if (!takeover) return undefined;
  const { addon, reason } = native;
  if (addon === undefined) throw unable(`it needs the native addon to receive sockets, but ${reason}`);
  if (path === undefined) throw unable('it needs "control", the socket of the daemon that runs');
  const socket = connectTo(addon, path);
  if (socket !== undefined) return askPredecessor(addon, { path, pidFile: config.pidFile, account }, socket);
  const owner = config.pidFile === undefined ? undefined : findOwner(config.pidFile);
  if (owner !== undefined) {
    throw unable(`no daemon runs at ${path}, but process ${owner} does, says ${config.pidFile}; ${INSTEAD}`);
  }
  warn(`takeover: no daemon runs at ${path}; starting as usual`);
  return undefined;
}

/** undefined when no process listens there. */
function connectTo(addon: Addon, path: string): number | undefined {
  try {
    return connectUnix(addon, path, PATIENCE_MS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw unable(`cannot ask the daemon at ${path}: ${systemReason(error)}`, error);
  }
}

function askPredecessor(addon: Addon, expected: ExpectedPredecessor, socket: number): Predecessor {
  const { path } = expected;
  const { line, descriptors, sender } = attemptTakeover(`the daemon at ${path} does not answer`, () => {
    writeSync(socket, encodeStep('takeover'));
    return receiveLine(addon, socket);
  });
  // A refusal need not be authenticated: nothing is taken over then.
  const { pid, listen } = understand('takeover', path, line);
  refuseImpostor(expected, sender, pid);
  refuseSupervised(pid);
  const control = descriptors[listen.length];
  if (descriptors.length > listen.length + 1 || descriptors.length < listen.length) {
    throw takeoverFailure(
      `the daemon at ${path} named ${listen.length} listeners and sent ${descriptors.length}`,
    );
  }
  if (control !== undefined && addon.unixName(control) !== draftOf(path)) {
    throw takeoverFailure(`the daemon at ${path} sent another socket in the place of its control socket`);
  }
  const bequest = new Bequest(addon, listen, descriptors);
  return {
    pid,
    listen,
    control,
    renew: (wanted) => bequest.renew(wanted),
    inherit: (server, covers) => bequest.serve(server, covers),
    retire: async () => {
      await delay(GRACE_MS);
      const silent = await retire(path, pid, socket);
      return [silent, bequest.closeOff()].filter((each) => each !== undefined).join('; ') || undefined;
    },
  };
}

interface PredecessorAnswer {
  readonly line: string;
  readonly descriptors: readonly number[];
  /** The one process that sent all of it. */
  readonly sender: ReceivedPiece['sender'];
}

function receiveLine(addon: Addon, socket: number): PredecessorAnswer {
  const pieces: ReceivedPiece[] = [];
  let line = '';
  while (!line.endsWith('\n') && line.length < MAX_ANSWER_BYTES) {
    const piece = receiveDescriptors(addon, socket);
    if (piece.bytes.length === 0) break;
    pieces.push(piece);
    line += Buffer.from(piece.bytes).toString('latin1');
  }
  const sender = pieces[0]?.sender ?? NOBODY_KNOWN;
  const isOne = pieces.every((piece) => piece.sender.pid === sender.pid && piece.sender.uid === sender.uid);
  return {
    line,
    descriptors: pieces.flatMap((piece) => piece.descriptors),
    sender: isOne ? sender : NOBODY_KNOWN,
  };
}

/** The value of a kernel that does not tell the sender. */
const NOBODY_KNOWN: ReceivedPiece['sender'] = { pid: 0, uid: 0 };

/** The answer, or a StartFailure with the reason of the other side. */
function understand<Step extends TakeoverStep>(
  step: Step,
  path: string,
  line: string,
): Extract<TakeoverAnswer, { readonly command: Step }> {
  const parsed = decodeTakeoverAnswer(step, line.trim());
  if (parsed.kind === 'wrong') {
    throw unable(
      `cannot understand the daemon at ${path}: ${parsed.why}; is it an older version? Restart it instead`,
    );
  }
  if (!parsed.value.ok) {
    const give = isForNow(line) ? takeoverFailure : unable;
    throw give(`the daemon at ${path} refuses: ${parsed.value.message}`);
  }
  return parsed.value as Extract<TakeoverAnswer, { readonly command: Step }>;
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
    return `the old daemon may not have begun to end: ${error.message}; end it with "kill ${pid}"`;
  } finally {
    socket.destroy();
  }
}
