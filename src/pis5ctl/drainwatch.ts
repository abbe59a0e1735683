// `pis5ctl drain` on a terminal, or with --wait: it stays until the daemon has ended. On a terminal one line is written again and
// again, elsewhere one now and then. Whoever has seen enough types Ctrl-C, and the drain goes on.
import { setTimeout as sleep } from 'node:timers/promises';
import { print } from '../daemon/unix/output.ts';
import type { AnswerTo, DaemonStatus } from '../control/controlanswer.ts';
import type { Connection } from './connection.ts';
import { endOf, looked, newDrainage, progressOf } from './drawing/drainage.ts';
import { Pis5ctlFailure, STATUS, type Pis5ctlStatus } from './failure.ts';
import { Progress } from '../daemon/unix/progress.ts';

const LOOK_MS = 500;

/** Settles when the daemon has ended. */
export async function watchDrain(
  connection: Pick<Connection, 'ask'>,
  answer: AnswerTo<'drain'>,
): Promise<Pis5ctlStatus> {
  const progress = new Progress(process.stdout, (text) => print('pis5ctl', text));
  const enough = new AbortController();
  process.once('SIGINT', () => enough.abort());
  let drainage = newDrainage(Date.now(), answer);
  while (!enough.signal.aborted) {
    progress.show(progressOf(drainage, Date.now(), clock));
    await sleep(LOOK_MS, undefined, { signal: enough.signal }).catch(() => undefined);
    const status = await statusOf(connection);
    if (status === undefined) {
      progress.end(endOf(drainage, Date.now()));
      return STATUS.OK;
    }
    drainage = looked(drainage, Date.now(), status.live);
  }
  progress.end(progressOf(drainage, Date.now(), clock));
  throw new Pis5ctlFailure(STATUS.INTERRUPTED, GOES_ON);
}

const GOES_ON = 'the drain goes on; "pis5ctl status" says how far it is';

/** undefined: the daemon has ended. */
async function statusOf(connection: Pick<Connection, 'ask'>): Promise<DaemonStatus | undefined> {
  try {
    return (await connection.ask({ command: 'status' })).answer.status;
  } catch (error) {
    if (error instanceof Pis5ctlFailure && error.status === STATUS.UNAVAILABLE) return undefined;
    throw error;
  }
}

function clock(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}
