// The lines of a user file: `user:secret` as Apache's htpasswd(1) writes it, and the three-field
// `user:group:secret` of the C program picosocks5. Text in and out is byte strings (base/bytes.ts).
import { recogniseSecret, type PlaintextRule, type Secret } from './hash.ts';
import type { AuthSource } from '../config/config.ts';

/** One line that names a user, or the server. */
export interface UserEntry {
  readonly line: number;
  /** Empty in the format `password`: the line has the secret of the server itself, for mutual CHAP. */
  readonly user: string;
  readonly group: string | undefined;
  /** `password`: the line belongs to the format that allows several secrets for one user. */
  readonly format: 'htpasswd' | 'password' | 'shadow';
  readonly secret: Secret;
  /** Milliseconds since 1970, from which on nobody may log in; undefined: never. */
  readonly validUntilMs?: number | undefined;
}

/** How a file of users is read; those of shadow(5) have other lines. */
type FileFormat = Exclude<AuthSource['format'], 'shadow'>;

/** What is doubtful about one line; `text` reads on from the name of the file and the line. */
export interface LineProblem {
  readonly line: number;
  readonly text: string;
}

/** The fields of one line. Apache's rule too: blanks around a line, empty lines and `#` lines mean nothing. */
export interface LineFields {
  readonly user: string;
  /** What follows the first colon; undefined where there is none. */
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
  const colon = line.indexOf(':');
  return colon < 0
    ? { user: line, rest: undefined }
    : { user: line.slice(0, colon), rest: line.slice(colon + 1) };
}

type ParsedFields =
  | { readonly fields: undefined; readonly problem: string }
  | {
      readonly fields: Pick<UserEntry, 'user' | 'group' | 'format'>;
      readonly secret: string;
      readonly problem: string | undefined;
    };

function parseFields({ user, rest }: LineFields, format: FileFormat): ParsedFields {
  if (rest === undefined) return { fields: undefined, problem: 'no colon after the user name: line ignored' };
  const colon = rest.indexOf(':');
  if (format === 'htpasswd' || (format === 'auto' && colon < 0)) return htpasswdFields(user, rest, colon);
  return passwordFields(user, rest, colon);
}

/** As Apache does, the secret ends at a second colon. */
function htpasswdFields(user: string, rest: string, colon: number): ParsedFields {
  return {
    fields: { user, group: undefined, format: 'htpasswd' },
    secret: colon < 0 ? rest : rest.slice(0, colon),
    problem: colon < 0 ? undefined : 'more than two fields: what follows the second colon is ignored',
  };
}

function passwordFields(user: string, rest: string, colon: number): ParsedFields {
  const group = colon < 1 ? undefined : rest.slice(0, colon);
  return {
    fields: { user, group, format: 'password' },
    secret: rest.slice(colon + 1),
    problem:
      colon < 0 ? 'two fields instead of user:group:secret: taken as a user without a group' : undefined,
  };
}
