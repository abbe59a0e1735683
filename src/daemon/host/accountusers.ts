// Users by the account of a process (`unix-user`): names of passwd(5), with the groups of the files of users.
import { readFileSync } from 'node:fs';
import { barOf } from '../../auth/files/standing.ts';
import type { User } from '../../auth/files/users.ts';
import { byteString } from '../../base/bytes.ts';
import type { IdentityOfAccount } from '../../session/session.ts';

/** That of accounts of other user namespaces, which anybody may be (user_namespaces(7)). */
const OVERFLOW_UID = '/proc/sys/kernel/overflowuid';
const USUAL_OVERFLOW = 65_534;

/** The part of a table of users that says whose accounts they are. */
export interface AccountUsers {
  readonly byName: ReadonlyMap<string, Pick<User, 'group' | 'isLocked' | 'validUntilMs'>>;
}

/** The names of this host; one that can be read only at the start, before a chroot, stays as it was. */
export class AccountNames {
  readonly #file: string;
  readonly #overflowUid: number;
  #names: ReadonlyMap<number, string> = new Map();

  constructor(file = '/etc/passwd') {
    this.#file = file;
    this.#overflowUid = Number(readOr(OVERFLOW_UID, String(USUAL_OVERFLOW)));
    this.#names = this.#read();
  }

  /** Users as the files have them now, and names as they are now. */
  identities(users: AccountUsers): IdentityOfAccount {
    this.#names = this.#read();
    const names = this.#names;
    return (uid) => {
      const name = names.get(uid);
      const user = name === undefined ? undefined : users.byName.get(byteString(Buffer.from(name)));
      if (name === undefined || (user !== undefined && barOf(user) !== undefined)) return undefined;
      return { kind: 'user', name, group: user?.group };
    };
  }

  #read(): ReadonlyMap<number, string> {
    const text = readOr(this.#file, '');
    const names = text === '' ? this.#names : parsePasswd(text);
    return new Map([...names].filter(([uid]) => uid !== this.#overflowUid));
  }
}

/** If a uid has several names, the first counts, as for getpwuid(3). */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [, name, uid = ''] = /^([^:+-][^:]*):[^:]*:(\d{1,10}):/.exec(line) ?? [];
    if (name !== undefined && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
