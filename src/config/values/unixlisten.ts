// Listen addresses in the file system: `unix:/run/picosocks5/socks,mode=0660,group=www-data`.
import type { UnixSocket } from '../model/config.ts';
import { whyNoAbsolutePath } from './kinds.ts';
import { quote, value, wrong, type Parsed } from './parsed.ts';
import { didYouMean } from './suggest.ts';

/** sun_path of Linux (unix(7)) has 108 bytes with a NUL. A longer path is cut by some systems, without an error. */
export const MAX_UNIX_PATH_BYTES = 107;

const SCHEME = 'unix:';
const SETTINGS = ['mode', 'group'] as const;

/** Only the service account, and root. */
const DEFAULT_MODE = 0o600;

/** Whether a listen address is one of these. */
export function isUnixListen(text: string): boolean {
  return text.startsWith(SCHEME);
}

/** A path may have commas: only what looks like a setting behind the last ones is one. */
export function parseUnixListen(text: string): Parsed<UnixSocket> {
  const [, path = '', settings = ''] = /^unix:(.*?)((?:,[a-z-]+=[^,/]*)*)$/s.exec(text) ?? [];
  const why = whyNoSocketPath(path);
  if (why !== undefined) return wrong(why);
  const read: { mode: number; group: string | undefined } = { mode: DEFAULT_MODE, group: undefined };
  for (const setting of settings.split(',').slice(1)) {
    const equals = setting.indexOf('=');
    const [key, word] = [setting.slice(0, equals), setting.slice(equals + 1)];
    const mistake = readSetting(read, key, word);
    if (mistake !== undefined) return wrong(mistake);
  }
  return value({ kind: 'unix', path, ...read });
}

/** The text that parseUnixListen() reads back. */
export function formatUnixListen({ path, mode, group }: UnixSocket): string {
  const settings = [
    ...(mode === DEFAULT_MODE ? [] : [`mode=0${mode.toString(8)}`]),
    ...(group === undefined ? [] : [`group=${group}`]),
  ];
  return [`${SCHEME}${path}`, ...settings].join(',');
}

function whyNoSocketPath(path: string): string | undefined {
  if (path.startsWith('@'))
    return `${quote(path)} is an abstract name, which every account could use whatever its mode; write the path of a file`;
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_UNIX_PATH_BYTES)
    return `${quote(path)} is too long for a socket: it has ${bytes} bytes, and ${MAX_UNIX_PATH_BYTES} fit`;
  return path.endsWith('/')
    ? `${quote(path)} is a folder; write the path of the socket`
    : whyNoAbsolutePath(path);
}

/** Why it is wrong; undefined where it has been read. */
function readSetting(
  read: { mode: number; group: string | undefined },
  key: string,
  word: string,
): string | undefined {
  switch (SETTINGS.find((known) => known === key)) {
    case 'mode':
      if (!/^0?[0-7]{3}$/.test(word)) return `mode=${word} is no mode of three octal digits, such as 0660`;
      read.mode = Number.parseInt(word, 8);
      return undefined;
    case 'group':
      if (word === '') return 'group= needs the name or number of a group';
      read.group = word;
      return undefined;
    case undefined:
      return `${quote(key)} is not mode= or group=${didYouMean(key, SETTINGS)}`;
  }
}
