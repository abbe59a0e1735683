// The head of an HTTP message (RFC 9112 sections 2 and 5): a first line, fields, a blank line, each ended by CRLF. Nothing is
// taken that two readers may understand differently: no LF or CR alone, no NUL, no folded field, no space before a colon.
import { byteString } from '../../base/bytes.ts';
import { bad, done, more, type Decoded } from '../decoded.ts';

export interface Field {
  /** As it was sent; names are compared without regard to case. */
  readonly name: string;
  /** One character for each byte, without the white space around it. */
  readonly value: string;
}

export interface Head<Line> {
  readonly line: Line;
  readonly fields: readonly Field[];
}

/** A first line that cannot be taken, and why not. */
export interface BadLine {
  readonly why: string;
}

export interface HeadBounds {
  readonly maxBytes: number;
  readonly maxFields: number;
}

const END = '\r\n\r\n';
/**
 * Within these bytes a client that does not speak HTTP is known. Beyond them only the end is looked for, since bytes may
 * come one by one.
 */
const TELLING_BYTES = 2048;
/** Control characters but tab, an LF without its CR, a CR without its LF. */
// eslint-disable-next-line no-control-regex -- they are what it is about
const ILL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?=[^\n])|(?:^|[^\r])\n/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Decodes a head up to its blank line. Bytes that no continuation can mend are refused at once, so that no client waits for
 * the end of a message that is not HTTP.
 */
export function decodeHead<Line extends object>(
  bytes: Uint8Array,
  { maxBytes, maxFields }: HeadBounds,
  parseLine: (line: string) => Line | BadLine,
): Decoded<Head<Line>> {
  const text = byteString(bytes.subarray(0, maxBytes));
  const end = text.indexOf(END);
  if (end < 0 && isInTheMiddle(text.length, maxBytes)) return more(bytes.length + 1);
  const lineEnd = text.indexOf('\r\n');
  const firstLine = lineEnd < 0 ? text : text.slice(0, lineEnd);
  if (ILL.test(firstLine)) return bad('MESSAGE_MALFORMED', 'a control character');
  const line = lineEnd < 0 ? undefined : parseLine(firstLine);
  if (line !== undefined && 'why' in line) return bad('MESSAGE_MALFORMED', line.why);
  if (ILL.test(end < 0 ? text : text.slice(0, end))) return bad('MESSAGE_MALFORMED', 'a control character');
  if (end < 0 || line === undefined) {
    const isFull = text.length === maxBytes;
    return isFull ? bad('HEAD_TOO_LONG', `more than ${maxBytes} bytes`) : more(bytes.length + 1);
  }
  const fields = parseFields(end === lineEnd ? '' : text.slice(lineEnd + 2, end), maxFields);
  return 'kind' in fields ? fields : done({ line, fields }, end + END.length);
}

function isInTheMiddle(length: number, maxBytes: number): boolean {
  return length > TELLING_BYTES && length < maxBytes;
}

function parseFields(text: string, maxFields: number): Field[] | Bad {
  const fields: Field[] = [];
  const lines = text === '' ? [] : text.split('\r\n');
  if (lines.length > maxFields) return bad('HEAD_TOO_LONG', `more than ${maxFields} fields`);
  for (const each of lines) {
    const field = parseField(each);
    if (field === undefined) return bad('MESSAGE_MALFORMED', 'a line that is no field');
    fields.push(field);
  }
  return fields;
}

type Bad = ReturnType<typeof bad>;

function parseField(line: string): Field | undefined {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon));
  return TOKEN.test(name) ? { name, value: trimmed(line.slice(colon + 1)) } : undefined;
}

/** Without blanks and tabs around it; String.trim() takes more. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: number): boolean {
  return character === 0x20 || character === 0x09;
}

/** The values of all fields of that name, which is in lower case. */
export function fieldValues(fields: readonly Field[], name: string): readonly string[] {
  return fields.filter((field) => field.name.toLowerCase() === name).map(({ value }) => value);
}

/** The members of all comma lists of that name, in lower case. */
export function membersOf(fields: readonly Field[], name: string): readonly string[] {
  return fieldValues(fields, name)
    .flatMap((value) => value.split(','))
    .map((member) => trimmed(member).toLowerCase())
    .filter((member) => member !== '');
}

/** `Name: value` lines, and the blank line. */
export function encodeHead(line: string, fields: readonly Field[]): Uint8Array {
  const lines = [line, ...fields.map(({ name, value }) => `${name}: ${value}`)];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
