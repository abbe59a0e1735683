// Checks a password against a stored secret. It blocks its thread for up to seconds: the daemon calls it in worker.ts only,
// pis5user directly. A failed computation throws, because it must never look like a wrong password.
import { createHash, timingSafeEqual } from 'node:crypto';
import apacheMd5 from 'apache-md5';
import desCrypt from 'unix-crypt-td-js';
import { byteString } from '../../base/bytes.ts';
import { secretBehind, type Hash } from './hash.ts';
import { ownNatives } from './nativefiles.ts';
import type { Natives } from './natives.ts';
import { shaCrypt } from './shacrypt.ts';

/**
 * Compares every byte of the password, as far as the kind of hash does: DES counts 8 bytes, bcrypt 72. Throws where the hash
 * cannot be worked with on this system.
 */
export function verifyPassword(password: Uint8Array, hash: Hash, natives: Natives = ownNatives()): boolean {
  switch (hash.kind) {
    case 'bcrypt':
      return natives.compareBcrypt(password, correctBcrypt(hash.text)) && !holdsNul(password);
    case 'apr1':
    case 'md5':
      return sameText(apacheMd5(byteString(password), hash.text), hash.text);
    case 'sha256':
    case 'sha512':
      return sameText(shaCrypt(password, hash.text), hash.text);
    case 'sha1':
      return sameText(`{SHA}${createHash('sha1').update(password).digest('base64')}`, hash.text);
    case 'des':
      return sameText(desCrypt([...password], hash.text), hash.text) && !holdsNul(password);
    case 'yescrypt':
      return !holdsNul(password) && sameText(yescrypt(password, hash.text, natives), hash.text);
    case 'base64':
      return sameText(byteString(password), secretBehind(hash.text).toString('latin1'));
    case 'plain':
      return sameText(byteString(password), hash.text);
  }
}

function yescrypt(password: Uint8Array, setting: string, { crypt }: Natives): string {
  if (crypt === undefined) throw new Error('yescrypt needs the native addon, which is not built');
  const text = crypt(password, setting);
  if (text === null) throw new Error('libcrypt of this system cannot work with a yescrypt hash');
  return text;
}

/** 2y and 2b are one algorithm; 2a means it too, but bcrypt keeps for 2a an old fault at 255 bytes. */
function correctBcrypt(text: string): string {
  return text.replace(/^\$2[ay]/, '$$2b');
}

/**
 * Whether the password holds a NUL, which hashes mistake: DES ends the password there, and bcrypt takes a password and its
 * repetition after a NUL for the same.
 */
function holdsNul(password: Uint8Array): boolean {
  return password.includes(0);
}

/** Digests are compared, so that neither the length nor the first difference shows in the time. */
function sameText(left: string, right: string): boolean {
  return timingSafeEqual(digestText(left), digestText(right));
}

function digestText(text: string): Buffer {
  return createHash('sha256').update(text, 'latin1').digest();
}
