// Decoy hashes: an unknown user is checked against the hashes of an existing one. Unknown names thus cost what known ones cost,
// also in a file of mixed kinds, and the same each time.
import { createHmac, randomBytes } from 'node:crypto';
import type { Users } from './files/users.ts';
import type { Hash } from './hashing/hash.ts';

export class Decoys {
  #key: Buffer | undefined;

  /** The hashes for an unknown name; empty when no user can log in at all. */
  choose(users: Users, name: Uint8Array): readonly Hash[] {
    if (users.usable.length === 0) return [];
    this.#key ??= randomBytes(32);
    const number = createHmac('sha256', this.#key).update(name).digest().readUInt32LE(0);
    return users.usable[number % users.usable.length]?.hashes ?? [];
  }
}
