// Configuration files as settings, each file in place of the setting that names it.
import { dirname } from 'node:path';
import type { Origin, Problem } from '../model/config.ts';
import { BY_KEY, BY_SECTION_KEY } from '../options/options.ts';
import type { ConfigEntry, Setting } from '../options/setting.ts';
import { splitRouteFile } from '../routes/routefile.ts';
import { locate, whyNoPath } from '../values/kinds.ts';
import { quote } from '../values/parsed.ts';
import { error, formatOrigin, warning } from '../values/problem.ts';
import { systemReason } from '../values/systemreason.ts';
import { parseIni, type IniLine } from './ini.ts';
import { doubtOfSection, whyUnknown } from './mistaken.ts';

/** Reads a whole text file; throws as node:fs does. */
export type ReadFile = (file: string) => string;

/** Files inside files inside files: more than this is a mistake. */
const MAX_DEPTH = 16;

/** State that all files of one configuration share. */
export interface Library {
  readonly readFile: ReadFile;
  /** Every file that was asked for, in order. */
  readonly files: Set<string>;
  readonly problems: Problem[];
}

/** Replaces `--config` and `include` by the contents of the files; `chain` holds the files being read. */
export function expandFiles(
  entries: readonly ConfigEntry[],
  library: Library,
  chain: readonly string[] = [],
): readonly ConfigEntry[] {
  return entries.flatMap((entry) =>
    entry.kind === 'setting' && entry.option.kind === 'include'
      ? expandFile(entry, entry.option.holds, library, chain)
      : [entry],
  );
}

function expandFile(
  setting: Setting,
  holds: 'settings' | 'routes',
  library: Library,
  chain: readonly string[],
): readonly ConfigEntry[] {
  const name = setting.text ?? '';
  const file = locate(name, setting.folder);
  const why = whyNoPath(name) ?? whyNotAgain(file, chain);
  if (why !== undefined) {
    library.problems.push(error(setting.origin, `${setting.written}: ${why}`));
    return [];
  }
  const text = readFileText(file, setting.origin, library);
  if (text === undefined) return [];
  if (holds === 'routes') return readRouteEntries(file, text);
  return expandFiles(readIniEntries(file, text, library), library, [...chain, file]);
}

function whyNotAgain(file: string, chain: readonly string[]): string | undefined {
  if (chain.includes(file)) return `${file} includes itself: ${[...chain, file].join(', then ')}`;
  return chain.length < MAX_DEPTH ? undefined : `files are nested deeper than ${MAX_DEPTH}`;
}

function readFileText(file: string, from: Origin, library: Library): string | undefined {
  library.files.add(file);
  try {
    return library.readFile(file);
  } catch (cause) {
    const asker = from.file === undefined ? '' : ` (included at ${formatOrigin(from)})`;
    library.problems.push(error({ file }, `cannot be read: ${systemReason(cause)}${asker}`));
    return undefined;
  }
}

/** Each line as the setting that it stands for. */
function readRouteEntries(file: string, text: string): readonly ConfigEntry[] {
  const option = BY_KEY.get('route');
  if (option === undefined) throw new TypeError('the option table has no route');
  return splitRouteFile(text).map((line): Setting => ({
    kind: 'setting',
    option,
    written: 'route',
    text: line.text,
    section: '',
    origin: { file, line: line.line },
    folder: dirname(file),
  }));
}

function readIniEntries(file: string, text: string, library: Library): readonly ConfigEntry[] {
  let section = '';
  return parseIni(text).flatMap((line): ConfigEntry[] => {
    const origin = { file, line: line.line };
    switch (line.kind) {
      case 'wrong':
        library.problems.push(error(origin, line.why));
        return [];
      case 'section': {
        section = line.name;
        const doubt = doubtOfSection(section);
        if (doubt !== undefined) library.problems.push(warning(origin, doubt));
        return [{ kind: 'section', name: section, origin }];
      }
      case 'setting':
        return readSetting(line, section, origin, library);
    }
  });
}

function readSetting(
  line: Extract<IniLine, { kind: 'setting' }>,
  section: string,
  origin: Origin & { readonly file: string },
  library: Library,
): Setting[] {
  const { keyword, value } = line;
  const option = (section === '' ? BY_KEY : BY_SECTION_KEY).get(keyword);
  if (option === undefined) {
    library.problems.push(error(origin, unknownKey(line, section)));
    return [];
  }
  const folder = dirname(origin.file);
  return [{ kind: 'setting', option, written: keyword, text: value, section, origin, folder }];
}

/** The key of a line that --convert writes for a statement that it could not convert. */
const LEFT_OVER = 'LEFT';

function unknownKey(line: Extract<IniLine, { kind: 'setting' }>, section: string): string {
  const { keyword } = line;
  if (keyword === LEFT_OVER)
    return 'here --convert has left something to you: do what the line says, and remove it';
  if (section !== '' && BY_KEY.has(keyword)) {
    return `${quote(keyword)} does not belong in section [${section}]; move it above the first section`;
  }
  if (BY_SECTION_KEY.has(keyword))
    return `${quote(keyword)} belongs in a section; outside every section is the base`;
  return whyUnknown(line, section === '' ? BY_KEY : BY_SECTION_KEY);
}
