// The option parts of the manuals, in mdoc(7).
import { impliedBy, metavarOf, type Option } from '../options/option.ts';
import { fileKeyOf, TOPICS } from '../options/options.ts';
import { defaultOf } from './prose.ts';

const BEGIN = '.\\" BEGIN of what "make render" writes from the option table\n';
const END = '.\\" END of what "make render" writes\n';

/** `page` with its rendered part written anew; throws where a marker is missing. */
export function replaceRendered(page: string, rendered: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new TypeError('the page lacks the markers of its rendered part');
  return page.slice(0, begin + BEGIN.length) + rendered + page.slice(end);
}

/** Options as they stand on the command line, for picosocks5(8). */
export function renderOptions(): string {
  return renderTopics((option) => (option.kind === 'base' ? undefined : argumentHead(option)));
}

/** Keys as they stand in a file, for picosocks5.conf(5). */
export function renderKeys(): string {
  return renderTopics((option) => {
    const key = fileKeyOf(option);
    return key === undefined ? undefined : `.It Cm ${key} No = Ar ${keyValue(option)}`;
  });
}

/** `head` gives the `.It` line; options without one are left out. */
function renderTopics(head: (option: Option) => string | undefined): string {
  return TOPICS.map(({ title, options }) => {
    const items = options.flatMap((option) => {
      const line = head(option);
      return line === undefined ? [] : [`${line}\n${body(option)}`];
    });
    return items.length === 0 ? '' : `.Ss ${title}\n.Bl -tag -width Ds\n${items.join('')}.El\n`;
  }).join('');
}

function keyValue(option: Option): string {
  const metavar = metavarOf(option);
  if (metavar === undefined) return 'yes | no';
  return impliedBy(option) === undefined ? metavar : `yes | no | ${metavar}`;
}

function argumentHead(option: Option): string {
  const metavar = metavarOf(option);
  if (metavar !== undefined && impliedBy(option) !== undefined) {
    return `.It Fl -${option.keyword} Ns Op = Ns Ar ${metavar}`;
  }
  const value = metavar === undefined ? '' : ` Ar ${metavar}`;
  const short = option.short === undefined ? '' : `Fl ${option.short}${value} , `;
  return `.It ${short}Fl -${option.keyword}${value}`;
}

/** One sentence a line, as mdoc wants it. */
function body(option: Option): string {
  const fallback = defaultOf(option);
  return [
    option.summary,
    option.details,
    fallback === undefined ? undefined : `The default is \`${fallback}\`.`,
    option.kind === 'setting' && option.reload === 'restart' ? 'A reload does not change it.' : undefined,
  ]
    .filter((part) => part !== undefined)
    .flatMap((part) => part.split(/(?<=\.) (?=[A-Z`0-9])/))
    .map((sentence) => `${roff(sentence)}\n`)
    .join('');
}

/** Escapes the special characters of roff(7), and sets text in backticks in bold. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replace(/^([.'])/, '\\&$1');
  return escaped.replace(/`([^`]*)`/g, (_, code: string) => `\\fB${code.replaceAll('-', '\\-')}\\fP`);
}
