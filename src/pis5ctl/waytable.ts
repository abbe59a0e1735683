// Ways through proxies as lines of a table.
import type { WayStatus } from '../control/controlanswer.ts';
import { formatTime } from './amount.ts';
import { formatTable, shown, type Columns } from './table.ts';

const COLUMNS: Columns<WayStatus> = [
  { title: 'WAY', align: 'left', cell: ({ via }) => shown(via) },
  { title: 'STATE', align: 'left', cell: ({ state }) => shown(state) },
  {
    title: 'FOR',
    align: 'right',
    cell: ({ seconds }) => (seconds === undefined ? '-' : formatTime(seconds)),
  },
  { title: 'SESSIONS', align: 'right', cell: ({ sessions }) => String(sessions) },
  { title: 'LAST FAILURE', align: 'left', cell: failureCell },
];

export function formatWays(ways: readonly WayStatus[]): readonly string[] {
  return formatTable(COLUMNS, ways);
}

function failureCell({ failure }: WayStatus): string {
  if (failure === undefined) return '-';
  const { why, detail, secondsAgo } = failure;
  return `${formatTime(secondsAgo)} ago: ${shown(why)}${detail === undefined ? '' : `, ${shown(detail)}`}`;
}
