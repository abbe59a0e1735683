// Ways through proxies, and sources that are asked about users, as lines of tables.
import type { WayStatus } from '../control/controlanswer.ts';
import type { SourceStatus } from '../control/sourcestatus.ts';
import { formatTime } from './drawing/amount.ts';
import { formatTable, shown, type Columns } from './drawing/table.ts';

const WAY_COLUMNS: Columns<WayStatus> = [
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
  return formatTable(WAY_COLUMNS, ways);
}

function failureCell({ failure }: WayStatus): string {
  if (failure === undefined) return '-';
  const { why, detail, secondsAgo } = failure;
  return `${formatTime(secondsAgo)} ago: ${shown(why)}${detail === undefined ? '' : `, ${shown(detail)}`}`;
}

const SOURCE_COLUMNS: Columns<SourceStatus> = [
  { title: 'SOURCE', align: 'left', cell: ({ name }) => shown(name) },
  { title: 'STATE', align: 'left', cell: ({ state }) => shown(state) },
  {
    title: 'FOR',
    align: 'right',
    cell: ({ seconds }) => (seconds === undefined ? '-' : formatTime(seconds)),
  },
  { title: 'ASKED', align: 'right', cell: ({ asked }) => String(asked) },
  { title: 'UNANSWERED', align: 'right', cell: ({ unanswered }) => String(unanswered) },
  { title: 'WAITING', align: 'right', cell: ({ waiting }) => String(waiting) },
  { title: 'WHY', align: 'left', cell: ({ detail }) => (detail === undefined ? '-' : shown(detail)) },
];

export function formatSources(sources: readonly SourceStatus[]): readonly string[] {
  return formatTable(SOURCE_COLUMNS, sources);
}
