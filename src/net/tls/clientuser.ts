// The user whom a client certificate names. Only certificates that the CAs of the operator have signed come here.
import type { TLSSocket } from 'node:tls';
import { Fault } from '../../base/fault.ts';
import type { TlsUser } from '../../config/model/tls.ts';
import { isPlainName } from '../../policy/plainname.ts';

/** The part of a certificate that may name its user, as Node writes it (tls.TLSSocket.getPeerCertificate()). */
export interface NamedCertificate {
  readonly subject?: { readonly CN?: string | readonly string[] } | undefined;
  readonly subjectaltname?: string | undefined;
}

/** undefined: there is no certificate, or no user is read from it. TLS_FAILED: it is not trusted, or names no user. */
export function userOf(rule: TlsUser, secure: TLSSocket): string | Fault | undefined {
  const certificate = secure.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  if (!secure.authorized) return new Fault('TLS_FAILED', whyDistrusted(secure));
  if (rule === 'none') return undefined;
  const user = nameIn(rule, certificate.toLegacyObject());
  return user ?? new Fault('TLS_FAILED', `client certificate: it has not exactly one plain ${WORDS[rule]}`);
}

/** OpenSSL's word as text, although the types of Node say Error. */
export function whyDistrusted({ authorizationError }: Pick<TLSSocket, 'authorizationError'>): string {
  return `client certificate: ${authorizationError as unknown as string}`;
}

const WORDS = { cn: 'common name', 'san-email': 'e-mail address', 'san-uri': 'URI' } as const;

/** The only name of that kind; undefined when there are none, several, or an ambiguous one. */
export function nameIn(
  rule: Exclude<TlsUser, 'none'>,
  { subject, subjectaltname = '' }: NamedCertificate,
): string | undefined {
  const names = rule === 'cn' ? [subject?.CN ?? []].flat() : alternativesOf(rule, subjectaltname);
  const [name] = names;
  return names.length === 1 && name !== undefined && isPlainName(name) ? name : undefined;
}

/** Node quotes a value that could be read as several: a text with quotes is rejected unread. */
function alternativesOf(rule: 'san-email' | 'san-uri', text: string): readonly string[] {
  if (text.includes('"')) return [];
  const prefix = rule === 'san-email' ? 'email:' : 'URI:';
  return text
    .split(', ')
    .filter((each) => each.startsWith(prefix))
    .map((each) => each.slice(prefix.length));
}
