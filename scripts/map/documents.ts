// The documents that map the sources: docs/files.md, whole, and the table of folders in docs/architecture.md.
import type { Document } from '../../src/config/documents/documents.ts';
import { FOLDERS, NATIVE_FOLDERS, type Folder } from './folders.ts';
import { foldersWithin, sentencesOf } from './sentences.ts';

export const MAPS: readonly Document[] = [
  { path: 'docs/files.md', render: renderFiles },
  { path: 'docs/architecture.md', render: renderFolders },
];

const OPENING = [
  '# Files\n',
  'Each source file in one sentence, which is the first one of the file itself; `make render` writes this page.',
  '[architecture.md](architecture.md) is the map.\n',
].join('\n');

function renderFiles(): string {
  const present = new Set([...foldersWithin('src'), ...foldersWithin('native')]);
  const places = [
    ...FOLDERS.map((folder) => ({ ...folder, name: folder.name === '.' ? 'src' : `src/${folder.name}` })),
    ...NATIVE_FOLDERS,
  ];
  return [OPENING, ...places.filter(({ name }) => present.has(name)).map(renderFolder)].join('\n');
}

function renderFolder({ name, about }: Folder): string {
  const rows = sentencesOf(name).map(
    ({ names, sentence = '' }) => `* ${names.map((each) => `\`${each}\``).join(', ')}: ${sentence}\n`,
  );
  return `## ${name}/\n\n${about}\n\n${rows.join('')}`;
}

const [START, END] = ['<!-- folders -->\n', '<!-- end of folders -->\n'];

function renderFolders(page: string): string {
  const [from, to] = [page.indexOf(START), page.indexOf(END)];
  if (from < 0 || to < from)
    throw new Error('docs/architecture.md: the comments around the folders are missing');
  const rows = FOLDERS.map(({ name, about, importers = [] }) => {
    const only = importers.map((each) => `\`${each}\``).join(', ');
    return `| \`${name}\` | ${about} | ${only} |\n`;
  });
  const head = '| folder | what it holds | imported only by |\n|---|---|---|\n';
  return `${page.slice(0, from + START.length)}\n${head}${rows.join('')}\n${page.slice(to)}`;
}
