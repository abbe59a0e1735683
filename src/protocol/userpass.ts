// User and password (RFC 1929). Both are opaque bytes: a NUL or a colon is a byte like any other.
import { newBytes } from '../base/bytes.ts';
import { USERPASS_STATUS, USERPASS_VERSION } from './codes.ts';
import { bad, done, more, type Decoded } from './decoded.ts';

export interface UserPass {
  /** UNAME and PASSWD, 0 to 255 bytes each: the RFC says 1, but curl sends an empty password (UP-5). */
  readonly user: Uint8Array;
  readonly password: Uint8Array;
}

/** Decodes `VER ULEN UNAME PLEN PASSWD` (RFC 1929 section 2). */
export function decodeUserPass(bytes: Uint8Array): Decoded<UserPass> {
  const version = bytes[0];
  const userLength = bytes[1];
  if (version !== undefined && version !== USERPASS_VERSION) return bad('LOGIN_VERSION_UNSUPPORTED');
  if (userLength === undefined) return more(3);
  const passwordStart = 2 + userLength + 1;
  const passwordLength = bytes[passwordStart - 1];
  if (passwordLength === undefined) return more(passwordStart);
  const size = passwordStart + passwordLength;
  if (bytes.length < size) return more(size);
  const user = bytes.subarray(2, passwordStart - 1);
  return done({ user, password: bytes.subarray(passwordStart, size) }, size);
}

/** Encodes `VER ULEN UNAME PLEN PASSWD`; 255 bytes of each at most. */
export function encodeUserPass({ user, password }: UserPass): Uint8Array {
  const bytes = newBytes(3 + user.length + password.length);
  bytes.set([USERPASS_VERSION, user.length]);
  bytes.set(user, 2);
  bytes[2 + user.length] = password.length;
  bytes.set(password, 3 + user.length);
  return bytes;
}

/** Decodes `VER STATUS`: the status as sent; 0 is success, and every other number a failure (UP-3). */
export function decodeUserPassStatus(bytes: Uint8Array): Decoded<number> {
  const [version, status] = bytes;
  if (version !== undefined && version !== USERPASS_VERSION) return bad('LOGIN_VERSION_UNSUPPORTED');
  return status === undefined ? more(2) : done(status, 2);
}

/** Encodes `VER STATUS`; after `failure` the connection must be closed. */
export function encodeUserPassStatus(status: 'success' | 'failure'): Uint8Array {
  const code = status === 'success' ? USERPASS_STATUS.SUCCESS : USERPASS_STATUS.FAILURE;
  const bytes = newBytes(2);
  bytes[0] = USERPASS_VERSION;
  bytes[1] = code;
  return bytes;
}
