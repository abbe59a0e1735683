// Locks of users and days on which they expire, in the lines of a user file: every other byte stays as it was. They stand in
// comments, which other programs pass over (auth/files/marks.ts). Text is byte strings (base/bytes.ts).
import { splitLine, splitRest, type RestFields } from '../auth/files/htpasswd.ts';
import { decodeMarks, encodeMarks, type Marks } from '../auth/files/marks.ts';
import { LOCK, looksLikeHash } from '../auth/hashing/hash.ts';
import { nameBytes, mustHave } from './commands.ts';
import { splitLines } from './edit.ts';
import { Pis5userFailure, STATUS } from './failure.ts';
import { changeUsers } from './file.ts';

export function lockUser(file: string, name: string): void {
  changeLines(file, name, (fields) =>
    canBearComment(fields)
      ? withMarks(fields, { isLocked: true })
      : { ...fields, secret: isLock(fields) ? fields.secret : `!${fields.secret}` },
  );
}

export function unlockUser(file: string, name: string): void {
  changeLines(file, name, (fields) => {
    const { secret } = fields;
    const isHash = looksLikeHash(secret.replace(LOCK, '')) !== 'no';
    const open = secret.replace(isHash ? LOCK : /^!/, '');
    if (open !== '' && !LOCK.test(open)) return withMarks({ ...fields, secret: open }, { isLocked: false });
    throw new Pis5userFailure(
      STATUS.DATA,
      `${name} has no password that could be unlocked in ${file}; set one with: pis5user passwd`,
    );
  });
}

export function expireUser(command: {
  readonly file: string;
  readonly user: string;
  readonly day: string | undefined;
}): void {
  const { file, user, day } = command;
  changeLines(file, user, (fields) => {
    if (canBearComment(fields) || day === undefined) return withMarks(fields, { expires: day });
    throw new Pis5userFailure(
      STATUS.DATA,
      `the password of ${user} stands in ${file} as it is, and no date can stand behind it; hash it with: pis5user passwd`,
    );
  });
}

/** Behind a password in plain text it would be a part of it. */
function canBearComment({ secret }: RestFields): boolean {
  return looksLikeHash(secret) !== 'no';
}

function isLock({ secret }: RestFields): boolean {
  return LOCK.test(secret);
}

function withMarks(fields: RestFields, changes: Partial<Marks>): RestFields {
  return { ...fields, comment: encodeMarks({ ...decodeMarks(fields.comment), ...changes }) };
}

/** Changes every line of the user, whom the file must have. */
function changeLines(file: string, name: string, change: (fields: RestFields) => RestFields): void {
  if (name === '')
    throw new Pis5userFailure(STATUS.DATA, 'the server itself does not log in: nothing to lock');
  const user = nameBytes(name);
  changeUsers(file, 'fail', (text) => {
    mustHave(text, user, { file, user: name });
    return splitLines(text)
      .map((line) => changeLine(line, user, change))
      .join('');
  });
}

/** Blanks around the fields and the end of the line stay. */
function changeLine(raw: string, user: string, change: (fields: RestFields) => RestFields): string {
  const line = splitLine(raw);
  if (line?.user !== user || line.rest === undefined) return raw;
  const start = raw.indexOf(':') + 1;
  const { group, secret, comment } = change(splitRest(line.rest, 'auto'));
  const rest = [group, secret, comment].filter((part) => part !== undefined).join(':');
  return raw.slice(0, start) + rest + raw.slice(start + line.rest.length);
}
