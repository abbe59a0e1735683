// The commands of pis5user. Names arrive as the text of argv; the file holds their bytes.
import { formatDay } from '../auth/files/marks.ts';
import { barOf } from '../auth/files/standing.ts';
import { loadUsers, type User } from '../auth/files/users.ts';
import { looksLikeHash, recoverableText, SHA_ROUNDS } from '../auth/hashing/hash.ts';
import { verifyPassword } from '../auth/hashing/verify.ts';
import type { Fault } from '../base/fault.ts';
import { formatProblem } from '../config/values/problem.ts';
import { bytesOfArgument } from '../daemon/unix/argumentbytes.ts';
import { print } from '../daemon/unix/output.ts';
import type { Pis5userCommand, HashChoice, NewPassword, OldMethod } from './commandline.ts';
import { hasUser, isApacheFile, putUser, removeUser } from './edit.ts';
import { Pis5userFailure, STATUS } from './failure.ts';
import { changeUsers, readUsers } from './file.ts';
import { hashPassword } from './hashing.ts';
import { askNewPassword, askPassword } from './prompt.ts';

/** RFC 1929 section 2: ULEN is one byte. */
const MAX_NAME_BYTES = 255;

export async function addUser(
  command: NewPassword & { readonly missingFile: 'create' | 'fail' },
): Promise<void> {
  const { file, missingFile } = command;
  const user = userField(command);
  const mustFit = (text: string) => {
    if (hasUser(text, user))
      throw new Pis5userFailure(
        STATUS.DATA,
        `${describeUser(command.user)} is in ${file} already; use passwd`,
      );
    mustTake(text, command);
  };
  mustFit(readUsers(file, missingFile));
  const line = await newLine(user, command);
  changeUsers(file, missingFile, (text) => {
    mustFit(text);
    return putUser(text, line);
  });
}

export async function changePassword(command: NewPassword): Promise<void> {
  const user = userField(command);
  const mustFit = (text: string) => {
    mustHave(text, user, command);
    mustTake(text, command);
  };
  mustFit(readUsers(command.file, 'fail'));
  const line = await newLine(user, command);
  changeUsers(command.file, 'fail', (text) => {
    mustFit(text);
    return putUser(text, line);
  });
}

export function deleteUser(file: string, name: string): void {
  const user = nameBytes(name);
  changeUsers(file, 'fail', (text) => {
    mustHave(text, user, { file, user: name });
    return removeUser(text, user);
  });
}

/** Says on stdout whether the password would do; the daemon looks at the file in the same way. */
export async function verifyUser(command: Pis5userCommand & { readonly kind: 'verify' }): Promise<void> {
  const user = loadFile(command.file).get(nameBytes(command.user));
  if (user === undefined) throw unknownUser(command);
  const password = await askPassword(describeUser(command.user), command.from);
  if (!user.hashes.some((hash) => verifyPassword(password, hash))) {
    throw new Pis5userFailure(STATUS.NO_PERMISSION, `wrong password for ${describeUser(command.user)}`);
  }
  const bar = barOf(user);
  if (bar !== undefined)
    throw new Pis5userFailure(STATUS.NO_PERMISSION, `${describeUser(command.user)}: ${faultSentence(bar)}`);
  print('pis5user', `${describeUser(command.user)}: password correct\n`);
}

/** A line of three fields for each method, the one whose secret says less first. */
export async function printLines(command: Pis5userCommand & { readonly kind: 'print' }): Promise<void> {
  const user = checkedField('user name', command.user);
  const password = await askNewPassword(command.user, command.from);
  for (const method of command.methods) {
    const secret = hashPassword(password, OLD_HASHES[method]);
    print('pis5user', Buffer.from(`${user}::${secret}\n`, 'latin1'));
  }
}

/** crypt(3) of every system, and with it the C program, reads a hash of SHA-512. */
const OLD_HASHES: Readonly<Record<OldMethod, HashChoice>> = {
  basic: { method: 'sha512', cost: SHA_ROUNDS.default },
  chap: { method: 'chap', cost: 0 },
};

/** One line for each user: name, group or `-`, kinds of hash or `unusable`, what bars them if anything, with tabs between. */
export function listUsers(file: string): void {
  for (const user of loadFile(file).values()) {
    const kinds = user.hashes.map((hash) => hash.kind).join(',') || 'unusable';
    const fields = [printable(user.name), printable(user.group ?? '-'), kinds, ...standingTexts(user)];
    print('pis5user', `${fields.join('\t')}\n`);
  }
}

/** `locked`, `expires=2026-12-31`, `expired=2026-12-31`; nothing where there is neither. */
function standingTexts(user: User): readonly string[] {
  const { isLocked, validUntilMs } = user;
  const end = validUntilMs !== undefined && formatDay(validUntilMs);
  const isOver = barOf({ validUntilMs }) !== undefined;
  const words = [isLocked === true && 'locked', end !== false && `${isOver ? 'expired' : 'expires'}=${end}`];
  const said = words.filter((word) => word !== false);
  return said.length === 0 ? [] : [said.join(',')];
}

function faultSentence({ message, cause }: Fault): string {
  return typeof cause === 'string' ? `${message} (${cause})` : message;
}

async function newLine(user: string, command: NewPassword): Promise<Parameters<typeof putUser>[1]> {
  const group = command.group === undefined ? undefined : groupField(command.group);
  const password = await askNewPassword(describeUser(command.user), command.from);
  const fields = command.hash.method === 'chap' ? 'three' : 'two';
  return { user, group, hash: hashPassword(password, command.hash), fields };
}

/** The empty name is that of the server itself, whose secret proves it to clients of mutual CHAP. */
function userField({ user, hash }: NewPassword): string {
  return user === '' && hash.method === 'chap' ? '' : checkedField('user name', user);
}

function describeUser(user: string): string {
  return user === '' ? 'the server itself' : user;
}

/** Apache would read such a line of three fields as a user without a password. */
export function mustTake(text: string, { file, hash }: Pick<NewPassword, 'file' | 'hash'>): void {
  if (hash.method !== 'chap' || !isApacheFile(text)) return;
  throw new Pis5userFailure(
    STATUS.DATA,
    `will not write a chap entry into ${file}: its users have two fields, as Apache reads them, and chap entries ` +
      'have three (user:group:secret); keep them in another file',
  );
}

/** A name as the file will hold it, if it can. */
function checkedField(what: string, name: string): string {
  const field = nameBytes(name);
  const fault = fieldProblem(field);
  if (fault === undefined) return field;
  throw new Pis5userFailure(STATUS.DATA, `the ${what} ${fault}`);
}

/** The daemon would take it for the secret. */
export function groupField(name: string): string {
  const field = checkedField('group', name);
  if (looksLikeHash(field) === 'certain')
    throw new Pis5userFailure(STATUS.DATA, 'the group looks like a hash');
  return field;
}

/** What is wrong with the byte string of a name or a group. */
export function fieldProblem(field: string): string | undefined {
  if (field === '') return 'is empty';
  if (field.length > MAX_NAME_BYTES) return `has ${field.length} bytes; ${MAX_NAME_BYTES} is the most`;
  if (field.includes(':')) return 'holds a colon, which ends a field of the file';
  // eslint-disable-next-line no-control-regex
  if (/[\x00-\x1f\x7f]/.test(field)) return 'holds a control character';
  if (field.startsWith('#')) return 'starts with #, which makes a comment of the line';
  if (/^ | $/.test(field)) return 'starts or ends with a blank';
  return undefined;
}

export function mustHave(
  text: string,
  user: string,
  named: { readonly file: string; readonly user: string },
): void {
  if (!hasUser(text, user)) throw unknownUser(named);
}

function unknownUser({ file, user }: { readonly file: string; readonly user: string }): Pis5userFailure {
  return new Pis5userFailure(STATUS.NO_USER, `${describeUser(user)} is not in ${file}`);
}

/**
 * The users as a daemon that accepts plaintext would see them, under the empty name the server itself; doubtful lines go
 * to stderr.
 */
function loadFile(file: string): ReadonlyMap<string, User> {
  const { users, problems } = loadUsers([{ format: 'auto', file, origin: { file } }], 'accept');
  for (const problem of problems) {
    if (problem.severity === 'error') throw new Pis5userFailure(STATUS.NO_INPUT, formatProblem(problem));
    process.stderr.write(`pis5user: ${printable(formatProblem(problem))}\n`);
  }
  if (users.serverSecret === undefined) return users.byName;
  const hash = { kind: 'base64', text: recoverableText(users.serverSecret) } as const;
  return new Map([...users.byName, ['', { name: '', group: undefined, hashes: [hash] }]]);
}

/** The byte string of a name. Throws a Pis5userFailure when its bytes are unknown: a wrong name would be written. */
export function nameBytes(argument: string): string {
  const bytes = bytesOfArgument(argument);
  if (bytes !== undefined) return bytes;
  throw new Pis5userFailure(
    STATUS.USAGE,
    `${printable(argument)}: not UTF-8, and its bytes cannot be read from /proc`,
  );
}

/** A file may be of any origin: none of its control characters reaches the terminal. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
