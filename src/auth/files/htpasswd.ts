// The lines of a user file: `user:secret` as Apache's htpasswd(1) writes it, and the three-field `user:group:secret` of the C
// program picosocks5; after a hash, a colon and a comment, which nginx documents and Apache ignores. Text in and out is byte
// strings (base/bytes.ts).
import { displayText } from '../../base/bytes.ts';
import type { AuthSource } from '../../config/model/config.ts';
import { looksLikeHash, recogniseSecret, type PlaintextRule, type Secret } from '../hashing/hash.ts';
import { decodeMarks, hasMarks, parseDay } from './marks.ts';

/** One line that names a user, or the server. */
export interface UserEntry {
  readonly line: number;
  /** Empty in the format `password`: the line has the secret of the server itself, for mutual CHAP. */
  readonly user: string;
  readonly group: string | undefined;
  /** `password`: the line belongs to the format that allows several secrets for one user. */
  readonly format: 'htpasswd' | 'password' | 'shadow';
  readonly secret: Secret;
  /** Milliseconds since 1970 at which the login expires; undefined: never. */
  readonly validUntilMs?: number | undefined;
  /** Whether the comment locks the user. */
  readonly isLocked?: boolean;
}

/** How a file of users is read; those of shadow(5) have other lines. */
type FileFormat = Exclude<AuthSource['format'], 'shadow'>;

/** A doubt about one line; `text` continues the name of the file and the line. */
export interface LineProblem {
  readonly line: number;
  readonly text: string;
}

/** The fields of one line. Apache's rule too: blanks around a line, empty lines and `#` lines mean nothing. */
export interface LineFields {
  readonly user: string;
  /** The text after the first colon; undefined when there is none. */
  readonly rest: string | undefined;
}

/** Reads a whole file; a line that is wrong costs that line only. */
export function parseUserFile(
  text: string,
  format: FileFormat,
  plaintext: PlaintextRule,
): { readonly entries: readonly UserEntry[]; readonly problems: readonly LineProblem[] } {
  const entries: UserEntry[] = [];
  const problems: LineProblem[] = [];
  for (const [at, raw] of text.split('\n').entries()) {
    const fields = splitLine(raw);
    if (fields === undefined) continue;
    const parsed = parseFields(fields, format);
    if (parsed.problem !== undefined) problems.push({ line: at + 1, text: parsed.problem });
    if (parsed.fields === undefined) continue;
    entries.push({ line: at + 1, ...parsed.fields, secret: recogniseSecret(parsed.secret, plaintext) });
  }
  return { entries, problems };
}

/** The fields of a line that names a user; undefined for an empty line or a comment. */
export function splitLine(raw: string): LineFields | undefined {
  // trim() would take the byte A0, which ends many UTF-8 letters, for a blank.
  const line = raw.replace(/^(?:\xef\xbb\xbf)?[ \t]*/, '').replace(/[ \t\r\n]+$/, '');
  if (line === '' || line.startsWith('#')) return undefined;
  const [user, rest] = cutAtColon(line);
  return { user, rest };
}

type ParsedFields =
  | { readonly fields: undefined; readonly problem: string }
  | {
      readonly fields: Omit<UserEntry, 'line' | 'secret'>;
      readonly secret: string;
      readonly problem: string | undefined;
    };

function parseFields({ user, rest }: LineFields, format: FileFormat): ParsedFields {
  if (rest === undefined) return { fields: undefined, problem: 'no colon after the user name: line ignored' };
  const { kind, group, secret, comment } = splitRest(rest, format);
  return {
    fields: { user, group: group === '' ? undefined : group, format: kind, ...readStanding(comment) },
    secret,
    problem: problemOfMarks(comment) ?? restProblemOf(rest, format, kind, comment),
  };
}

/** An expiry that is no date locks its user. */
function readStanding(comment: string | undefined): Pick<UserEntry, 'validUntilMs' | 'isLocked'> {
  if (!hasMarks(comment)) return {};
  const { isLocked, expires } = decodeMarks(comment);
  const validUntilMs = expires === undefined ? undefined : parseDay(expires);
  return { isLocked: isLocked || (expires !== undefined && validUntilMs === undefined), validUntilMs };
}

function problemOfMarks(comment: string | undefined): string | undefined {
  const { expires } = decodeMarks(comment);
  if (expires === undefined || parseDay(expires) !== undefined) return undefined;
  return `!expires=${displayText(Buffer.from(expires, 'latin1'))} is no day such as 2026-12-31: the user is locked`;
}

function restProblemOf(
  rest: string,
  format: FileFormat,
  kind: RestFields['kind'],
  comment: string | undefined,
): string | undefined {
  if (kind === 'password')
    return rest.includes(':')
      ? undefined
      : 'two fields instead of user:group:secret: taken as a user without a group';
  if (comment === undefined || hasMarks(comment)) return undefined;
  if (format === 'htpasswd') return 'more than two fields: what follows the second colon is ignored';
  return format === 'auto' && looksLikeHash(rest.slice(0, rest.indexOf(':'))) === 'certain'
    ? undefined
    : 'the second field is read as a hash and what follows as a comment; if it is a group, name the file as password:FILE';
}

/** The fields after the user name. Joined by colons in this order, those present give the text again. */
export interface RestFields {
  readonly kind: 'htpasswd' | 'password';
  readonly group: string | undefined;
  readonly secret: string;
  readonly comment: string | undefined;
}

/** A comment must never be taken for the secret: a second field that is a hash is the secret. */
export function splitRest(rest: string, format: FileFormat): RestFields {
  const [second, third] = cutAtColon(rest);
  if (format === 'htpasswd' || isSecret(second, third, format))
    return { kind: 'htpasswd', group: undefined, secret: second, comment: third };
  if (third === undefined) return { kind: 'password', group: undefined, secret: second, comment: undefined };
  const [head, tail] = cutAtColon(third);
  // A password in plain text may have colons.
  return tail === undefined || looksLikeHash(head) === 'no'
    ? { kind: 'password', group: second, secret: third, comment: undefined }
    : { kind: 'password', group: second, secret: head, comment: tail };
}

/** Whether the second of three fields is the secret. A group may look like a lock, or like 13 characters of DES. */
function isSecret(second: string, third: string | undefined, format: FileFormat): boolean {
  if (third === undefined) return format === 'auto';
  const look = looksLikeHash(second);
  if (look === 'certain') return true;
  // A hash of DES may look like a group, and a comment of ours like a lock.
  if (look === 'perhaps' && hasMarks(third)) return true;
  return look === 'perhaps' && format === 'auto' && looksLikeHash(cutAtColon(third)[0]) !== 'certain';
}

function cutAtColon(text: string): readonly [string, string | undefined] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}
