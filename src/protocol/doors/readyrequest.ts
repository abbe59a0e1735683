// Requests of health checks, and of those who read metrics, in as much of HTTP/1 as they speak (RFC 9112 section 2): a request line, and
// fields of which few say anything here. Each connection carries one.
import { byteString } from '../../base/bytes.ts';
import { bad, done, more, type Decoded } from '../decoded.ts';
import type { Field } from '../http/httphead.ts';

export interface ReadyRequest {
  readonly method: string;
  readonly path: string;
}

const MAX_HEAD_BYTES = 2048;
const REQUEST_LINE = /^([A-Z]{1,16}) ([!-~]+) HTTP\/1\.[01]$/;
/** Lines end in CR and LF, or in LF alone; a line has no other control characters but tabs. */
const END = /\r?\n\r?\n/;
const LETTERS = /^[A-Z]*(?: |$)/;
// eslint-disable-next-line no-control-regex -- they are what it is about
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** Decodes a request of `maxBytes` at most up to its blank line. */
export function decodeReadyRequest(
  bytes: Uint8Array,
  maxBytes: number = MAX_HEAD_BYTES,
): Decoded<ReadyRequest> {
  const text = byteString(bytes.subarray(0, maxBytes));
  const end = END.exec(text);
  const head = end === null ? text : text.slice(0, end.index);
  if (!LETTERS.test(text) || CONTROLS.test(head)) return bad('MESSAGE_MALFORMED');
  if (end === null) return text.length < maxBytes ? more(bytes.length + 1) : bad('MESSAGE_MALFORMED');
  const [line = ''] = head.split(/\r?\n/);
  const [, method, path] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || path === undefined) return bad('MESSAGE_MALFORMED');
  return done({ method, path }, end.index + end[0].length);
}

const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;

/** The fields of a request that is whole; lines that are none are left out. */
export function fieldsOfRequest(bytes: Uint8Array): readonly Field[] {
  const [, ...lines] = (byteString(bytes).split(/\r?\n\r?\n/, 1)[0] ?? '').split(/\r?\n/);
  return lines.flatMap((line) => {
    const [, name, value] = FIELD.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
}
