// Trusted authorities for proxies over TLS: those in `proxy-ca`, else those of the system.
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Config, Problem } from '../../config/model/config.ts';
import { readContent } from '../../config/reading/contents.ts';
import { error, warning } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';

/** undefined when no route uses a proxy over TLS. */
export type Trust = SecureContext | undefined;

export interface Authorities {
  readonly trust: Trust;
  readonly problems: readonly Problem[];
  /** Files that were read, and are read again by a reload. */
  readonly files: readonly string[];
}

/** The file with all authorities, on Debian and others. */
const SYSTEM_FILE = '/etc/ssl/certs/ca-certificates.crt';

const minVersion = 'TLSv1.2';

const NO_AUTHORITIES: Authorities = { trust: undefined, problems: [], files: [] };

/** Reads what the routes of a configuration need; a file that is named is read in any case. Never throws. */
export function loadAuthorities({ proxyCa, routes }: Pick<Config, 'proxyCa' | 'routes'>): Authorities {
  if (proxyCa !== undefined) return readFrom(proxyCa, trustOnly);
  const hops = routes.flatMap(({ ways }) => ways.flatMap((way) => way.hops));
  if (!hops.some(({ cover }) => cover === 'tls')) return NO_AUTHORITIES;
  if (existsSync(SYSTEM_FILE))
    return readFrom(SYSTEM_FILE, (ca) => ({ trust: createSecureContext({ ca, minVersion }) }));
  return { ...NO_AUTHORITIES, trust: createSecureContext({ minVersion }) };
}

interface LoadedTrust {
  readonly trust: SecureContext;
  readonly doubt?: string | undefined;
}

/** `trustIn`: the trust from the text of the file, or its error. */
function readFrom(file: string, trustIn: (pem: string) => LoadedTrust | string): Authorities {
  const failed = (why: string): Authorities => ({
    trust: undefined,
    problems: [error({ file }, why)],
    files: [file],
  });
  try {
    const reading = trustIn(readContent(file).toString('utf8'));
    if (typeof reading === 'string') return failed(reading);
    const { trust, doubt } = reading;
    return { trust, problems: doubt === undefined ? [] : [warning({ file }, doubt)], files: [file] };
  } catch (cause) {
    return failed(`cannot be read for the CAs of proxies: ${systemReason(cause)}`);
  }
}

function trustOnly(pem: string): LoadedTrust | string {
  const ca = pem.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  if (ca.length === 0) return 'has no certificate in PEM form, so that no proxy over TLS could be trusted';
  const certificates = ca.map(parseCertificate);
  const broken = certificates.indexOf(undefined);
  if (broken >= 0) return `certificate ${broken + 1} of ${ca.length} in it cannot be read`;
  // A listed proxy certificate is trusted itself, whoever signed it.
  const options: PartialTrust = { ca, minVersion, allowPartialTrustChain: true };
  return { trust: createSecureContext(options), doubt: doubtOf(certificates.flatMap((each) => each ?? [])) };
}

interface PartialTrust extends SecureContextOptions {
  readonly allowPartialTrustChain: true;
}

/** Names a certificate that an older Node.js rejects, because it ignores the option above; undefined when there is none. */
function doubtOf(certificates: readonly X509Certificate[]): string | undefined {
  if (knowsPartialTrust()) return undefined;
  const orphan = certificates.findIndex((each) => !certificates.some((other) => each.checkIssued(other)));
  if (orphan < 0) return undefined;
  const which = `certificate ${orphan + 1} of ${certificates.length} in it is signed by one that is not in it`;
  return `${which}: Node.js ${process.versions.node} trusts it only with that one (20.18 would without)`;
}

function knowsPartialTrust(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 9) || (major === 20 && minor >= 18);
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
