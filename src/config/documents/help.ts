// The text of --help.
import { impliedBy, metavarOf, type Option } from '../options/option.ts';
import { TOPICS } from '../options/options.ts';
import { defaultOf, withoutMarks, wrap } from './prose.ts';

const COLUMN = 30;
const WIDTH = 80;

const USAGE = `Usage: picosocks5 [OPTION]... [ADDRESS[:PORT]]...

Serves SOCKS clients at each ADDRESS (by default *:1080). As root, start it with
-u USER, and it gives up its privileges once its sockets are open:

  picosocks5 -u nobody "*:1080"
`;

/** The whole text, with a newline at its end. */
export function renderHelp(): string {
  const topics = TOPICS.map(({ title, options }) => {
    const rows = options.filter(({ kind }) => kind !== 'base').flatMap(renderRow);
    return `\n${title}:\n${rows.join('\n')}\n`;
  });
  return `${USAGE}${topics.join('')}\nTIME is 15, 15s, 500ms or 5m. All about each: picosocks5(8), picosocks5.conf(5).\n`;
}

function renderRow(option: Option): string[] {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  const left = `  ${short}--${option.keyword}${valueSuffixOf(option)}`;
  const fallback = defaultOf(option);
  const text = withoutMarks(option.summary) + (fallback === undefined ? '' : ` [${fallback}]`);
  const right = wrap(text, WIDTH - COLUMN).map((line) => ' '.repeat(COLUMN) + line);
  if (left.length > COLUMN - 2) return [left, ...right];
  return [left.padEnd(COLUMN) + (right[0] ?? '').slice(COLUMN), ...right.slice(1)];
}

function valueSuffixOf(option: Option): string {
  const metavar = metavarOf(option);
  if (metavar === undefined) return '';
  return impliedBy(option) === undefined ? ` ${metavar}` : `[=${metavar}]`;
}
