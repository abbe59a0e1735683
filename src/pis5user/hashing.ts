// New secrets for user files: hashes, each with a fresh random salt, and for CHAP the password itself.
import { randomInt } from 'node:crypto';
import apacheMd5 from 'apache-md5';
import { genSaltSync, hash, hashSync } from 'bcrypt';
import { recoverableText, SHA_ROUNDS } from '../auth/hashing/hash.ts';
import { shaCrypt } from '../auth/hashing/shacrypt.ts';
import { byteString } from '../base/bytes.ts';
import type { HashChoice } from './commandline.ts';
import { Pis5userFailure, STATUS } from './failure.ts';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Bytes of a password that bcrypt looks at; the rest would not matter at a login. */
const BCRYPT_MAX_BYTES = 72;
/** RFC 1929 section 2: PLEN is one byte. */
const MAX_BYTES = 255;

/** The text of a new secret. Throws a Pis5userFailure for a password that a login could not give back whole. */
export function hashPassword(password: Buffer, { method, cost }: HashChoice): string {
  mustBeUsable(password, method);
  switch (method) {
    case 'bcrypt':
      return asApache(hashSync(password, genSaltSync(cost)));
    case 'sha256':
      return shaCrypt(password, `$5$${roundsField(cost)}${randomSalt(16)}`);
    case 'sha512':
      return shaCrypt(password, `$6$${roundsField(cost)}${randomSalt(16)}`);
    case 'apr1':
      return apacheMd5(byteString(password), `$apr1$${randomSalt(8)}`);
    case 'chap':
      return recoverableText(password);
  }
}

/** The same beside others, where that is possible: one of bcrypt takes a thread of Node's pool. */
export async function hashBeside(password: Buffer, choice: HashChoice): Promise<string> {
  if (choice.method !== 'bcrypt') return hashPassword(password, choice);
  mustBeUsable(password, choice.method);
  return asApache(await hash(password, choice.cost));
}

/** Apache names the variant of bcrypt by another letter. */
function asApache(text: string): string {
  return text.replace(/^\$2b/, '$$2y');
}

/** Throws a Pis5userFailure for a password that a login could not give back whole. */
export function mustBeUsable(password: Buffer, method: HashChoice['method']): void {
  if (password.length === 0) throw unfit('the password is empty');
  if (password.includes(0)) throw unfit('the password holds a NUL byte');
  if (password.length > MAX_BYTES) {
    throw unfit(`the password has ${password.length} bytes; SOCKS carries ${MAX_BYTES} at most`);
  }
  if (method === 'bcrypt' && password.length > BCRYPT_MAX_BYTES) {
    throw unfit(
      `the password has ${password.length} bytes and bcrypt heeds only ${BCRYPT_MAX_BYTES}; use --method sha512`,
    );
  }
}

function unfit(text: string): Pis5userFailure {
  return new Pis5userFailure(STATUS.DATA, text);
}

function roundsField(rounds: number): string {
  return rounds === SHA_ROUNDS.default ? '' : `rounds=${rounds}$`;
}

function randomSalt(length: number): string {
  return Array.from({ length }, () => ALPHABET.charAt(randomInt(64))).join('');
}
