// Columns of text, with words that clients chose made safe for a terminal.
import { quoteText } from '../../observe/lines/quote.ts';

interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

export type Columns<Row> = readonly Column<Row>[];

/** A title line and one line for each row, without line ends. */
export function formatTable<Row>(columns: Columns<Row>, rows: readonly Row[]): string[] {
  const texts = columns.map(({ title, cell }) => [title, ...rows.map(cell)]);
  const widths = texts.map((column) => column.reduce((most, text) => Math.max(most, text.length), 0));
  return ['', ...rows].map((_row, line) =>
    columns
      .map(({ align }, at) => {
        const text = texts[at]?.[line] ?? '';
        return align === 'left' ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0);
      })
      .join('  ')
      .trimEnd(),
  );
}

const PLAIN = /^[\w.:/@+,%[\]*~-]+$/;
const MAX_SHOWN_BYTES = 200;

/** As the log writes values: anything unusual stands in quotes, with escapes for what a terminal could obey. */
export function shown(text: string): string {
  return PLAIN.test(text) ? text : quoteText(text, MAX_SHOWN_BYTES).text;
}
