// The values of `auth`: files of users, and sources that are asked about a login.
import { isAbsolute } from 'node:path';
import { parseIp } from '../../base/ip.ts';
import type { LdapServer } from '../model/auth.ts';
import type { AskedSource, AuthChoice, AuthSource } from '../model/config.ts';
import { isName } from './hostport.ts';
import { path, whyNoAbsolutePath, type Kind, type Reading } from './kinds.ts';
import { oneOf, quote, value, wrong, type Parsed } from './parsed.ts';
import { didYouMean } from './suggest.ts';

const FILE_FORMATS: readonly AuthSource['format'][] = ['auto', 'htpasswd', 'password', 'shadow'];
const ASKED_FORMATS: readonly AskedSource['format'][] = ['helper', 'saslauthd', 'ldap'];
const FORMATS = [...FILE_FORMATS, ...ASKED_FORMATS];

/** The file of a bare `shadow:` (shadow(5)). */
const SHADOW_FILE = '/etc/shadow';
/** Where saslauthd(8) of Debian listens. */
const SASLAUTHD_SOCKET = '/run/saslauthd/mux';
/** The kernel cuts a longer one without an error. */
const MAX_SOCKET_PATH_BYTES = 107;
const FORMAT = /^([A-Za-z0-9_-]+):(.*)$/s;
const FILE = path('FILE');

export const AUTH_SOURCE: Kind<AuthChoice> = {
  metavar: '[FORMAT:]FILE',
  parse(text, reading) {
    const [, word = 'auto', rest = text] = FORMAT.exec(text) ?? [];
    const asked = ASKED_FORMATS.find((known) => known === word);
    if (asked !== undefined) return parseAsked(asked, rest.trim(), reading);
    const format = FILE_FORMATS.find((known) => known === word);
    if (format === undefined) return wrong(unknownFormat(word));
    const file = FILE.parse(rest === '' && format === 'shadow' ? SHADOW_FILE : rest, reading);
    return file.kind === 'wrong' ? file : value({ format, file: file.value, origin: reading.origin });
  },
  format(choice) {
    if (isAsked(choice)) return choice.text;
    const { format, file } = choice;
    return format === 'auto' && !FORMAT.test(file) ? file : `${format}:${file}`;
  },
};

/** The files of users among the values of `auth`. */
export function filesOf(auth: readonly AuthChoice[]): readonly AuthSource[] {
  return auth.filter((choice): choice is AuthSource => !isAsked(choice));
}

/** The sources that are asked. */
export function askedOf(auth: readonly AuthChoice[]): readonly AskedSource[] {
  return auth.filter(isAsked);
}

export function isAsked(choice: AuthChoice): choice is AskedSource {
  return choice.file === undefined;
}

function parseAsked(format: AskedSource['format'], rest: string, { origin }: Reading): Parsed<AskedSource> {
  switch (format) {
    case 'helper':
      return parseHelper(rest, origin);
    case 'saslauthd': {
      const path = rest === '' ? SASLAUTHD_SOCKET : rest;
      const why = whyNoAbsolutePath(path);
      if (why !== undefined) return wrong(why);
      if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES)
        return wrong(`the path of a socket has ${MAX_SOCKET_PATH_BYTES} bytes at most`);
      return value({ format, path, text: `${format}:${path}`, origin });
    }
    case 'ldap': {
      const servers = rest.split(/\s+/).map(parseServer);
      const bad = rest.split(/\s+/)[servers.indexOf(undefined)];
      if (bad !== undefined)
        return wrong(
          `${quote(bad)} is no server; write ldap:ldaps://HOST[:PORT], or several with blanks between them`,
        );
      const known = servers.filter((server) => server !== undefined);
      return value({ format, servers: known, text: `ldap:${known.map(({ url }) => url).join(' ')}`, origin });
    }
  }
}

function parseHelper(rest: string, origin: Reading['origin']): Parsed<AskedSource> {
  const command = splitCommand(rest);
  if (command === undefined)
    return wrong(`${quote(rest)} has a quote without its end; words are quoted as "two words"`);
  const [program = ''] = command;
  if (!isAbsolute(program) || rest.includes('\0'))
    return wrong(`${quote(rest)} is no command; write helper:/PATH/TO/PROGRAM and its arguments`);
  return value({ format: 'helper', command, text: `helper:${rest}`, origin });
}

function parseServer(text: string): LdapServer | undefined {
  const [, scheme = '', bracketed, name = '', digits] =
    /^(ldaps?):\/\/(?:\[([^\]]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?\/?$/i.exec(text) ?? [];
  const host = bracketed ?? name;
  const isSecure = scheme.toLowerCase() === 'ldaps';
  const port = digits === undefined ? (isSecure ? 636 : 389) : Number(digits);
  const ip = parseIp(host);
  const isHost = bracketed === undefined ? ip !== undefined || isName(host) : ip !== undefined;
  if (scheme === '' || !isHost || port < 1 || port > 65_535) return undefined;
  const url = `${isSecure ? 'ldaps' : 'ldap'}://${bracketed === undefined ? host : `[${host}]`}:${port}`;
  return { url, host, port, isSecure };
}

/** Words between blanks; `"two words"`, with `\` before `"` and `\` there. undefined: a quote has no end. */
function splitCommand(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let left = text;
  while (left !== '') {
    const [whole, bare, quoted] = /^(?:([^\s"]+)|"((?:[^"\\]|\\.)*)"(?=\s|$))\s*/.exec(left) ?? [];
    if (whole === undefined) return undefined;
    words.push(bare ?? (quoted ?? '').replace(/\\(["\\])/g, '$1'));
    left = left.slice(whole.length);
  }
  return words;
}

function unknownFormat(word: string): string {
  const hint = `; a file whose name has a colon is written ./${word}:...`;
  const near = didYouMean(word, FORMATS);
  return `${quote(word)} is not a format of user files (${oneOf(FILE_FORMATS)})${near === '' ? hint : near}`;
}
