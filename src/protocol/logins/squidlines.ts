// The lines of squid's helpers for Basic logins (https://wiki.squid-cache.org/Features/AddonHelpers): a question is one line,
// and so is its answer. The program may be anyone's, so an answer has a bound and is trusted as little as a client.
import { newBytes } from '../../base/bytes.ts';
import { bad, done, more, type Decoded } from '../decoded.ts';

/** A login that a program is asked about. Neither field holds a NUL, or is empty. */
export interface SquidQuestion {
  /** Tells the questions apart that one process has at the same time; undefined: it has one at a time. */
  readonly channel: number | undefined;
  readonly user: Uint8Array;
  readonly password: Uint8Array;
}

export interface SquidAnswer {
  readonly channel: number | undefined;
  /** `unable`: the program could not find out (BH, "broken helper"). */
  readonly verdict: 'yes' | 'no' | 'unable';
  /** The name that counts from now on; absent: the one that was asked about. Values are byte strings. */
  readonly user?: string;
  readonly groups: readonly string[];
  /** For people: `message=`, or free text as older programs write it. */
  readonly message?: string;
  /** How long the answer holds, in seconds. */
  readonly ttl?: number;
}

/** With its end; squid itself takes 32 KiB, and a program has no use for more than a name and its groups. */
export const MAX_ANSWER_BYTES = 16_384;

/** An account of a directory may be in many groups; further ones are ignored. */
export const MAX_GROUPS = 256;

const LF = 0x0a;
const DEL = 0x7f;
const PERCENT = 0x25;
const SPACE = 0x20;
/** Beside controls and bytes from 0x80 on: space, `"`, `%` and `\`, as squid does. */
const ESCAPED = new Set([SPACE, 0x22, PERCENT, 0x5c]);
const HEX = Buffer.from('0123456789ABCDEF', 'latin1');

/** Encodes `[CHANNEL SP] USER SP PASSWORD LF`, with escapes of RFC 1738. */
export function encodeSquidQuestion({ channel, user, password }: SquidQuestion): Uint8Array {
  const head = channel === undefined ? '' : `${channel} `;
  const bytes = newBytes(head.length + 3 * (user.length + password.length) + 2);
  let at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).write(head, 'latin1');
  at = escape(bytes, at, user);
  bytes[at++] = SPACE;
  at = escape(bytes, at, password);
  bytes[at++] = LF;
  return bytes.subarray(0, at);
}

function escape(to: Uint8Array, start: number, from: Uint8Array): number {
  let at = start;
  for (const byte of from) {
    if (byte > SPACE && byte < DEL && !ESCAPED.has(byte)) {
      to[at++] = byte;
      continue;
    }
    to[at++] = PERCENT;
    to[at++] = HEX[byte >> 4] ?? 0;
    to[at++] = HEX[byte & 15] ?? 0;
  }
  return at;
}

/** Decodes the answer of a program that is asked one question at a time: `OK|ERR|BH [SP KEY=VALUE]... LF`. */
export function decodeSquidAnswer(bytes: Uint8Array): Decoded<SquidAnswer> {
  return decodeLine(bytes, (line) => parseVerdict(line, undefined));
}

/** Decodes the answer of a program with channels: the same after `CHANNEL SP`. */
export function decodeSquidChannelAnswer(bytes: Uint8Array): Decoded<SquidAnswer> {
  return decodeLine(bytes, (line) => {
    const [, channel, rest] = /^(\d{1,9}) (.*)$/s.exec(line) ?? [];
    return channel === undefined || rest === undefined ? undefined : parseVerdict(rest, Number(channel));
  });
}

function decodeLine(
  bytes: Uint8Array,
  parse: (line: string) => SquidAnswer | undefined,
): Decoded<SquidAnswer> {
  const end = bytes.subarray(0, MAX_ANSWER_BYTES).indexOf(LF);
  if (end < 0) {
    return bytes.length >= MAX_ANSWER_BYTES
      ? bad('LOGIN_UNAVAILABLE', `a line of more than ${MAX_ANSWER_BYTES} bytes`)
      : more(bytes.length + 1);
  }
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1').replace(/\r$/, '');
  const answer = parse(line);
  return answer === undefined
    ? bad('LOGIN_UNAVAILABLE', `an answer that is none: ${JSON.stringify(line.slice(0, 80))}`)
    : done(answer, end + 1);
}

const VERDICTS: ReadonlyMap<string, SquidAnswer['verdict']> = new Map([
  ['OK', 'yes'],
  ['ERR', 'no'],
  ['BH', 'unable'],
]);

function parseVerdict(line: string, channel: number | undefined): SquidAnswer | undefined {
  const [, word = '', rest = ''] = /^([A-Z]+)(?: (.*))?$/s.exec(line) ?? [];
  const verdict = VERDICTS.get(word);
  if (verdict === undefined) return undefined;
  const { pairs, text } = parsePairs(rest);
  const valueOf = (key: string): string | undefined => pairs.find(([each]) => each === key)?.[1];
  const user = valueOf('user');
  const message = valueOf('message') ?? text;
  const ttl = valueOf('ttl');
  const groups = pairs.flatMap(([key, value]) => (key === 'group' && value !== '' ? [value] : []));
  return {
    channel,
    verdict,
    groups: groups.slice(0, MAX_GROUPS),
    ...(user === undefined || user === '' ? {} : { user }),
    ...(message === undefined ? {} : { message }),
    ...(ttl !== undefined && /^\d{1,9}$/.test(ttl) ? { ttl: Number(ttl) } : {}),
  };
}

interface Pairs {
  readonly pairs: readonly (readonly [key: string, value: string])[];
  /** What follows the last pair. */
  readonly text: string | undefined;
}

/** One `KEY=VALUE`: a value in quotes with `\` before any character, or a word with escapes of RFC 1738. */
const PAIR = /^ *([A-Za-z0-9_.-]+)=(?:"((?:[^"\\]|\\.)*)"|([^ "][^ ]*|))(?= |$)/s;

function parsePairs(rest: string): Pairs {
  const pairs: (readonly [string, string])[] = [];
  let left = rest;
  for (let found = PAIR.exec(left); found !== null; found = PAIR.exec(left)) {
    const [whole, key = '', quoted, word = ''] = found;
    pairs.push([key, quoted === undefined ? unescape(word) : quoted.replace(/\\(.)/gs, '$1')]);
    left = left.slice(whole.length);
  }
  const text = left.trim();
  return { pairs, text: text === '' ? undefined : text };
}

function unescape(word: string): string {
  return word.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
