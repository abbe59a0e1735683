// The file etc/picosocks5.conf: every key, commented out, with what it does and its default.
import type { Option } from '../options/option.ts';
import { fileKeyOf, TOPICS } from '../options/options.ts';
import { defaultOf, plainText, wrap } from './prose.ts';

const WIDTH = 78;

const HEAD = `# Configuration of picosocks5; picosocks5.conf(5) tells all about it. The daemon
# reads it where it is started with -c and the name of this file.
#
# Every key stands here with its default, or with an example where there is none.
# To set one, take the # in front of it away. A comment needs a line of its own.
# "picosocks5 -c FILE --check" tells what is wrong with a file.
`;

const SECTIONS = `# -- Sections
#
# Rules for the users of one group, by the group field of their line in the file
# of users, and in [*] for users without a group and clients without a login. The
# rules of [user NAME] are asked before those of the group. A section goes on to
# the next header, so sections stand at the end of the file.
`;

const SECTION_EXAMPLE = `#[staff]
#network = 192.168.1.0/24

#[guests]
#base = staff
#request = !all:192.168.0.0/16,all:*
`;

/** The whole file. */
export function renderSample(): string {
  const topics = TOPICS.map(({ title, options }) => {
    const keys = options.filter(({ kind }) => kind !== 'base').flatMap(renderKey);
    return `# -- ${title}\n\n${keys.join('\n')}`;
  });
  const base = TOPICS.flatMap(({ options }) => options).filter(({ kind }) => kind === 'base');
  const sections = `${SECTIONS}${base.map(describeBase).join('')}\n${SECTION_EXAMPLE}`;
  return [HEAD, ...topics, sections].join('\n');
}

function renderKey(option: Option): string[] {
  const key = fileKeyOf(option);
  if (key === undefined || option.kind === 'alias') return [];
  const text = defaultOf(option) ?? option.example ?? '';
  return [`${commentedOut(plainText(option))}#${key} = ${text}\n`];
}

function describeBase(option: Option): string {
  return `#\n${commentedOut(`The key "${option.keyword}" ${lowerFirst(plainText(option))}`)}`;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function commentedOut(text: string): string {
  return wrap(text, WIDTH)
    .map((line) => `# ${line}\n`)
    .join('');
}
