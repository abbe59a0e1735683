// Our logins at proxies, in the format of srelay.passwd: `HOST[/PORT] USER PASSWORD [chap]` on each line. No message quotes more of
// a line than the host. Text is byte strings (base/bytes.ts): a user and a password are bytes, in whatever encoding.
import { parseZonedIp } from '../base/zoned.ts';
import type { Hop, Problem } from './config.ts';
import { isName } from './hostport.ts';
import { quote } from './parsed.ts';
import { error } from './problem.ts';

export interface ProxyLogin {
  /** An address, or a name in lower case, which stands for all names below it, too. */
  readonly host: string;
  /** undefined: every port. */
  readonly port: number | undefined;
  /** 1 to 255 bytes, as the password. */
  readonly user: Uint8Array;
  readonly password: Uint8Array;
  readonly method: 'password' | 'chap';
}

export interface ProxyLogins {
  readonly logins: readonly ProxyLogin[];
  readonly problems: readonly Problem[];
}

/** Reads a whole file; lines that begin with `#` are comments. Never throws. */
export function parseProxyAuth(text: string, file: string): ProxyLogins {
  const logins: ProxyLogin[] = [];
  const problems: Problem[] = [];
  for (const [at, line] of text
    .replace(/^\xef\xbb\xbf/, '')
    .split('\n')
    .entries()) {
    const words = line.split(BLANKS).filter((word) => word !== '');
    if (words.length === 0 || words[0]?.startsWith('#') === true) continue;
    const login = parseLogin(words);
    if (typeof login === 'string') problems.push(error({ file, line: at + 1 }, login));
    else logins.push(login);
  }
  return { logins, problems };
}

/** The first login that fits a proxy. */
export function loginFor(
  logins: readonly ProxyLogin[],
  { host, port }: Pick<Hop, 'host' | 'port'>,
): ProxyLogin | undefined {
  return logins.find(
    (login) =>
      (login.port === undefined || login.port === port) &&
      (login.host === host || (parseZonedIp(host) === undefined && host.endsWith(`.${login.host}`))),
  );
}

/** Those of ASCII: A0 and 85 are parts of UTF-8 letters. */
const BLANKS = /[ \t\r\v\f]+/;

const PARTS =
  'write HOST[/PORT] USER PASSWORD, and chap behind it for a login that does not send the password';

/** A text: what is wrong with the line. */
function parseLogin([place = '', user, password, method, ...more]: readonly string[]): ProxyLogin | string {
  if (user === undefined || password === undefined || more.length > 0) {
    return `${quote(place)}: the line has ${more.length > 0 ? 'too many' : 'too few'} words; ${PARTS}`;
  }
  if (method !== undefined && method !== 'chap')
    return `${quote(place)}: the fourth word is not chap; ${PARTS}`;
  const proxy = parseProxy(place);
  if (proxy === undefined) return `${quote(place)} is not HOST or HOST/PORT with an address or a name`;
  const secrets = { user: Buffer.from(user, 'latin1'), password: Buffer.from(password, 'latin1') };
  return secrets.user.length > 255 || secrets.password.length > 255
    ? `${quote(place)}: user and password may have 255 bytes each`
    : { ...proxy, ...secrets, method: method ?? 'password' };
}

function parseProxy(text: string): Pick<ProxyLogin, 'host' | 'port'> | undefined {
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
