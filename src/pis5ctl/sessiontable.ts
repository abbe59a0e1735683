// Sessions as lines of a table.
import type { SessionReport } from '../control/controlanswer.ts';
import { formatBytes, formatTime } from './drawing/amount.ts';
import { formatTable, shown, type Columns } from './drawing/table.ts';

/** Bytes per second since the last look. */
export interface TransferRate {
  readonly up: number;
  readonly down: number;
}

const WHO: Columns<SessionReport> = [
  { title: 'ID', align: 'right', cell: ({ id }) => String(id) },
  { title: 'CLIENT', align: 'left', cell: ({ client }) => shown(client) },
  { title: 'USER', align: 'left', cell: userCell },
  { title: 'CMD', align: 'left', cell: ({ command }) => shown(command ?? '-') },
  { title: 'AGE', align: 'right', cell: ({ seconds }) => formatTime(seconds) },
  { title: 'UP', align: 'right', cell: ({ up }) => formatBytes(up) },
  { title: 'DOWN', align: 'right', cell: ({ down }) => formatBytes(down) },
];

/** Last, because it may be long. */
const DESTINATION: Columns<SessionReport> = [
  { title: 'DESTINATION', align: 'left', cell: ({ dest }) => shown(dest ?? '-') },
];

/** With `rates` also how fast each one moves; sessions that it does not know are new. */
export function formatSessions(
  sessions: readonly SessionReport[],
  rates?: ReadonlyMap<number, TransferRate>,
): readonly string[] {
  const speed = rates === undefined ? [] : speedColumns(rates);
  return formatTable([...WHO, ...speed, ...DESTINATION], sessions);
}

function speedColumns(rates: ReadonlyMap<number, TransferRate>): Columns<SessionReport> {
  const cell = (rate: number | undefined): string => (rate === undefined ? '-' : formatBytes(rate));
  return [
    { title: 'UP/s', align: 'right', cell: ({ id }) => cell(rates.get(id)?.up) },
    { title: 'DOWN/s', align: 'right', cell: ({ id }) => cell(rates.get(id)?.down) },
  ];
}

/** A SOCKS4 user id proves nothing, so it stands in parentheses. */
function userCell({ user, userid }: SessionReport): string {
  if (user !== undefined) return shown(user);
  return userid === undefined ? '-' : `(${shown(userid)})`;
}
