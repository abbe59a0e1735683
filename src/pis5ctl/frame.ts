// One picture of `pis5ctl top`, as lines for a screen of some size.
import type { Status } from '../daemon/controlanswer.ts';
import type { SortKey } from '../daemon/controlmessage.ts';
import { formatBytes, formatMemory, formatTime } from './amount.ts';
import { sessionRates, totalRate, type Look } from './rates.ts';
import { formatSessions } from './sessiontable.ts';
import { shown } from './table.ts';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

export interface View {
  readonly status: Status;
  /** All sessions that fit what was asked for, be they listed or not. */
  readonly matching: number;
  readonly look: Look;
  readonly before: Look | undefined;
  readonly sort: SortKey;
}

/** The keys that sort; the first letter, but for the user. */
export const SORT_OF_KEY: Readonly<Record<string, SortKey>> = {
  i: 'id',
  a: 'age',
  u: 'up',
  d: 'down',
  c: 'client',
  n: 'user',
};

const HELP = `sort by ${Object.entries(SORT_OF_KEY)
  .map(([key, name]) => `${key} ${name}`)
  .join(', ')}; q quits`;

/** Lines without ends, none longer and no more of them than the screen has room for. */
export function drawFrame(view: View, { columns, rows }: Screen): readonly string[] {
  const { before, look } = view;
  const table = formatSessions(look.sessions, sessionRates(before, look));
  return [...headOf(view), '', ...table].slice(0, rows).map((line) => cut(line, columns));
}

function headOf({ status, matching, before, look, sort }: View): readonly string[] {
  const { live, handshakes, descriptors, descriptorLimit } = status;
  const rate = totalRate(before, look);
  return [
    `picosocks5 ${shown(status.release)}, ${shown(status.state)} for ${formatTime(status.uptimeSeconds)}, ` +
      `${shown(status.transport)}, pid ${status.pid}`,
    `${live} sessions, ${handshakes} in the handshake; up ${formatBytes(rate.up)}/s, down ${formatBytes(rate.down)}/s; ` +
      `memory ${formatMemory(status.memoryBytes)}, descriptors ${descriptors ?? 'unknown'} of ${descriptorLimit ?? 'any number'}`,
    `${matching} shown by ${sort}; ${HELP}`,
  ];
}

/** Between whole characters. */
function cut(line: string, columns: number): string {
  return line.length <= columns ? line : Array.from(line).slice(0, columns).join('');
}
