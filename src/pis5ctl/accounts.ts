// `pis5ctl usage`: the bytes of the records for accounts, added up by party and by day or month of local time.
import { formatBytes } from './drawing/amount.ts';
import { readAccounts } from '../observe/figures/accountfiles.ts';
import { formatCell, type AccountRecord } from '../observe/figures/accountrecord.ts';
import { Pis5ctlFailure, STATUS } from './failure.ts';
import { formatTable, shown, type Columns } from './drawing/table.ts';

export const PARTIES = ['user', 'group', 'client', 'total'] as const;
export const PERIODS = ['day', 'month'] as const;

export interface UsageCommand {
  readonly party: (typeof PARTIES)[number];
  readonly period: (typeof PERIODS)[number];
  readonly file: string;
  readonly form: 'text' | 'csv';
}

interface Sum {
  readonly period: string;
  readonly party: string;
  /** That have ended in this period. */
  sessions: number;
  up: number;
  down: number;
}

/** Lines to print, and sentences for standard error. Rejects with Pis5ctlFailure. */
export async function sumUp(
  command: UsageCommand,
): Promise<{ readonly lines: readonly string[]; readonly notes: readonly string[] }> {
  const sums = new Map<string, Sum>();
  let lost = 0;
  const broken = await readAccounts(command.file, (record) => {
    if (record.record === 'lost') lost += record.count ?? 0;
    else add(sums, command, record);
  }).catch((error: unknown) => {
    throw new Pis5ctlFailure(STATUS.UNAVAILABLE, error instanceof Error ? error.message : String(error));
  });
  const rows = [...sums.values()].sort(
    (one, other) => compare(one.period, other.period) || other.up + other.down - one.up - one.down,
  );
  const notes = [
    ...(lost === 0 ? [] : [`${lost} records were lost (the disk was full), so the sums are too small`]),
    ...(broken === 0 ? [] : [`${broken} lines are no records, and do not count`]),
  ];
  return {
    lines: command.form === 'csv' ? csvOf(command, rows) : formatTable(columnsOf(command), rows),
    notes,
  };
}

function add(sums: Map<string, Sum>, { party, period }: UsageCommand, record: AccountRecord): void {
  const name = party === 'total' ? '' : nameOf(party, record);
  const when = localDay(new Date(record.time)).slice(0, period === 'day' ? 10 : 7);
  const key = `${when} ${name}`;
  const sum = sums.get(key) ?? { period: when, party: name, sessions: 0, up: 0, down: 0 };
  sum.up += record.moreUp ?? 0;
  sum.down += record.moreDown ?? 0;
  if (record.record === 'stop') sum.sessions += 1;
  sums.set(key, sum);
}

/** The client without its port, because it has many; empty: it is not known. */
function nameOf(party: 'user' | 'group' | 'client', record: AccountRecord): string {
  const name = record[party] ?? '';
  return party === 'client' ? name.replace(/^(\[.*\]|[^:]*):\d+$/, '$1').replace(/^\[(.*)\]$/, '$1') : name;
}

function columnsOf({ party, period }: UsageCommand): Columns<Sum> {
  return [
    { title: period, align: 'left', cell: (sum) => sum.period },
    ...(party === 'total'
      ? []
      : ([
          { title: party, align: 'left', cell: (sum: Sum) => (sum.party === '' ? '-' : shown(sum.party)) },
        ] as const)),
    { title: 'sessions', align: 'right', cell: (sum) => String(sum.sessions) },
    { title: 'up', align: 'right', cell: (sum) => formatBytes(sum.up) },
    { title: 'down', align: 'right', cell: (sum) => formatBytes(sum.down) },
    { title: 'bytes', align: 'right', cell: (sum) => String(sum.up + sum.down) },
  ];
}

/** Names as in the records: nothing that a spreadsheet would take for a formula. */
function csvOf({ party, period }: UsageCommand, rows: readonly Sum[]): readonly string[] {
  return [
    [period, party, 'sessions', 'up', 'down', 'bytes'].join(','),
    ...rows.map(({ period: when, party: name, sessions, up, down }) =>
      [when, formatCell(name), sessions, up, down, up + down].join(','),
    ),
  ];
}

function localDay(date: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
