// Credentials of an HTTP client for its proxy (RFC 9110 section 11.7.2), of which Basic (RFC 7617) is understood.
import type { UserPass } from '../userpass.ts';
import { fieldValues, type Field } from './httphead.ts';

export type HttpCredentials =
  | { readonly kind: 'none' }
  /** A scheme that is not served. */
  | { readonly kind: 'other'; readonly scheme: string }
  | { readonly kind: 'basic'; readonly login: UserPass }
  | { readonly kind: 'bad'; readonly why: string };

/** As in RFC 1929, so that users have the same bounds by every door. */
const MAX_BYTES = 255;
const COLON = 0x3a;
const AUTHORIZATION = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32})(?: +(\S.*))?$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** The login in `Proxy-Authorization`. */
export function credentialsOf(fields: readonly Field[]): HttpCredentials {
  const values = fieldValues(fields, 'proxy-authorization');
  const [value] = values;
  if (value === undefined) return { kind: 'none' };
  if (values.length > 1) return { kind: 'bad', why: 'two Proxy-Authorization fields' };
  const [, scheme = '', rest = ''] = AUTHORIZATION.exec(value) ?? [];
  if (scheme === '') return { kind: 'bad', why: 'Proxy-Authorization names no scheme' };
  return scheme.toLowerCase() === 'basic' ? decodeBasic(rest) : { kind: 'other', scheme };
}

/** The first colon ends the user. */
function decodeBasic(text: string): HttpCredentials {
  if (!BASE64.test(text)) return { kind: 'bad', why: 'Basic credentials that are no Base64' };
  const bytes = Buffer.from(text, 'base64');
  const colon = bytes.indexOf(COLON);
  if (colon < 0) return { kind: 'bad', why: 'Basic credentials without a colon' };
  const user = bytes.subarray(0, colon);
  const password = bytes.subarray(colon + 1);
  if (Math.max(user.length, password.length) > MAX_BYTES)
    return { kind: 'bad', why: `a user or password of more than ${MAX_BYTES} bytes` };
  return { kind: 'basic', login: { user, password } };
}
