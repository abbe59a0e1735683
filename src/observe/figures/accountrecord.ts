// One record for accounts, and its two forms: a JSON object, or a row of CSV (RFC 4180). Both are one line of printable characters,
// whatever names clients have chosen.

/** `lost`: `count` records are missing here. */
export type RecordKind = 'start' | 'interim' | 'stop' | 'lost';

/** Fields in the order in which they stand; absent: unknown, or it does not apply. */
export interface AccountRecord {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly record: RecordKind;
  /** Unique, over restarts, too. */
  readonly session?: string | undefined;
  readonly client?: string | undefined;
  readonly user?: string | undefined;
  readonly group?: string | undefined;
  /** What a SOCKS4 client claims. */
  readonly userid?: string | undefined;
  readonly listener?: string | undefined;
  readonly command?: string | undefined;
  readonly dest?: string | undefined;
  readonly dialled?: string | undefined;
  readonly via?: string | undefined;
  readonly seconds?: number | undefined;
  /** Bytes since the start of the session. */
  readonly up?: number | undefined;
  readonly down?: number | undefined;
  /** Bytes since its last record: their sum over any records is what was moved in their time. */
  readonly moreUp?: number | undefined;
  readonly moreDown?: number | undefined;
  readonly why?: string | undefined;
  readonly count?: number | undefined;
}

const NUMBERS = ['seconds', 'up', 'down', 'moreUp', 'moreDown', 'count'] as const;
const COLUMNS = [
  ...([
    'time',
    'record',
    'session',
    'client',
    'user',
    'group',
    'userid',
    'listener',
    'command',
    'dest',
  ] as const),
  ...(['dialled', 'via', 'seconds', 'up', 'down', 'moreUp', 'moreDown', 'why', 'count'] as const),
] as const satisfies readonly (keyof AccountRecord)[];

export const CSV_TITLES = COLUMNS.join(',');

/** A control character, or one that ends a line or turns the direction of writing. */
const ODD = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

export function formatJsonRecord(record: AccountRecord): string {
  return JSON.stringify(record, COLUMNS as unknown as string[]).replaceAll(ODD, escaped);
}

/**
 * A value that a spreadsheet could read as a formula gets an apostrophe in front; so does one that begins with an
 * apostrophe.
 */
export function formatCsvRecord(record: AccountRecord): string {
  return COLUMNS.map((column) => formatCell(record[column])).join(',');
}

/** One value of a row. */
export function formatCell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = value.replaceAll('\\', '\\\\').replaceAll(ODD, escaped);
  const safe = /^['=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Each half of a pair by itself, as JSON has it. */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Reads a line of either form; `titles`: the row of titles; undefined: no record. Never throws. */
export function parseRecord(line: string): AccountRecord | 'titles' | undefined {
  if (line === CSV_TITLES) return 'titles';
  const found = line.startsWith('{') ? parseJson(line) : parseCsv(line);
  if (found === undefined || typeof found['time'] !== 'string' || typeof found['record'] !== 'string')
    return undefined;
  for (const name of NUMBERS) {
    const number = found[name];
    if (number !== undefined && !(typeof number === 'number' && Number.isFinite(number) && number >= 0))
      return undefined;
  }
  return found as unknown as AccountRecord;
}

function parseJson(line: string): Record<string, unknown> | undefined {
  try {
    const found: unknown = JSON.parse(line);
    return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const CELL = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

function parseCsv(line: string): Record<string, unknown> | undefined {
  const cells: string[] = [];
  for (let at = 0; ;) {
    CELL.lastIndex = at;
    const [whole, quoted, bare = '', end] = CELL.exec(line) ?? [];
    if (whole === undefined) return undefined;
    cells.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end === '') break;
    at += whole.length;
  }
  if (cells.length !== COLUMNS.length) return undefined;
  const known = COLUMNS.map((column, at) => [column, valueOf(column, cells[at] ?? '')] as const);
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

function valueOf(column: string, cell: string): string | number | undefined {
  if (cell === '') return undefined;
  if ((NUMBERS as readonly string[]).includes(column)) return Number(cell);
  const text = cell.startsWith("'") ? cell.slice(1) : cell;
  return text.replaceAll(/\\(?:\\|u([0-9a-f]{4}))/g, (_whole, hex?: string) =>
    hex === undefined ? '\\' : String.fromCharCode(parseInt(hex, 16)),
  );
}
