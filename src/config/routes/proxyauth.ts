// Our logins at proxies, in the format of srelay.passwd: `HOST[/PORT] USER PASSWORD [chap]` on each line, and a word with blanks in
// quotation marks. No message quotes more of
// a line than the host. Text is byte strings (base/bytes.ts): a user and a password are bytes, in whatever encoding.
import { parseZonedIp } from '../../base/zoned.ts';
import type { Hop, Problem } from '../model/config.ts';
import { isName } from '../values/hostport.ts';
import { quote } from '../values/parsed.ts';
import { error } from '../values/problem.ts';

export interface ProxyAuthEntry {
  /** An address, or a name in lower case, which covers all names below it too. */
  readonly host: string;
  /** undefined: every port. */
  readonly port: number | undefined;
  /** 1 to 255 bytes, as the password. */
  readonly user: Uint8Array;
  readonly password: Uint8Array;
  readonly method: 'password' | 'chap';
}

export interface ProxyLogins {
  readonly logins: readonly ProxyAuthEntry[];
  readonly problems: readonly Problem[];
}

/** Reads a whole file; lines that begin with `#` are comments. Never throws. */
export function parseProxyAuth(text: string, file: string): ProxyLogins {
  const logins: ProxyAuthEntry[] = [];
  const problems: Problem[] = [];
  for (const [at, line] of text
    .replace(/^\xef\xbb\xbf/, '')
    .split('\n')
    .entries()) {
    const words = splitQuoted(line);
    if (words?.length === 0) continue;
    const login = words === undefined ? OPEN_QUOTES : parseLogin(words);
    if (typeof login === 'string') problems.push(error({ file, line: at + 1 }, login));
    else logins.push(login);
  }
  return { logins, problems };
}

/** The first login that fits a proxy. */
export function loginFor(
  logins: readonly ProxyAuthEntry[],
  { host, port }: Pick<Hop, 'host' | 'port'>,
): ProxyAuthEntry | undefined {
  return logins.find(
    (login) =>
      (login.port === undefined || login.port === port) &&
      (login.host === host || (parseZonedIp(host) === undefined && host.endsWith(`.${login.host}`))),
  );
}

/** Blanks are those of ASCII: A0 and 85 are parts of UTF-8 letters. */
const WORD = /[ \t\r\v\f]*(?:"((?:[^"\\]|\\["\\])*)"(?![^ \t\r\v\f])|([^ \t\r\v\f"][^ \t\r\v\f]*))/y;
const REST = /^[ \t\r\v\f]*$/;

const OPEN_QUOTES =
  'a word that begins with a quotation mark must end with one; inside write \\" for a quotation mark and \\\\ for a backslash';

/**
 * The words of a line, none for a comment; undefined when quotation marks are unbalanced. A word that does not begin with one is
 * taken literally.
 */
function splitQuoted(line: string): readonly string[] | undefined {
  if (/^[ \t\r\v\f]*#/.test(line)) return [];
  const words: string[] = [];
  WORD.lastIndex = 0;
  for (let end = 0; !REST.test(line.slice(end)); end = WORD.lastIndex) {
    const match = WORD.exec(line);
    if (match === null) return undefined;
    words.push(match[2] ?? (match[1] ?? '').replace(/\\(.)/g, '$1'));
  }
  return words;
}

const PARTS =
  'write HOST[/PORT] USER PASSWORD, and chap behind it for a login that does not send the password';

/** A string is the error of the line. */
function parseLogin([place = '', user, password, method, ...more]: readonly string[]):
  ProxyAuthEntry | string {
  if (user === undefined || password === undefined || more.length > 0) {
    return `${quote(place)}: the line has ${more.length > 0 ? 'too many' : 'too few'} words; ${PARTS}`;
  }
  if (method !== undefined && method !== 'chap')
    return `${quote(place)}: the fourth word is not chap; ${PARTS}`;
  const proxy = parseProxy(place);
  if (proxy === undefined) return `${quote(place)} is not HOST or HOST/PORT with an address or a name`;
  const secrets = { user: Buffer.from(user, 'latin1'), password: Buffer.from(password, 'latin1') };
  return [secrets.user, secrets.password].some(({ length }) => length === 0 || length > 255)
    ? `${quote(place)}: user and password have 1 to 255 bytes each`
    : { ...proxy, ...secrets, method: method ?? 'password' };
}

function parseProxy(text: string): Pick<ProxyAuthEntry, 'host' | 'port'> | undefined {
  const [, hostText = '', portText] = /^([^/]*)(?:\/(\d{1,5}))?$/.exec(text) ?? [];
  const host = hostOf(hostText);
  const port = portText === undefined ? undefined : Number(portText);
  if (host === undefined || port === 0) return undefined;
  return port === undefined || port <= 65_535 ? { host, port } : undefined;
}

function hostOf(text: string): string | undefined {
  const ip = parseZonedIp(text.replace(/^\[(.*:.*)\]$/, '$1'));
  if (ip !== undefined) return ip;
  const name = text.toLowerCase().replace(/^\./, '').replace(/\.$/, '');
  return isName(name) ? name : undefined;
}
