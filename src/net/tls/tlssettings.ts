// The TLS settings of listeners, and the choice of a certificate by the name that the client asks for (RFC 6066 section 3).
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { TlsClient, TlsUser } from '../../config/model/tls.ts';

/** A certificate with its chain and its key. */
export interface CertificatePair {
  readonly pem: { readonly cert: string; readonly key: string };
  readonly certificate: X509Certificate;
}

export interface TlsSettings {
  /** At least one; the first is for clients that name no host, or another one. */
  readonly pairs: readonly CertificatePair[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** PEM of the CAs of client certificates. */
  readonly clientCa: string | undefined;
  readonly client: TlsClient;
  readonly user: TlsUser;
  /** Of several processes that resume each other's sessions; undefined: the process makes its own. */
  readonly ticketKeys?: Uint8Array | undefined;
}

/** The pair of two texts in PEM form; a sentence about what is wrong with them. */
export function readPair(cert: string, key: string): CertificatePair | string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    return 'has no certificate in PEM form at its beginning';
  }
  try {
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return 'is for another key';
  } catch {
    return 'has no key that can be read: it must be in PEM form, without a passphrase';
  }
  return { pem: { cert, key }, certificate };
}

/** The first pair for that name; undefined: there is none. */
export function choosePair(pairs: readonly CertificatePair[], name: string): CertificatePair | undefined {
  return pairs.find(({ certificate }) => certificate.checkHost(name) !== undefined);
}
