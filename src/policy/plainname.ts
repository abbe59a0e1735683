// Names of users that others than the user vouch for: which of them can be told from all others, in logs and rules.

/** RFC 1929 has room for no longer names. */
const MOST_BYTES = 255;

/** Whether it can be a user's: neither empty nor too long, without control characters, quotes and bytes that are no text. */
export function isPlainName(name: string): boolean {
  return name !== '' && !/[\p{Cc}"\uFFFD]/u.test(name) && Buffer.byteLength(name) <= MOST_BYTES;
}
