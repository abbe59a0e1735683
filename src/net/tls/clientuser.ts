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

/** undefined: there is no certificate, or it is not asked for a name. TLS_FAILED: it is not trusted, or names nobody. */
export function userOf(rule: TlsUser, secure: TLSSocket): string | Fault | undefined {
  const certificate = secure.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  if (!secure.authorized) return new Fault('TLS_FAILED', whyDistrusted(secure));
  if (rule === 'none') return undefined;
  const user = nameIn(rule, certificate.toLegacyObject());
  return user ?? new Fault('TLS_FAILED', `client certificate: it has not exactly one plain ${WORDS[rule]}`);
}

/** OpenSSL's word for it; the types of Node say an error, and it is text. */
export function whyDistrusted({ authorizationError }: Pick<TLSSocket, 'authorizationError'>): string {
  return `client certificate: ${authorizationError as unknown as string}`;
}

const WORDS = { cn: 'common name', 'san-email': 'e-mail address', 'san-uri': 'URI' } as const;

/** The one name of that kind; undefined where there are several, none, or one that cannot be told from others. */
export function nameIn(
  rule: Exclude<TlsUser, 'none'>,
  { subject, subjectaltname = '' }: NamedCertificate,
): string | undefined {
  const names = rule === 'cn' ? [subject?.CN ?? []].flat() : alternativesOf(rule, subjectaltname);
  const [name] = names;
  return names.length === 1 && name !== undefined && isPlainName(name) ? name : undefined;
}

/** Node quotes a value that could be taken for several; such a text is not looked into at all. */
function alternativesOf(rule: 'san-email' | 'san-uri', text: string): readonly string[] {
  if (text.includes('"')) return [];
  const prefix = rule === 'san-email' ? 'email:' : 'URI:';
  return text
    .split(', ')
    .filter((each) => each.startsWith(prefix))
    .map((each) => each.slice(prefix.length));
}
