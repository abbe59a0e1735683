// Recognizes the kind of a stored secret. Each kind is accepted by an anchored pattern only: the hash libraries ignore trailing
// text, and text that merely looks like a hash must never be taken as a password. Formats: crypt(5) and the htpasswd(1) manual of
// Apache.

/** `base64` is the recoverable secret of the three-field file; `plain` is the password itself. */
export type HashKind =
  'bcrypt' | 'apr1' | 'md5' | 'sha256' | 'sha512' | 'sha1' | 'des' | 'yescrypt' | 'base64' | 'plain';

/** A stored secret that verify.ts can check; `text` is a byte string. */
export interface Hash {
  readonly kind: HashKind;
  readonly text: string;
}

/**
 * A secret of a user file: one to check, or the reason why it lets no login succeed. `locked`: on purpose; `broken`: there may be
 * a right password, but it cannot be checked.
 */
export type Secret =
  | { readonly kind: 'hash'; readonly hash: Hash }
  | {
      readonly kind: 'unusable';
      readonly because: 'locked';
      readonly reason: string;
      /** The secret after the lock; undefined when there is none. */
      readonly behind: Hash | undefined;
    }
  | { readonly kind: 'unusable'; readonly because: 'broken'; readonly reason: string };

/** Whether a plaintext entry is a password or a mistake. */
export type PlaintextRule = 'accept' | 'refuse';

/** Work factors: below the minimum nothing is written, above the maximum (1 to 2 s of CPU) no login is served. */
export const BCRYPT_COST = { min: 4, default: 10, max: 15 } as const;
export const SHA_ROUNDS = { min: 1000, default: 5000, max: 1_000_000 } as const;

/**
 * The highest accepted costs, at which one attempt takes 1 to 2 s. That of yescrypt is the number after the digit of its memory
 * (crypt(5)).
 */
const MAX_COST: Partial<Record<HashKind, number>> = {
  bcrypt: BCRYPT_COST.max,
  sha256: SHA_ROUNDS.max,
  sha512: SHA_ROUNDS.max,
  yescrypt: 15,
};
const BASE64_MARK = '$base64$';
const CRYPT_DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const PATTERNS = [
  ['bcrypt', /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./0-9A-Za-z]{53}$/],
  ['apr1', /^\$apr1\$[./0-9A-Za-z]{0,8}\$[./0-9A-Za-z]{22}$/],
  ['md5', /^\$1\$[./0-9A-Za-z]{0,8}\$[./0-9A-Za-z]{22}$/],
  ['sha256', /^\$5\$(?:rounds=([1-9]\d{3,8})\$)?[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{43}$/],
  ['sha512', /^\$6\$(?:rounds=([1-9]\d{3,8})\$)?[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{86}$/],
  ['yescrypt', /^\$y\$j([./0-9A-Za-z])[./0-9A-Za-z]\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}$/],
  ['sha1', /^\{SHA\}[+/0-9A-Za-z]{27}=$/],
  ['base64', /^\$base64\$(?:[+/0-9A-Za-z]{4})*(?:[+/0-9A-Za-z]{2}==|[+/0-9A-Za-z]{3}=)?$/],
  ['des', /^[./0-9A-Za-z]{13}$/],
] as const satisfies readonly (readonly [HashKind, RegExp])[];

/** A prefix that locks the secret (shadow(5)). */
export const LOCK = /^[!*]+/;

/** The names of hashes that are known but not checked here, by their marks. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  $gy$: 'gost-yescrypt',
  $7$: 'scrypt',
  $2x$: 'bcrypt of the faulty kind 2x',
  $argon2i$: 'Argon2',
  $argon2d$: 'Argon2',
  $argon2id$: 'Argon2',
  $sha1$: 'NetBSD SHA-1',
  $md5$: 'Sun MD5',
  $3$: 'NT hash',
};

/** Beginnings of the supported kinds, for texts that have one and still match no pattern. */
const MALFORMED = /^(?:\$(?:2[aby]|apr1|1|5|6|y|base64)\$|\{SHA\})/;

/** Decides what the secret field of a user file holds. */
export function recogniseSecret(text: string, plaintext: PlaintextRule): Secret {
  for (const [kind, pattern] of PATTERNS) {
    const match = pattern.exec(text);
    if (match !== null) return withinCost({ kind, text }, match[1]);
  }
  if (text === '') return locked('has no password at all', undefined);
  if (LOCK.test(text)) return locked('is locked', hashBehind(text.replace(LOCK, ''), plaintext));
  const reason = whyNoHash(text);
  if (reason !== undefined) return broken(reason);
  if (plaintext === 'accept') return { kind: 'hash', hash: { kind: 'plain', text } };
  return broken('has a plaintext password or a damaged hash; set a new one, or allow plaintext entries');
}

/**
 * Whether a field was written as a hash, locked or not. `certain`: it bears the mark of one, known here or not, whole or damaged;
 * `perhaps`: it is 13 characters that DES may have made, and a word may be, too; or nothing but a lock.
 */
export function looksLikeHash(field: string): 'certain' | 'perhaps' | 'no' {
  const text = field.replace(LOCK, '');
  const mark = MARK.exec(text)?.[0];
  if (MALFORMED.test(text) || (mark !== undefined && isKnownMark(mark))) return 'certain';
  return DES_HASH.test(text) || (text === '' && field !== '') ? 'perhaps' : 'no';
}

/** The last of 11 characters holds 4 bits, not 6 (crypt(5)). */
const DES_HASH = /^[./0-9A-Za-z]{12}[.26AEIMQUYcgkosw]$/;

/** `$id$`, `{SCHEME}`, or the underscore of BSDi. */
const MARK = /^(?:\$[^$]*\$|\{[^}]*\}|_(?=[./0-9A-Za-z]{19}$))/;

function isKnownMark(mark: string): boolean {
  return mark in UNSUPPORTED || mark === '_' || /^\{[A-Z][A-Z0-9.-]*\}$/.test(mark);
}

/** The secret itself, of a hash of kind `base64`. */
export function secretBehind(text: string): Buffer {
  return Buffer.from(text.slice(BASE64_MARK.length), 'base64');
}

/** The text of a `base64` entry. */
export function recoverableText(secret: Uint8Array): string {
  return `${BASE64_MARK}${Buffer.from(secret).toString('base64')}`;
}

/** An attacker chooses when the work is done, so its amount has a maximum. */
function withinCost(hash: Hash, cost: string | undefined): Secret {
  const max = MAX_COST[hash.kind];
  const asked = hash.kind === 'yescrypt' ? CRYPT_DIGITS.indexOf(cost ?? '') : Number(cost);
  if (cost === undefined || max === undefined || asked <= max) return { kind: 'hash', hash };
  return broken(`asks for the work factor ${asked}, more than ${max}: each login attempt would take seconds`);
}

/** Why a text that is no known hash is no plaintext password either; undefined if it could be one. */
function whyNoHash(text: string): string | undefined {
  if (MALFORMED.test(text)) return 'has a malformed hash; set the password again';
  const mark = MARK.exec(text)?.[0];
  if (mark === undefined) return undefined;
  return `has a hash of an unsupported kind (${UNSUPPORTED[mark] ?? 'unknown'}); set the password again`;
}

/** So that the log can tell the right password of a locked user from a guess. */
function hashBehind(text: string, plaintext: PlaintextRule): Hash | undefined {
  const secret = recogniseSecret(text, plaintext);
  return secret.kind === 'hash' ? secret.hash : undefined;
}

function locked(reason: string, behind: Hash | undefined): Secret {
  return { kind: 'unusable', because: 'locked', reason, behind };
}

function broken(reason: string): Secret {
  return { kind: 'unusable', because: 'broken', reason };
}
