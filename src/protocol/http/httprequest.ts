// The head of a request to an HTTP proxy (RFC 9112 section 3): CONNECT with an authority, any other method with an absolute URI,
// or the origin-form of a client that expects a web server.
import { destinationOf, type Destination } from '../address.ts';
import { bad, done, type Decoded } from '../decoded.ts';
import { framingOf, type Framing } from './httpbody.ts';
import { decodeHead, membersOf, fieldValues, type BadLine, type Field } from './httphead.ts';

/** Longest head, and most fields in it. */
export const REQUEST_HEAD = { maxBytes: 16_384, maxFields: 100 } as const;

export interface HttpRequest {
  readonly method: string;
  readonly target: HttpTarget;
  /** HTTP/1.x */
  readonly minor: 0 | 1;
  readonly fields: readonly Field[];
  /** Of its body; of CONNECT there is none (RFC 9110 section 9.3.6): what follows is data. */
  readonly framing: Framing;
}

export type HttpTarget =
  | { readonly kind: 'authority'; readonly destination: Destination }
  | {
      readonly kind: 'absolute';
      readonly destination: Destination;
      /** `host[:port]` as it was sent. */
      readonly authority: string;
      /** From the slash on. */
      readonly path: string;
    }
  /** A path, or `*`. */
  | { readonly kind: 'origin'; readonly path: string };

interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly minor: 0 | 1;
}

/** Longer methods do not exist. */
const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}) ([\x21-\x7e\x80-\xff]+) HTTP\/(\d)\.(\d)$/;
const BEYOND_ASCII = /[\x80-\xff]/g;
const HTTP_PORT = 80;
/** Name or address, IPv6 in brackets, and a port without leading zeros. */
const AUTHORITY = /^(\[[0-9a-fA-F:.]+\]|[^[\]:@/?#\\]+)(?::(0|[1-9]\d{0,4}))?$/;
/** As wget, apt and urllib name an IPv6 address in CONNECT; the port, which has to be there, stands behind the last colon. */
const BARE_IPV6 = /^([0-9a-fA-F:.]*:[0-9a-fA-F:.]*):(\d+)$/;
const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?]*)(.*)$/;

/** Decodes a request up to its blank line; what is wrong with it stands in `why`. */
export function decodeHttpRequest(bytes: Uint8Array): Decoded<HttpRequest> {
  const head = decodeHead(bytes, REQUEST_HEAD, parseRequestLine);
  if (head.kind !== 'done') return head;
  const { line, fields } = head.value;
  const target = parseTarget(line);
  if ('why' in target) return bad(target.code ?? 'MESSAGE_MALFORMED', target.why);
  const objection = objectionToHost(fields, line.minor);
  if (objection !== undefined) return bad('MESSAGE_MALFORMED', objection);
  const framing = target.kind === 'authority' ? undefined : framingOf(fields, line.minor);
  if (framing !== undefined && 'why' in framing) return bad('MESSAGE_MALFORMED', framing.why);
  const { method, minor } = line;
  return done({ method, target, minor, fields, framing: framing ?? { kind: 'none' } }, head.size);
}

/** Encodes a request as it was decoded, the target aside. */
export function requestLine({ method, minor }: HttpRequest, target: string): string {
  return `${method} ${target} HTTP/1.${minor}`;
}

function parseRequestLine(line: string): RequestLine | BadLine {
  const [, method, target, major, minor] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || target === undefined) return { why: 'its first line is no request line' };
  if (major !== '1' || (minor !== '0' && minor !== '1')) return { why: `HTTP/${major}.${minor}` };
  const plain = escaped(target);
  if (plain === undefined) return { why: 'bytes in its target that are neither ASCII nor UTF-8' };
  return { method, target: plain, minor: minor === '0' ? 0 : 1 };
}

/** Percent-encodes bytes that curl sends as they were typed (RFC 3987 section 3.1); undefined: they are no UTF-8. */
function escaped(target: string): string | undefined {
  if (target.search(BEYOND_ASCII) < 0) return target;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(target, 'latin1'));
  } catch {
    return undefined;
  }
  return target.replace(BEYOND_ASCII, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}

interface BadTarget extends BadLine {
  readonly code?: 'NAME_INVALID' | 'PORT_INVALID' | 'COMMAND_UNSUPPORTED';
}

function parseTarget({ method, target }: RequestLine): HttpTarget | BadTarget {
  if (target.includes('#')) return { why: 'a fragment in its target' };
  if (method === 'CONNECT') return parseConnect(target);
  if (target.startsWith('/') || target === '*') return { kind: 'origin', path: target };
  const [, scheme, authority, path] = ABSOLUTE.exec(target) ?? [];
  if (scheme === undefined || authority === undefined || path === undefined)
    return { why: 'its target is neither a URL nor a path' };
  if (scheme.toLowerCase() !== 'http') return { why: `a URL of ${scheme.slice(0, 16).toLowerCase()}` };
  const destination = parseAuthority(authority, HTTP_PORT);
  if ('why' in destination) return destination;
  return { kind: 'absolute', destination, authority, path: pathOf(method, path) };
}

/** RFC 9112 sections 3.2.1 and 3.2.4. */
function pathOf(method: string, path: string): string {
  if (path === '' && method === 'OPTIONS') return '*';
  return path.startsWith('/') ? path : `/${path}`;
}

function parseConnect(target: string): HttpTarget | BadTarget {
  const destination = parseAuthority(bracketed(target), undefined);
  return 'why' in destination ? destination : { kind: 'authority', destination };
}

function bracketed(target: string): string {
  return target.replace(BARE_IPV6, '[$1]:$2');
}

/** `defaultPort` undefined: there must be one. */
function parseAuthority(text: string, defaultPort: number | undefined): Destination | BadTarget {
  if (text.includes('@')) return { why: 'user information in its target' };
  const [, host, digits] = AUTHORITY.exec(text) ?? [];
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host === undefined || port === undefined) return { why: 'its target is no host:port' };
  if (port > 65_535) return { why: 'a port over 65535' };
  if (port === 0) return { code: 'PORT_INVALID', why: 'port 0 in its target' };
  return destinationOf(host, port) ?? { code: 'NAME_INVALID', why: `"${host.slice(0, 64)}":${port}` };
}

/** RFC 9112 section 3.2: HTTP/1.1 requires one. It is ignored when the target names the host. */
function objectionToHost(fields: readonly Field[], minor: 0 | 1): string | undefined {
  const hosts = fieldValues(fields, 'host');
  if (hosts.length > 1) return 'two Host fields';
  const [host] = hosts;
  if (host === undefined) return minor === 1 ? 'no Host field' : undefined;
  return host === '' || AUTHORITY.test(bracketed(host)) ? undefined : 'a Host field that is no host';
}

/** Whether the client can send another request on this connection; clients of HTTP/1.0 are not expected to. */
export function persists({ minor, fields }: HttpRequest): boolean {
  const options = [...membersOf(fields, 'connection'), ...membersOf(fields, 'proxy-connection')];
  return minor === 1 && !options.includes('close');
}
