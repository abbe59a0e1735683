// The lines of shadow(5): `name:hash:changed:min:max:warn:inactive:expires:`, days since 1970. Only the fields that a login needs
// are kept. Text is byte strings (base/bytes.ts).
import { recogniseSecret, type HashKind, type Secret } from '../hashing/hash.ts';
import type { UserEntry } from './htpasswd.ts';

/** Kinds that crypt(3) makes; no account can have a hash of another kind. */
const CRYPT_KINDS: readonly HashKind[] = ['yescrypt', 'sha512', 'sha256', 'bcrypt', 'md5', 'des'];

/** Its password must neither travel in the clear nor be guessed from outside. */
const NEVER = 'root';

const DAY_MS = 86_400_000;

/** The accounts that have a password. Locked accounts and those without a password are skipped silently. */
export function parseShadow(text: string): readonly UserEntry[] {
  return text.split('\n').flatMap((line, at) => {
    const [user = '', hash = '', ...days] = line.split(':');
    if (user === '' || user === NEVER || !isHash(hash)) return [];
    return [
      { line: at + 1, user, group: undefined, format: 'shadow', secret: secretOf(hash), ...ageOf(days) },
    ];
  });
}

/** `!`, `*`, words such as `NP` and an empty field are no password hashes. */
function isHash(text: string): boolean {
  return text.startsWith('$') || /^_?[./0-9A-Za-z]{13,20}$/.test(text);
}

function secretOf(text: string): Secret {
  const secret = recogniseSecret(text, 'refuse');
  if (secret.kind === 'unusable' || CRYPT_KINDS.includes(secret.hash.kind)) return secret;
  return { kind: 'unusable', because: 'broken', reason: 'has a hash that crypt(3) does not know' };
}

/**
 * The day on which the account expires, or its password has to be changed, which is impossible here: as in pam_unix(8), but
 * without the days of grace for the change.
 */
function ageOf([changed, , max, , , expires]: readonly string[]): Pick<UserEntry, 'validUntilMs'> {
  const changedDay = dayNumberOf(changed);
  const maxDays = dayNumberOf(max);
  const ends = [dayNumberOf(expires)];
  if (changedDay === 0) ends.push(0);
  else if (changedDay !== undefined && maxDays !== undefined) ends.push(changedDay + maxDays + 1);
  const days = ends.filter((day) => day !== undefined);
  return { validUntilMs: days.length === 0 ? undefined : Math.min(...days) * DAY_MS };
}

/** undefined when the field is empty or -1. */
function dayNumberOf(field = ''): number | undefined {
  return /^\d+$/.test(field) ? Number(field) : undefined;
}
