// One picture of `pis5ctl top`, as lines for a screen of some size.
import type { DaemonStatus } from '../control/controlanswer.ts';
import type { SortKey } from '../control/controlmessage.ts';
import { formatBytes, formatMemory, formatTime } from './drawing/amount.ts';
import { sessionRates, totalRate, type RateLook } from './rates.ts';
import { formatSessions } from './sessiontable.ts';
import { sparkline, type Recent } from './drawing/sparkline.ts';
import { shown } from './drawing/table.ts';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

export interface TopView {
  readonly status: DaemonStatus;
  /** The number of sessions that match, listed or not. */
  readonly matching: number;
  readonly look: RateLook;
  readonly before: RateLook | undefined;
  readonly sort: SortKey;
  /** How many of the listed sessions stand above the first that is drawn; more than there are: the last ones are. */
  readonly above?: number;
  /** The looks before, and the bars that draw them; absent: they are not drawn. */
  readonly recent?: { readonly looks: Pick<Recent, 'bytes' | 'accepted'>; readonly bars: string };
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
export function drawFrame(view: TopView, { columns, rows }: Screen): readonly string[] {
  const { before, look } = view;
  const [title = '', ...table] = formatSessions(look.sessions, sessionRates(before, look));
  const sparks = view.recent && rows >= ROWS_FOR_SPARKS ? [sparksOf(view.recent, columns)] : [];
  const room = roomFor({ columns, rows }, view.recent === undefined ? 'left-out' : 'drawn');
  const above = within(view.above ?? 0, table.length, room);
  const drawn = table.slice(above, above + room);
  const lines = [...headOf(view), ...sparks, leftOut(view, above, drawn.length), title, ...drawn];
  return lines.slice(0, rows).map((line) => cutToColumns(line, columns));
}

/** Lines of a screen that sessions have. */
export function roomFor({ rows }: Screen, sparks: 'drawn' | 'left-out' = 'left-out'): number {
  const above = LINES_ABOVE + (sparks === 'drawn' && rows >= ROWS_FOR_SPARKS ? 1 : 0);
  return Math.max(1, rows - above);
}

/** On a smaller screen sessions have the line. */
const ROWS_FOR_SPARKS = 12;

/** As far as there is something to scroll: the last session is not drawn above the last line. */
export function within(above: number, sessions: number, room: number): number {
  return Math.max(0, Math.min(above, sessions - room));
}

/** Lines of the daemon, the omission and the titles. */
const LINES_ABOVE = 5;

/** The number of sessions left out, and how to see them; '' when there are none. */
function leftOut({ matching, look }: TopView, above: number, drawn: number): string {
  const listed = look.sessions.length;
  const below = listed - above - drawn;
  const unlisted = matching - listed;
  const parts = [
    above + below > 0 &&
      `${above + 1}-${above + drawn} of ${listed}: ${above} above, ${below} below (${SCROLL})`,
    unlisted > 0 && `${unlisted} more are not listed (--limit N)`,
  ];
  return parts.filter((part) => part !== false).join('; ');
}

const SCROLL = 'arrows, PgUp, PgDn, Home, End';

function headOf({ status, matching, before, look, sort }: TopView): readonly string[] {
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

/** Both halves of a line: what is drawn, and what it is now. */
function sparksOf({ looks, bars }: NonNullable<TopView['recent']>, columns: number): string {
  const bytes = `bytes/s ${formatBytes(looks.bytes.at(-1) ?? 0).padStart(5)} `;
  const accepted = `connections/s ${(looks.accepted.at(-1) ?? 0).toFixed(1).padStart(6)} `;
  const width = Math.floor((columns - bytes.length - accepted.length - 2) / 2);
  if (width < 4) return '';
  const drawn = sparkline(looks.bytes, width, bars).padEnd(width);
  return `${bytes}${drawn}  ${accepted}${sparkline(looks.accepted, width, bars)}`;
}

/** Between whole characters. */
function cutToColumns(line: string, columns: number): string {
  return line.length <= columns ? line : Array.from(line).slice(0, columns).join('');
}
