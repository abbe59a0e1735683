// The parts of docs/clients.md that come from the rows: the matrix, and what is typed for each client. scripts/render.ts writes them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ABILITIES, type Ability, type Check, type Client } from './client.ts';
import { CLIENTS } from './clients.ts';
import { PROGRAMS } from './programs.ts';

export const DOCUMENT = { path: 'docs/clients.md', render };

/** Both parts stand between comments of their name. */
function render(current: string): string {
  const parts = { matrix: renderMatrix(), settings: CLIENTS.map(renderClient).join('\n') };
  return Object.entries(parts).reduce((page, [name, text]) => {
    const [start, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->\n`];
    const [from, to] = [page.indexOf(start), page.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${DOCUMENT.path}: the comments around ${name} are missing`);
    return `${page.slice(0, from + start.length)}\n${text}\n${page.slice(to)}`;
  }, current);
}

function renderMatrix(): string {
  const rows = CLIENTS.map(({ name, checks }) => [
    `[${name}](#${anchorOf(name)})`,
    ...ABILITIES.map((ability) => (checks[ability] === undefined ? '' : 'yes')),
  ]);
  const heads = ['client', 'TCP by name', 'by address', 'IPv6', 'login', 'UDP', 'BIND'];
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/** What an ability needs that the lines before do not have. */
const TOLD: readonly (readonly [Ability, string])[] = [
  ['name', ''],
  ['address', ''],
  ['login', 'With a login:'],
  ['udp', 'UDP:'],
  ['bind', 'BIND:'],
];

function renderClient(client: Client): string {
  const needs = [...(client.needs.apt ?? []), ...(client.needs.npm ?? [])].map((name) => `\`${name}\``);
  const paragraphs = [
    `### ${client.name}`,
    [...(client.notes ?? []), `Packages: ${needs.join(', ')}.`].join(' '),
  ];
  const shown = new Set<string>();
  for (const [ability, heading] of TOLD) {
    const check = client.checks[ability];
    // An address in the place of a name is nothing new.
    if (check === undefined || (ability === 'address' && client.checks.name !== undefined)) continue;
    const blocks = blocksOf(client, check).filter((block) => !shown.has(block));
    for (const block of blocks) shown.add(block);
    paragraphs.push(...(heading === '' || blocks.length === 0 ? [] : [heading]), ...blocks);
  }
  return `${paragraphs.join('\n\n')}\n`;
}

/** Files that are typed once, then the lines. */
function blocksOf(client: Client, check: Check): string[] {
  const lines = [check.service?.line, check.isProbe === true ? undefined : check.line];
  const typed = lines.filter((line) => line !== undefined).join('\n');
  const programs = (client.programs ?? []).filter((name) => typed.includes(name));
  const files = [
    ...Object.entries({ ...client.files, ...check.files }),
    ...programs.map((name) => [name, readFileSync(join(PROGRAMS, name), 'utf8')] as const),
  ];
  const shown = files.map(([name, text]) => `\`${name}\`:\n\n${fence(text)}`);
  return typed === '' ? shown : [...shown, fence(typed)];
}

function fence(text: string): string {
  return `\`\`\`\n${text.replace(/\n$/, '')}\n\`\`\``;
}
