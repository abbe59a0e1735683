// Sources that are asked about users, as lines of a table.
import type { SourceStatus } from '../control/sourcestatus.ts';
import { formatTime } from './amount.ts';
import { formatTable, shown, type Columns } from './table.ts';

const COLUMNS: Columns<SourceStatus> = [
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
  return formatTable(COLUMNS, sources);
}
