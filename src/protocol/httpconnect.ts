// HTTP CONNECT, as a client of HTTP proxies (RFC 9110 section 9.3.6, RFC 9112 section 3.2.3): one request, one header of an
// answer. The stream follows the blank line; in a success neither a length nor an encoding in the header means anything (RFC 9110
// section 9.3.6).
import { byteString } from '../base/bytes.ts';
import { formatDestination, type Destination } from './address.ts';
import { bad, done, more, type Decoded } from './decoded.ts';
import type { UserPass } from './userpass.ts';

export interface ConnectAnswer {
  /** 100 to 599. */
  readonly status: number;
  /** The reason phrase, perhaps empty; without control characters, one character per byte. */
  readonly reason: string;
  /** The error type of the proxy itself, the last one on the way (RFC 9209 section 2.1.1); absent: it names none. */
  readonly error?: string;
}

/** Longest header, from the status line to the blank line. */
const MAX_HEADER_BYTES = 8192;
/** Every answer begins with it. */
const BEGINNING = 'HTTP/1.';
/** RFC 9112 section 4; proxies leave the space before an empty reason out. */
const STATUS_LINE = /^HTTP\/1\.\d ([1-5]\d\d)(?: (.*))?$/;
/** The proxy that is nearest to us stands last. */
const PROXY_STATUS = /^proxy-status:.*;[ \t]*error=([a-z_]{1,40})/i;
// eslint-disable-next-line no-control-regex -- they are what it is about
const CONTROLS = /[\0-\x08\x0a-\x1f\x7f]/;

/** Encodes the request; with credentials those of Basic (RFC 7617), whose user has no colon. */
export function encodeConnect(destination: Destination, credentials?: UserPass): Uint8Array {
  const target = formatDestination(destination);
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
  if (credentials !== undefined) lines.push(`Proxy-Authorization: Basic ${encodeBasic(credentials)}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** Decodes a status line and the header up to the blank line; lines may end in LF alone (RFC 9112 section 2.2). */
export function decodeConnectAnswer(bytes: Uint8Array): Decoded<ConnectAnswer> {
  const text = byteString(bytes.subarray(0, MAX_HEADER_BYTES));
  if (!BEGINNING.startsWith(text.slice(0, BEGINNING.length))) return bad('MESSAGE_MALFORMED');
  let answer: ConnectAnswer | undefined;
  for (let start = 0; ;) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length === MAX_HEADER_BYTES ? bad('MESSAGE_MALFORMED') : more(bytes.length + 1);
    const line = text.slice(start, end).replace(/\r$/, '');
    if (CONTROLS.test(line)) return bad('MESSAGE_MALFORMED');
    if (answer !== undefined && line === '') return done(answer, end + 1);
    if (answer !== undefined) answer = withError(answer, PROXY_STATUS.exec(line)?.[1]);
    else answer = parseStatusLine(line);
    if (answer === undefined) return bad('MESSAGE_MALFORMED');
    start = end + 1;
  }
}

function parseStatusLine(line: string): ConnectAnswer | undefined {
  const [, status, reason = ''] = STATUS_LINE.exec(line) ?? [];
  return status === undefined ? undefined : { status: Number(status), reason };
}

function withError(answer: ConnectAnswer, error: string | undefined): ConnectAnswer {
  return error === undefined ? answer : { ...answer, error };
}

function encodeBasic({ user, password }: UserPass): string {
  return Buffer.concat([user, Buffer.from(':'), password]).toString('base64');
}
