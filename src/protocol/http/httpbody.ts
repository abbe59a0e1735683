// The body of an HTTP message (RFC 9112 sections 6 and 7): its framing, by the fields of its head, and its bytes as they come, put
// into a framing of our own. Chunk extensions and trailers are dropped.
import { concatBytes } from '../../base/bytes.ts';
import { membersOf, fieldValues, type BadLine, type Field } from './httphead.ts';

export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  /** An answer without a length ends with its connection. */
  | { readonly kind: 'until-close' };

const LENGTH = /^(?:0|[1-9]\d{0,14})$/;

/**
 * The framing that the fields say; undefined: they say nothing. Whatever two readers may understand differently is refused: both
 * fields together, two lengths, a coding beside chunked, chunks in HTTP/1.0.
 */
export function framingOf(fields: readonly Field[], minor: 0 | 1): Framing | BadLine | undefined {
  const lengths = fieldValues(fields, 'content-length');
  const codings = fieldValues(fields, 'transfer-encoding');
  if (codings.length > 0) {
    if (lengths.length > 0) return { why: 'Content-Length beside Transfer-Encoding' };
    if (minor === 0) return { why: 'Transfer-Encoding in HTTP/1.0' };
    const isChunked = codings.length === 1 && membersOf(fields, 'transfer-encoding').join() === 'chunked';
    return isChunked ? { kind: 'chunked' } : { why: 'a Transfer-Encoding other than chunked' };
  }
  const [length] = lengths;
  if (length === undefined) return undefined;
  if (lengths.length > 1) return { why: 'two Content-Length fields' };
  if (!LENGTH.test(length)) return { why: 'a Content-Length that is no number' };
  return length === '0' ? { kind: 'none' } : { kind: 'length', bytes: Number(length) };
}

/** The next part of a body. */
export interface BodyPart {
  /** In the framing of the receiver; perhaps empty. */
  readonly passed: readonly Uint8Array[];
  /** Bytes that were looked at; the rest stands behind the end of the body. */
  readonly used: number;
  readonly state: 'more' | 'done' | 'bad';
}

export interface BodyReader {
  take(bytes: Uint8Array): BodyPart;
  /** Whether the body may end where the connection does. */
  readonly mayEnd: boolean;
}

/** Reads a body in `framing`; `as`: the framing of what is passed on, where it is chunked. */
export function bodyReader(framing: Framing, as: 'chunked' | 'plain' = 'chunked'): BodyReader {
  switch (framing.kind) {
    case 'none':
      return new LengthReader(0);
    case 'length':
      return new LengthReader(framing.bytes);
    case 'until-close':
      return { take: (bytes) => ({ passed: [bytes], used: bytes.length, state: 'more' }), mayEnd: true };
    case 'chunked':
      return new ChunkReader(as);
  }
}

class LengthReader implements BodyReader {
  readonly mayEnd = false;
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: Uint8Array): BodyPart {
    const used = Math.min(bytes.length, this.#left);
    this.#left -= used;
    const passed = used === 0 ? [] : [bytes.subarray(0, used)];
    return { passed, used, state: this.#left === 0 ? 'done' : 'more' };
  }
}

/** Longest line of a chunk, its extensions included, and longest trailer. */
const MAX_CHUNK_LINE = 1024;
const MAX_TRAILER = 8192;
// eslint-disable-next-line no-control-regex -- they are what it is about
const CHUNK_LINE = /^([0-9a-fA-F]{1,13})(?:[ \t]*;[^\0-\x08\x0a-\x1f\x7f]*)?$/;
/** A trailer is dropped, but what stands in it must not be something else. */
// eslint-disable-next-line no-control-regex -- they are what it is about
const TRAILER_LINE = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\0-\x08\x0a-\x1f\x7f]*)?$/;
const LF = 0x0a;
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const CRLF = Buffer.from('\r\n');
const NOTHING: Uint8Array = new Uint8Array(0);

type ChunkStage = 'size' | 'data' | 'data-end' | 'trailer' | 'done' | 'bad';

class ChunkReader implements BodyReader {
  readonly mayEnd = false;
  readonly #as: 'chunked' | 'plain';
  #stage: ChunkStage = 'size';
  /** Of the line that is not whole. */
  #line = NOTHING;
  /** Of the chunk. */
  #left = 0;
  #trailerBytes = 0;

  constructor(as: 'chunked' | 'plain') {
    this.#as = as;
  }

  take(bytes: Uint8Array): BodyPart {
    const passed: Uint8Array[] = [];
    let at = 0;
    while (at < bytes.length && this.#stage !== 'done' && this.#stage !== 'bad') {
      at += this.#stage === 'data' ? this.#takeData(bytes.subarray(at), passed) : this.#takeLine(bytes, at);
    }
    const state = this.#stage === 'done' || this.#stage === 'bad' ? this.#stage : 'more';
    if (state === 'done' && this.#as === 'chunked') passed.push(LAST_CHUNK);
    return { passed, used: at, state };
  }

  #takeData(bytes: Uint8Array, passed: Uint8Array[]): number {
    const data = bytes.subarray(0, this.#left);
    if (this.#as === 'plain') passed.push(data);
    else passed.push(Buffer.from(`${data.length.toString(16)}\r\n`), data, CRLF);
    this.#left -= data.length;
    if (this.#left === 0) this.#stage = 'data-end';
    return data.length;
  }

  /** Takes one line, or the part of it that is there; gives the bytes taken. */
  #takeLine(bytes: Uint8Array, at: number): number {
    const end = bytes.indexOf(LF, at);
    const part = bytes.subarray(at, end < 0 ? bytes.length : end + 1);
    this.#line = concatBytes(this.#line, part);
    if (this.#line.length > MAX_CHUNK_LINE) this.#stage = 'bad';
    else if (end >= 0) {
      const line = Buffer.from(this.#line).toString('latin1');
      this.#line = NOTHING;
      this.#stage = line.endsWith('\r\n') ? this.#after(line.slice(0, -2)) : 'bad';
    }
    return part.length;
  }

  #after(line: string): ChunkStage {
    switch (this.#stage) {
      case 'size':
        return this.#afterSize(CHUNK_LINE.exec(line)?.[1]);
      case 'data-end':
        return line === '' ? 'size' : 'bad';
      case 'trailer':
        this.#trailerBytes += line.length + 2;
        if (line === '') return 'done';
        return TRAILER_LINE.test(line) && this.#trailerBytes <= MAX_TRAILER ? 'trailer' : 'bad';
      case 'data':
      case 'done':
      case 'bad':
        return this.#stage;
    }
  }

  #afterSize(digits: string | undefined): ChunkStage {
    if (digits === undefined) return 'bad';
    this.#left = parseInt(digits, 16);
    return this.#left === 0 ? 'trailer' : 'data';
  }
}
