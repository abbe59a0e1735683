// Changes to the text of a user file: the lines of one user change, every other byte stays as it was.
// Text is byte strings (base/bytes.ts).
import { splitLine, splitRest, type RestFields } from '../auth/files/htpasswd.ts';
import { decodeMarks, encodeMarks } from '../auth/files/marks.ts';

/** The fields to write for a user. */
export interface UserLine {
  readonly user: string;
  /** undefined: the group stays as it was. */
  readonly group: string | undefined;
  readonly hash: string;
  /** The form of a line without a group: Apache's two fields, or three with an empty second one. */
  readonly fields: 'two' | 'three';
}

export function hasUser(text: string, user: string): boolean {
  return splitLines(text).some((line) => splitLine(line)?.user === user);
}

/** Names of all users. */
export function usersIn(text: string): ReadonlySet<string> {
  return new Set(splitLines(text).flatMap((line) => splitLine(line)?.user ?? []));
}

/** Appends lines of users whom the file does not have. */
export function addUsersTo(text: string, lines: readonly UserLine[]): string {
  const written = lines.map(({ user, group, hash, fields }) =>
    [user, group ?? (fields === 'three' ? '' : undefined), hash]
      .filter((part) => part !== undefined)
      .join(':'),
  );
  return written.length === 0 ? text : appendLine(text, written.join(endOf(text)));
}

/**
 * Replaces the secret in the first line of the user, whose comment stays, and removes the other lines, which would let the old
 * password in; or appends a line.
 */
export function putUser(text: string, { user, group, hash, fields }: UserLine): string {
  const lines = splitLines(text);
  const at = lines.findIndex((line) => splitLine(line)?.user === user);
  const old = restFieldsOf(lines[at]);
  const groupField = group ?? old?.group ?? (fields === 'three' ? '' : undefined);
  const parts = [user, groupField, hash, unlocked(old?.comment)].filter((part) => part !== undefined);
  const line = parts.join(':');
  if (at < 0) return appendLine(text, line);
  const before = lines.slice(0, at).join('');
  const after = removeUser(lines.slice(at + 1).join(''), user);
  const end = old?.comment === undefined ? /\r?\n?$/ : /[ \t]*\r?\n?$/;
  return before + startOf(lines[at] ?? '') + line + (end.exec(lines[at] ?? '')?.[0] ?? '') + after;
}

/** A new password unlocks its user; an expiry stays. */
function unlocked(comment: string | undefined): string | undefined {
  return encodeMarks({ ...decodeMarks(comment), isLocked: false });
}

export function removeUser(text: string, user: string): string {
  return splitLines(text)
    .filter((line) => splitLine(line)?.user !== user)
    .join('');
}

/** Whether it is a file as Apache's htpasswd writes it: there are users, and no line has a group. */
export function isApacheFile(text: string): boolean {
  const users = splitLines(text).filter((line) => splitLine(line) !== undefined);
  return users.length > 0 && users.every((line) => restFieldsOf(line)?.group === undefined);
}

/** Lines with their ends. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** As the daemon reads them (format `auto`); undefined when there is no colon. */
function restFieldsOf(line: string | undefined): RestFields | undefined {
  const rest = line === undefined ? undefined : splitLine(line)?.rest;
  return rest === undefined ? undefined : splitRest(rest, 'auto');
}

function endOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function appendLine(text: string, line: string): string {
  const end = endOf(text);
  const joint = text === '' || text.endsWith('\n') ? '' : end;
  return `${text}${joint}${line}${end}`;
}

/** The byte order mark that some editors put before the first line. */
function startOf(line: string): string {
  return line.startsWith('\xef\xbb\xbf') ? '\xef\xbb\xbf' : '';
}
