// The kinds of values that an option can have: how each is read, and written so that it reads back the same.
import { isAbsolute, join, normalize } from 'node:path';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../base/units.ts';
import type { FamilyChoice, Origin, Ports } from '../model/config.ts';
import type { PortOf } from './hostport.ts';
import { oneOf, quote, value, wrong, type Parsed } from './parsed.ts';
import { didYouMean } from './suggest.ts';

/** The surroundings of a value that is read. */
export interface Reading {
  readonly origin: Origin;
  /** The folder where relative file names start: that of the file with the setting, or that of the caller. */
  readonly folder: string;
  readonly portOf: PortOf;
}

export interface Kind<T> {
  /** The word for the value in documents; undefined for a flag, which needs no value. */
  readonly metavar: string | undefined;
  /** The value when it is left out; undefined when one is required. */
  readonly implied?: string;
  /** All values, where they are few; for shells to complete. */
  readonly words?: readonly string[];
  parse(text: string, reading: Reading): Parsed<T>;
  format(value: T): string;
}

/** IFNAMSIZ without its NUL. */
const MOST_INTERFACE_BYTES = 15;
const FLAG_WORDS = new Map([
  ...['yes', 'true', 'on', '1'].map((word) => [word, true] as const),
  ...['no', 'false', 'off', '0'].map((word) => [word, false] as const),
]);

export const FLAG: Kind<boolean> = {
  metavar: undefined,
  implied: 'yes',
  parse(text) {
    const flag = FLAG_WORDS.get(text.toLowerCase());
    return flag === undefined
      ? wrong(`${quote(text)} is neither yes nor no${didYouMean(text, [...FLAG_WORDS.keys()])}`)
      : value(flag);
  },
  format: (flag) => (flag ? 'yes' : 'no'),
};

/** A whole number from `least` to `most`, in decimal or, with 0x, in hexadecimal digits. */
export function count(least: number, most: number): Kind<number> {
  return {
    metavar: 'N',
    parse(text) {
      const number = /^(\d{1,10}|0x[\da-f]{1,8})$/i.test(text) ? Number(text) : NaN;
      return number >= least && number <= most
        ? value(number)
        : wrong(`${quote(text)} is not a count; write a whole number from ${least} to ${most}`);
    },
    format: String,
  };
}

export const COUNT = count(0, 999_999_999);

/** Milliseconds; 0 switches the limit off. */
export const DURATION: Kind<number> = {
  metavar: 'TIME',
  parse(text) {
    const milliseconds = parseDuration(text);
    return milliseconds === undefined
      ? wrong(`${quote(text)} is not a time up to 24 days; write 15, 15s, 500ms, 5m, 2h or 1d`)
      : value(milliseconds);
  },
  format: formatDuration,
};

/** Milliseconds of a limit that a daemon on a public address must not be without. */
export const POSITIVE_DURATION: Kind<number> = {
  ...DURATION,
  parse(text, reading) {
    const parsed = DURATION.parse(text, reading);
    const isZero = parsed.kind === 'value' && parsed.value === 0;
    return isZero ? wrong('this limit cannot be switched off; write a time over 0') : parsed;
  },
};

/** Bytes; 0 switches the limit off. */
export const SIZE: Kind<number> = {
  metavar: 'SIZE',
  parse(text) {
    const bytes = parseSize(text);
    return bytes === undefined
      ? wrong(`${quote(text)} is not a size; write a number of bytes such as 1500, 64K, 10M or 2G`)
      : value(bytes);
  },
  format: formatSize,
};

/** `LOW-HIGH` or one port; `ephemeral`: those that the kernel gives. */
export const PORTS: Kind<Ports> = {
  metavar: 'LOW-HIGH',
  parse(text) {
    if (text === 'ephemeral') return value(text);
    const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    const [low, high] = [Number(first), Number(last)];
    return first !== '' && low > 0 && low <= high && high <= 65_535
      ? value({ low, high })
      : wrong(`${quote(text)} is not a range of ports; write LOW-HIGH within 1-65535, or ephemeral`);
  },
  format: (ports) => (ports === 'ephemeral' ? ports : `${ports.low}-${ports.high}`),
};

/** One word without white space, such as the name of an account. */
export function word(metavar: string): Kind<string> {
  return {
    metavar,
    parse: (text) =>
      /^\S+$/.test(text) && isPrintable(text) ? value(text) : wrong(`${quote(text)} is not one word`),
    format: String,
  };
}

/** A line of text, blanks included. */
export function text(metavar: string): Kind<string> {
  return {
    metavar,
    parse: (written) =>
      written !== '' && isPrintable(written) ? value(written) : wrong(`${quote(written)} is no line of text`),
    format: String,
  };
}

/** The name of a file or folder, with the folder from which it counts in front unless it is absolute. */
export function path(metavar: string): Kind<string> {
  return {
    metavar,
    parse(text, reading) {
      const why = whyNoPath(text);
      return why === undefined ? value(locate(text, reading.folder)) : wrong(why);
    },
    format: String,
  };
}

const PAC_FILE = path('FILE');

/** `generated`, or a file. */
export const PAC: Kind<string> = {
  ...PAC_FILE,
  parse: (text, reading) => (text === 'generated' ? value(text) : PAC_FILE.parse(text, reading)),
};

/** `on` and `false` are words of a flag; a choice between yes, no and more takes them for a mistake. */
function asFlag(text: string, words: readonly string[]): string {
  const flag = FLAG_WORDS.get(text.toLowerCase());
  return flag === undefined || !words.includes('yes') ? text : flag ? 'yes' : 'no';
}

/** One of `words`, or of `synonyms` of them that are read but never written. */
export function choice<T extends string>(
  metavar: string,
  words: readonly T[],
  synonyms: Readonly<Record<string, T>> = {},
): Kind<T> {
  const known = new Map<string, T>([
    ...Object.entries(synonyms),
    ...words.map((each) => [each, each] as const),
  ]);
  return {
    metavar,
    words,
    parse(text) {
      const chosen = known.get(text);
      if (chosen !== undefined) return value(chosen);
      return wrong(`${quote(text)} is not ${oneOf(words)}${didYouMean(asFlag(text, words), words)}`);
    },
    format: String,
  };
}

export const FAMILY: Kind<FamilyChoice> = choice('FAMILY', ['any', '4', '6', 'prefer-4', 'prefer-6']);

/** A network interface, as Linux can name one. */
export const INTERFACE: Kind<string> = {
  metavar: 'INTERFACE',
  parse: (text) =>
    /^[^\s/]+$/.test(text) && isPrintable(text) && Buffer.byteLength(text) <= MOST_INTERFACE_BYTES
      ? value(text)
      : wrong(`${quote(text)} is no interface; write a name of up to ${MOST_INTERFACE_BYTES} letters`),
  format: String,
};

/** SO_MARK; 0 would be none. */
export const MARK: Kind<number> = count(1, 0xffff_ffff);

/** `file` as it is named from the place where `folder` is named from. */
export function locate(file: string, folder: string): string {
  return isAbsolute(file) ? normalize(file) : join(folder, file);
}

/** Why `text` cannot name a file; undefined where it can. */
export function whyNoPath(text: string): string | undefined {
  if (text === '') return 'an empty text is no file name';
  if (!isPrintable(text)) return `${quote(text)} has control characters, which no file name here may have`;
  return text === text.trim()
    ? undefined
    : `${quote(text)} begins or ends with white space; no file name here may`;
}

/** As whyNoPath(), for a name that must say where it is from any folder. */
export function whyNoAbsolutePath(text: string): string | undefined {
  return whyNoPath(text) ?? (isAbsolute(text) ? undefined : `${quote(text)} does not begin with /`);
}

function isPrintable(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}
