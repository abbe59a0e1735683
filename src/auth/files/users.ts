// The users of all sources as one immutable table: what a login is checked against, and what a reload swaps.
import { statSync } from 'node:fs';
import { byteString, displayText } from '../../base/bytes.ts';
import type { AuthSource, Problem } from '../../config/model/config.ts';
import { isGiven, readContent } from '../../config/reading/contents.ts';
import { error, formatOrigin, warning } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { secretBehind, type Hash, type PlaintextRule, type Secret } from '../hashing/hash.ts';
import { whyNoYescrypt } from '../hashing/libcrypt.ts';
import { hasMd5 } from '../hashing/md5.ts';
import { parseUserFile, type UserEntry } from './htpasswd.ts';
import { readShadow, type KeptAccounts } from './shadowfile.ts';

/** A user, whose password matches any of `hashes`; none: the entry is unusable. standing.ts decides whether they may log in. */
export interface User {
  /** As people read it. */
  readonly name: string;
  /** Selects the section of rules. */
  readonly group: string | undefined;
  readonly hashes: readonly Hash[];
  /** Why an entry that is not locked is unusable; undefined when all are usable. */
  readonly broken?: string | undefined;
  readonly isLocked?: boolean | undefined;
  /** Milliseconds since 1970 at which the login expires; undefined: never. */
  readonly validUntilMs?: number | undefined;
  /** The file with the first line of this user; absent: the user stands in no file. */
  readonly file?: string;
}

export interface Users {
  /** By byte string of the name. */
  readonly byName: ReadonlyMap<string, User>;
  /** Users with hashes, locked and expired ones included: their hashes are the decoys for unknown names. */
  readonly usable: readonly User[];
  /** The secret with which the server proves itself to a client in mutual CHAP. */
  readonly serverSecret: Uint8Array | undefined;
}

/**
 * Reads every source, in order: the first that knows a user decides. Problems bear the file and the line. `kept` has the
 * accounts of this host, which can be read only once.
 */
export function loadUsers(
  sources: readonly AuthSource[],
  plaintext: PlaintextRule,
  kept: KeptAccounts = new Map(),
): { readonly users: Users; readonly problems: readonly Problem[] } {
  const byName = new Map<string, LoadedUser>();
  const problems: Problem[] = [];
  const table: Table = { byName, problems, server: undefined };
  for (const source of sources)
    addEntries(table, source.file, readUserEntries(source, plaintext, kept, problems));
  for (const user of byName.values()) lockWithout(user);
  const usable = [...byName.values()].filter((user) => user.hashes.length > 0);
  problems.push(...chapProblems(usable));
  return { users: { byName, usable, serverSecret: table.server?.secret }, problems };
}

/** The content of the files read so far. */
interface Table {
  readonly byName: Map<string, LoadedUser>;
  readonly problems: Problem[];
  server: { readonly secret: Uint8Array; readonly origin: LineOrigin } | undefined;
}

interface LineOrigin {
  readonly file: string;
  readonly line: number;
}

interface LoadedUser extends User {
  readonly hashes: Hash[];
  /** Hashes of locked or empty lines. */
  readonly lockedHashes: Hash[];
  isLocked: boolean;
  validUntilMs: number | undefined;
  readonly origin: LineOrigin;
  readonly format: UserEntry['format'];
}

function readUserEntries(
  source: AuthSource,
  plaintext: PlaintextRule,
  kept: KeptAccounts,
  problems: Problem[],
): readonly UserEntry[] {
  const { file, format } = source;
  if (format === 'shadow') return readShadow(source, kept, problems);
  const text = readSource(source, problems);
  if (text === undefined) return [];
  const parsed = parseUserFile(text, format, plaintext);
  for (const each of parsed.problems) problems.push(warning({ file, line: each.line }, each.text));
  return parsed.entries;
}

/** The byte string of a file; undefined, with the reason among `problems`, where it cannot be read. */
function readSource({ file, origin }: AuthSource, problems: Problem[]): string | undefined {
  try {
    if (!isGiven(file)) problems.push(...rightsOf(file));
    return byteString(readContent(file));
  } catch (cause) {
    // Reported against the file (status 78), not against the option that names it (64).
    const named = origin.file === file ? '' : ` (users, named at ${formatOrigin(origin)})`;
    problems.push(error({ file }, `cannot be read: ${systemReason(cause)}${named}`));
    return undefined;
  }
}

/** Throws where it is no regular file. */
function rightsOf(file: string): readonly Problem[] {
  const stat = statSync(file);
  if (!stat.isFile()) throw new Error('not a regular file');
  const everybody = 'everybody may write this file of users: run chmod o-w on it';
  return (stat.mode & 0o002) === 0 ? [] : [warning({ file }, everybody)];
}

function addEntries(table: Table, file: string, entries: readonly UserEntry[]): void {
  for (const entry of entries) {
    if (entry.user === '' && entry.format === 'password') addServerSecret(table, file, entry);
    else addEntry(table, file, { ...entry, secret: withinReach(entry.secret) });
  }
}

/** The C program kept it under the empty user. One is enough, and the first one counts. */
function addServerSecret(table: Table, file: string, entry: UserEntry): void {
  const origin = { file, line: entry.line };
  const secret = serverSecretOf(entry);
  if (table.server !== undefined) {
    const first = formatOrigin(table.server.origin);
    table.problems.push(
      warning(origin, `the secret of the server itself stands at ${first} already: this line is ignored`),
    );
  } else if (secret === undefined) {
    const text =
      'the secret of the server itself must be $base64$ and the secret in Base64: this line is ignored';
    table.problems.push(warning(origin, text));
  } else table.server = { secret, origin };
}

/** undefined when it is a hash, which proves nothing, or empty. */
function serverSecretOf({ secret }: UserEntry): Uint8Array | undefined {
  if (secret.kind === 'unusable' || secret.hash.kind !== 'base64') return undefined;
  const bytes = secretBehind(secret.hash.text);
  return bytes.length === 0 ? undefined : bytes;
}

function addEntry({ byName, problems }: Table, file: string, entry: UserEntry): void {
  const user = userOf(entry, file);
  if (entry.secret.kind === 'unusable') {
    problems.push(warning(user.origin, `user ${user.name} ${entry.secret.reason}: this line lets nobody in`));
  }
  const known = byName.get(entry.user);
  if (known === undefined) byName.set(entry.user, user);
  else problems.push(...addAgain(known, user));
}

/** yescrypt is left to the system's libcrypt, which only the native addon reaches. */
function withinReach(secret: Secret): Secret {
  if (secret.kind === 'unusable' || secret.hash.kind !== 'yescrypt') return secret;
  const why = whyNoYescrypt();
  if (why === undefined) return secret;
  return {
    kind: 'unusable',
    because: 'broken',
    reason: `has a yescrypt hash, which ${why}; set the password again`,
  };
}

/** A user whose lines are all locked: the right password identifies the user, but the login fails. */
function lockWithout(user: LoadedUser): void {
  if (user.hashes.length > 0 || user.lockedHashes.length === 0) return;
  user.hashes.push(...user.lockedHashes);
  user.isLocked = true;
}

function userOf({ user, group, secret, line, format, ...standing }: UserEntry, file: string): LoadedUser {
  return {
    name: asText(user),
    group: group === undefined ? undefined : asText(group),
    hashes: secret.kind === 'hash' ? [secret.hash] : [],
    lockedHashes: lockedHashesOf(secret),
    broken: secret.kind === 'unusable' && secret.because === 'broken' ? secret.reason : undefined,
    origin: { file, line },
    file,
    format,
    isLocked: standing.isLocked ?? false,
    validUntilMs: standing.validUntilMs,
  };
}

function lockedHashesOf(secret: Secret): Hash[] {
  if (secret.kind === 'hash' || secret.because === 'broken' || secret.behind === undefined) return [];
  const within = withinReach({ kind: 'hash', hash: secret.behind });
  return within.kind === 'hash' ? [within.hash] : [];
}

function asText(field: string): string {
  return displayText(Buffer.from(field, 'latin1'));
}

/** Several secrets for one user are a feature of the three-field file; elsewhere the first line counts, as in Apache. */
function addAgain(known: LoadedUser, again: LoadedUser): Problem[] {
  const sameFile = known.origin.file === again.origin.file;
  if (!sameFile || known.format !== 'password' || again.format !== 'password') {
    const first = sameFile ? `line ${known.origin.line}` : formatOrigin(known.origin);
    return [warning(again.origin, `user ${known.name} stands in ${first} already: this line is ignored`)];
  }
  known.hashes.push(...again.hashes);
  known.lockedHashes.push(...again.lockedHashes);
  // A mark on one line of a user holds for all of them.
  known.isLocked ||= again.isLocked;
  known.validUntilMs = earlier(known.validUntilMs, again.validUntilMs);
  if (again.group === known.group) return [];
  return [
    warning(
      again.origin,
      `user ${known.name} has another group in line ${known.origin.line}: that one counts`,
    ),
  ];
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** Once for all users: they can still log in with user and password. */
function chapProblems(usable: readonly LoadedUser[]): Problem[] {
  const first = usable.find(({ hashes }) => hashes.some(({ kind }) => kind === 'base64'));
  if (first === undefined || hasMd5()) return [];
  return [
    warning(
      first.origin,
      `user ${first.name} could log in with CHAP, but it needs MD5, which this Node refuses (FIPS mode?): ` +
        'CHAP is not offered, such users log in with user and password only',
    ),
  ];
}
