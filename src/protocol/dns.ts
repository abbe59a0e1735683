// Questions and answers of a DNS stub resolver (RFC 1035): one question, and the records of the answer that lead to it. Answers
// are untrusted: nothing is read beyond their bytes, and every name ends (see readName()).
import { newBytes } from '../base/bytes.ts';
import { ipAt } from '../base/ip.ts';

export type DnsType = 'a' | 'aaaa' | 'ptr';

export interface DnsQuestion {
  readonly id: number;
  /** In lower case without a trailing dot, labels of 1 to 63 characters. */
  readonly name: string;
  readonly type: DnsType;
}

export type DnsReply =
  /** Addresses as canonical text, or names with `\.` for a dot within a label; `ttlSeconds` is the shortest on the way to them. */
  | { readonly kind: 'found'; readonly values: readonly string[]; readonly ttlSeconds: number }
  /** There is no such name, or it has no such records. */
  | { readonly kind: 'nothing' }
  /** To be asked over TCP. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'failed'; readonly why: string };

const TYPES = { a: 1, ptr: 12, aaaa: 28 } as const;
const CNAME = 5;
const CLASS_IN = 1;
const HEADER_SIZE = 12;
const RECURSION_DESIRED = 0x0100;
const FLAGS = { reply: 0x8000, opcode: 0x7800, truncated: 0x0200, rcode: 0x000f } as const;
const NO_SUCH_NAME = 3;
const RCODES = ['', 'FORMERR', 'SERVFAIL', '', 'NOTIMP', 'REFUSED'];

/** Records of an answer that are looked at, and CNAME records that are followed. */
const MAX_RECORDS = 512;
const MAX_ALIASES = 16;
/** The longest name on the wire (RFC 1035 section 2.3.4). */
const MAX_NAME_BYTES = 255;
/** RFC 2181 section 8: the highest bit means 0. */
const MAX_TTL_SECONDS = 0x7fff_ffff;

/** The message that asks for it, with recursion. */
export function encodeDnsQuestion({ id, name, type }: DnsQuestion): Uint8Array {
  const bytes = newBytes(HEADER_SIZE + name.length + 2 + 4).fill(0);
  putUint16(bytes, 0, id);
  putUint16(bytes, 2, RECURSION_DESIRED);
  putUint16(bytes, 4, 1);
  let at = HEADER_SIZE;
  for (const label of name.split('.')) {
    bytes[at++] = label.length;
    for (let index = 0; index < label.length; index++) bytes[at++] = label.charCodeAt(index);
  }
  putUint16(bytes, at + 1, TYPES[type]);
  putUint16(bytes, at + 3, CLASS_IN);
  return bytes;
}

/** Decodes the answer to `question`; undefined when `bytes` do not answer it. */
export function decodeDnsReply(bytes: Uint8Array, question: DnsQuestion): DnsReply | undefined {
  if (bytes.length < HEADER_SIZE || uint16(bytes, 0) !== question.id) return undefined;
  const flags = uint16(bytes, 2);
  if ((flags & FLAGS.reply) === 0 || (flags & FLAGS.opcode) !== 0) return undefined;
  const rcode = flags & FLAGS.rcode;
  const asked = uint16(bytes, 4);
  // Servers that understand nothing may leave the question out.
  if (asked === 0 && rcode !== 0 && rcode !== NO_SUCH_NAME) return failedReply(rcode);
  const answersAt = asked === 1 ? endOfQuestion(bytes, question) : undefined;
  if (answersAt === undefined) return undefined;
  if (rcode === NO_SUCH_NAME) return NOTHING;
  if (rcode !== 0) return failedReply(rcode);
  if ((flags & FLAGS.truncated) !== 0) return { kind: 'truncated' };
  const records = readRecords(bytes, answersAt, TYPES[question.type]);
  return records === undefined ? MALFORMED : followAliases(records, question.name);
}

const NOTHING: DnsReply = { kind: 'nothing' };
const MALFORMED: DnsReply = { kind: 'failed', why: 'a malformed answer' };

function failedReply(rcode: number): DnsReply {
  return { kind: 'failed', why: RCODES[rcode] || `RCODE ${rcode}` };
}

/** The end of the question in an answer; undefined when it is another question. */
function endOfQuestion(bytes: Uint8Array, { name, type }: DnsQuestion): number | undefined {
  const own = readName(bytes, HEADER_SIZE);
  if (own === undefined || own.name !== name || bytes.length < own.end + 4) return undefined;
  const isSame = uint16(bytes, own.end) === TYPES[type] && uint16(bytes, own.end + 2) === CLASS_IN;
  return isSame ? own.end + 4 : undefined;
}

interface Records {
  /** By owner name, in lower case. */
  readonly values: Map<string, { readonly texts: string[]; ttlSeconds: number }>;
  readonly aliases: Map<string, { readonly target: string; readonly ttlSeconds: number }>;
}

/** The records of `type` and the aliases among the answers; undefined where they are malformed. */
function readRecords(bytes: Uint8Array, start: number, type: number): Records | undefined {
  const records: Records = { values: new Map(), aliases: new Map() };
  let at = start;
  for (let left = Math.min(uint16(bytes, 6), MAX_RECORDS); left > 0; left--) {
    const owner = readName(bytes, at);
    if (owner === undefined || bytes.length < owner.end + 10) return undefined;
    const dataAt = owner.end + 10;
    const dataEnd = dataAt + uint16(bytes, owner.end + 8);
    if (dataEnd > bytes.length) return undefined;
    const kind = uint16(bytes, owner.end);
    if (uint16(bytes, owner.end + 2) === CLASS_IN && (kind === type || kind === CNAME)) {
      const text = readData(bytes, dataAt, dataEnd, kind);
      if (text === undefined) return undefined;
      keep(records, owner.name, { text, isAlias: kind === CNAME, ttlSeconds: ttlAt(bytes, owner.end + 4) });
    }
    at = dataEnd;
  }
  return records;
}

interface DnsRecord {
  readonly text: string;
  readonly isAlias: boolean;
  readonly ttlSeconds: number;
}

function keep({ values, aliases }: Records, owner: string, { text, isAlias, ttlSeconds }: DnsRecord): void {
  if (isAlias) {
    aliases.set(owner, { target: text, ttlSeconds });
    return;
  }
  const known = values.get(owner);
  if (known === undefined) {
    values.set(owner, { texts: [text], ttlSeconds });
    return;
  }
  known.texts.push(text);
  known.ttlSeconds = Math.min(known.ttlSeconds, ttlSeconds);
}

function readData(bytes: Uint8Array, at: number, end: number, kind: number): string | undefined {
  if (kind === TYPES.a) return end - at === 4 ? ipAt(bytes, at, 4) : undefined;
  if (kind === TYPES.aaaa) return end - at === 16 ? ipAt(bytes, at, 16) : undefined;
  const name = readName(bytes, at);
  // Bytes after the name are ignored: some servers pad.
  return name !== undefined && name.end <= end ? name.name : undefined;
}

/** From the name that was asked for along its aliases, whose records stand in any order. */
function followAliases({ values, aliases }: Records, asked: string): DnsReply {
  let name = asked;
  let ttlSeconds = MAX_TTL_SECONDS;
  for (let steps = 0; steps <= MAX_ALIASES; steps++) {
    const found = values.get(name);
    if (found !== undefined) {
      return { kind: 'found', values: found.texts, ttlSeconds: Math.min(ttlSeconds, found.ttlSeconds) };
    }
    const alias = aliases.get(name);
    if (alias === undefined) return NOTHING;
    name = alias.target;
    ttlSeconds = Math.min(ttlSeconds, alias.ttlSeconds);
  }
  return { kind: 'failed', why: 'too many aliases' };
}

/**
 * A name in lower case and where it ends; undefined where it is malformed. A pointer (RFC 1035 section 4.1.4) has to lead before
 * the place that the last one came from, so there is no loop.
 */
function readName(
  bytes: Uint8Array,
  start: number,
): { readonly name: string; readonly end: number } | undefined {
  let name = '';
  let end: number | undefined;
  let at = start;
  let limit = start;
  for (let size = 1; size <= MAX_NAME_BYTES;) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length === 0) return { name, end: end ?? at + 1 };
    if (length >= 0xc0) {
      const target = uint16(bytes, at) & 0x3fff;
      if (at + 2 > bytes.length || target >= limit) return undefined;
      end ??= at + 2;
      at = limit = target;
      continue;
    }
    if (length > 63 || at + 1 + length > bytes.length) return undefined;
    name += `${name === '' ? '' : '.'}${labelOf(bytes.subarray(at + 1, at + 1 + length))}`;
    at += 1 + length;
    size += 1 + length;
  }
  return undefined;
}

function labelOf(bytes: Uint8Array): string {
  let label = '';
  for (const byte of bytes) {
    const isUpper = byte >= 0x41 && byte <= 0x5a;
    label += byte === 0x2e ? '\\.' : String.fromCharCode(isUpper ? byte + 0x20 : byte);
  }
  return label;
}

function ttlAt(bytes: Uint8Array, at: number): number {
  const seconds = uint16(bytes, at) * 0x1_0000 + uint16(bytes, at + 2);
  return seconds > MAX_TTL_SECONDS ? 0 : seconds;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function putUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}
