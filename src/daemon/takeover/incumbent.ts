// The daemon that runs with this configuration already, for --check: the ports and files that it holds do not keep the next one from starting.
import { once } from 'node:events';
import { closeSync, fstatSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Config } from '../../config/model/config.ts';
import { decodeAnswer, type DaemonStatus } from '../../control/controlanswer.ts';
import { encodeControlRequest } from '../../control/controlmessage.ts';
import { StartFailure } from '../unix/exit.ts';
import { isOwner, openOld, readPid } from '../unix/pidcontent.ts';

export interface Incumbent {
  readonly pids: ReadonlySet<number>;
  /** `ADDRESS:PORT` that it says it listens on. */
  readonly listen: readonly string[];
}

/** As the control socket, the pid file and systemd (`mainPid`) know it. */
export async function findIncumbent(
  { control, pidFile }: Pick<Config, 'control' | 'pidFile'>,
  mainPid = 0,
): Promise<Incumbent> {
  const status = control === undefined ? undefined : await askStatus(control);
  const named = pidFile === undefined ? undefined : findOwner(pidFile);
  const pids = [mainPid, status?.pid ?? 0, named ?? 0].filter((pid) => pid > 0);
  return { pids: new Set(pids), listen: status?.listen ?? [] };
}

/** The living process, other than this one, that made the pid file `path`; undefined when there is none. */
export function findOwner(path: string): number | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openOld(path);
    if (descriptor === undefined) return undefined;
    const stats = fstatSync(descriptor);
    const pid = readPid(path, descriptor, stats);
    return pid !== undefined && isOwner(pid, stats) ? pid : undefined;
  } catch (error) {
    // Errors of the file are reported when it is made.
    if (error instanceof StartFailure || 'code' in (error as object)) return undefined;
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const PATIENCE_MS = 2000;

/** undefined when no daemon of ours answers. */
async function askStatus(path: string): Promise<DaemonStatus | undefined> {
  const socket = connect(path);
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  // The wait for the next event sees the error.
  socket.on('error', () => undefined);
  try {
    await once(socket, 'connect');
    socket.write(encodeControlRequest({ command: 'status' }));
    const lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]();
    const next = await lines.next();
    const answer = next.done === true ? undefined : decodeAnswer('status', next.value);
    if (answer?.kind !== 'value' || !answer.value.ok || answer.value.command !== 'status') return undefined;
    return answer.value.status;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
