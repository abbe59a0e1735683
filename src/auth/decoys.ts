// What is worked through for a user who does not exist: the hashes of one who does. Names that nobody has thus cost
// what names cost that somebody has, in a file of mixed kinds too, and always the same.
import { createHmac, randomBytes } from 'node:crypto';
import type { Users } from './files/users.ts';
import type { Hash } from './hashing/hash.ts';

export class Decoys {
  #key: Buffer | undefined;

  /** The hashes for an unknown name; none where nobody can log in at all. */
  choose(users: Users, name: Uint8Array): readonly Hash[] {
    if (users.usable.length === 0) return [];
    this.#key ??= randomBytes(32);
    const number = createHmac('sha256', this.#key).update(name).digest().readUInt32LE(0);
    return users.usable[number % users.usable.length]?.hashes ?? [];
  }
}
