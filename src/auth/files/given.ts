// Users whose passwords stand in no file, because another program takes them from its command line.
import { byteString, displayText } from '../../base/bytes.ts';
import { recoverableText, type Hash } from '../hashing/hash.ts';
import type { User, Users } from './users.ts';

/** Users in place of a file that one `auth` names; the file itself is not read. */
export interface GivenUsers {
  readonly file: string;
  readonly users: readonly GivenUser[];
}

export interface GivenUser {
  /** The byte string of the name. */
  readonly key: string;
  readonly user: User;
}

/** A user without a group, with a plaintext password, so that CHAP works too. */
export function givenUser(name: Uint8Array, password: Uint8Array): GivenUser {
  const hash: Hash = { kind: 'base64', text: recoverableText(Buffer.from(password)) };
  return { key: byteString(name), user: { name: displayText(name), group: undefined, hashes: [hash] } };
}

/** The users of files with the given ones, who come first. */
export function joinGiven(users: Users, given: GivenUsers): Users {
  const added = given.users.map(({ key, user }) => [key, user] as const);
  const names = new Set(added.map(([name]) => name));
  const others = [...users.byName].filter(([name]) => !names.has(name));
  const byName = new Map([...added, ...others]);
  return { ...users, byName, usable: [...byName.values()].filter(({ hashes }) => hashes.length > 0) };
}
