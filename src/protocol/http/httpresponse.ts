// The head of the answer of a web server (RFC 9112 section 4), as strict as that of a request: what is passed on must mean the same
// to everybody.
import { done, type Decoded } from '../decoded.ts';
import { framingOf, type Framing } from './httpbody.ts';
import { decodeHead, type BadLine, type Field } from './httphead.ts';

/** Longest head, and most fields in it: servers send many cookies. */
export const RESPONSE_HEAD = { maxBytes: 65_536, maxFields: 250 } as const;

export interface HttpResponse {
  /** HTTP/1.x */
  readonly minor: 0 | 1;
  /** 100 to 599. */
  readonly status: number;
  /** Perhaps empty. */
  readonly reason: string;
  readonly fields: readonly Field[];
}

type StatusLine = Omit<HttpResponse, 'fields'>;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;

/** Decodes a status line and fields up to the blank line. */
export function decodeHttpResponse(bytes: Uint8Array): Decoded<HttpResponse> {
  const head = decodeHead(bytes, RESPONSE_HEAD, parseStatusLine);
  if (head.kind !== 'done') return head;
  const { line, fields } = head.value;
  return done({ ...line, fields }, head.size);
}

function parseStatusLine(line: string): StatusLine | BadLine {
  const [, minor, status, reason = ''] = STATUS_LINE.exec(line) ?? [];
  if (status === undefined) return { why: 'its first line is no status line' };
  return { minor: minor === '0' ? 0 : 1, status: Number(status), reason };
}

/** The framing of the body of the final answer to `method` (RFC 9112 section 6.3). */
export function framingOfResponse(
  { status, minor, fields }: HttpResponse,
  method: string,
): Framing | BadLine {
  const framing = framingOf(fields, minor) ?? { kind: 'until-close' };
  if ('why' in framing) return framing;
  return method === 'HEAD' || status === 204 || status === 304 ? { kind: 'none' } : framing;
}
