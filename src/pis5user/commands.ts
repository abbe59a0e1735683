// What each command of pis5user does. Names arrive as the text of argv; the file holds their UTF-8 bytes.
import { loadUsers, type User } from '../auth/users.ts';
import { verifyPassword } from '../auth/verify.ts';
import { byteString } from '../base/bytes.ts';
import { formatProblem } from '../config/problem.ts';
import type { Command, NewPassword } from './commandline.ts';
import { hasUser, putUser, removeUser } from './edit.ts';
import { Failure, STATUS } from './failure.ts';
import { changeUsers, readUsers } from './file.ts';
import { hashPassword } from './hashing.ts';
import { askNewPassword, askPassword } from './prompt.ts';

/** RFC 1929 section 2: ULEN is one byte. */
const MAX_NAME_BYTES = 255;

export async function addUser(
  command: NewPassword & { readonly missingFile: 'create' | 'fail' },
): Promise<void> {
  const { file, missingFile } = command;
  const user = fieldOf('user name', command.user);
  const mustBeNew = (text: string) => {
    if (hasUser(text, user))
      throw new Failure(STATUS.DATA, `${command.user} is in ${file} already; use passwd`);
  };
  mustBeNew(readUsers(file, missingFile));
  const line = await newLine(user, command);
  changeUsers(file, missingFile, (text) => {
    mustBeNew(text);
    return putUser(text, line);
  });
}

export async function changePassword(command: NewPassword): Promise<void> {
  const user = fieldOf('user name', command.user);
  mustHave(readUsers(command.file, 'fail'), user, command);
  const line = await newLine(user, command);
  changeUsers(command.file, 'fail', (text) => {
    mustHave(text, user, command);
    return putUser(text, line);
  });
}

export function deleteUser(file: string, name: string): void {
  const user = argumentBytes(name);
  changeUsers(file, 'fail', (text) => {
    mustHave(text, user, { file, user: name });
    return removeUser(text, user);
  });
}

/** Says on stdout whether the password would do; the daemon looks at the file in the same way. */
export async function verifyUser(command: Command & { readonly kind: 'verify' }): Promise<void> {
  const user = loadFile(command.file).get(argumentBytes(command.user));
  if (user === undefined) throw unknownUser(command);
  const password = await askPassword(command.user, command.from);
  if (!user.hashes.some((hash) => verifyPassword(password, hash))) {
    throw new Failure(STATUS.NO_PERMISSION, `wrong password for ${command.user}`);
  }
  process.stdout.write(`${command.user}: password correct\n`);
}

/** One line for each user: name, group or `-`, kinds of hash or `unusable`, with tabs between. */
export function listUsers(file: string): void {
  for (const { name, group, hashes } of loadFile(file).values()) {
    const kinds = hashes.map((hash) => hash.kind).join(',');
    process.stdout.write(`${printable(name)}\t${printable(group ?? '-')}\t${kinds || 'unusable'}\n`);
  }
}

async function newLine(user: string, command: NewPassword): Promise<Parameters<typeof putUser>[1]> {
  const group = command.group === undefined ? undefined : fieldOf('group', command.group);
  const password = await askNewPassword(command.user, command.from);
  return { user, group, hash: hashPassword(password, command.hash) };
}

/** A name as the file will hold it, if it can. */
function fieldOf(what: string, name: string): string {
  const field = argumentBytes(name);
  const fault = faultOf(field);
  if (fault === undefined) return field;
  throw new Failure(STATUS.DATA, `the ${what} ${fault}`);
}

function faultOf(field: string): string | undefined {
  if (field === '') return 'is empty';
  if (field.length > MAX_NAME_BYTES) return `has ${field.length} bytes; ${MAX_NAME_BYTES} is the most`;
  if (field.includes(':')) return 'holds a colon, which ends a field of the file';
  // eslint-disable-next-line no-control-regex
  if (/[\x00-\x1f\x7f]/.test(field)) return 'holds a control character';
  if (field.startsWith('#')) return 'starts with #, which makes a comment of the line';
  if (/^ | $/.test(field)) return 'starts or ends with a blank';
  return undefined;
}

function mustHave(text: string, user: string, named: { readonly file: string; readonly user: string }): void {
  if (!hasUser(text, user)) throw unknownUser(named);
}

function unknownUser({ file, user }: { readonly file: string; readonly user: string }): Failure {
  return new Failure(STATUS.NO_USER, `${user} is not in ${file}`);
}

/** The users as a daemon that accepts plaintext would see them; doubtful lines go to stderr. */
function loadFile(file: string): ReadonlyMap<string, User> {
  const { users, problems } = loadUsers([{ format: 'auto', file, origin: { file } }], 'accept');
  for (const problem of problems) {
    if (problem.severity === 'error') throw new Failure(STATUS.NO_INPUT, formatProblem(problem));
    process.stderr.write(`pis5user: ${printable(formatProblem(problem))}\n`);
  }
  return users.byName;
}

function argumentBytes(argument: string): string {
  return byteString(Buffer.from(argument, 'utf8'));
}

/** A file may come from anybody: no control character of it reaches the terminal. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
