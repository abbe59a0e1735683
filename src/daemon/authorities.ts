// Whose certificates are believed of proxies over TLS: those in `proxy-ca`, else what the system trusts.
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Config, Problem } from '../config/config.ts';
import { error } from '../config/problem.ts';
import { systemReason } from '../config/systemreason.ts';

/** undefined: no route leads to a proxy over TLS. */
export type Trust = SecureContext | undefined;

export interface Authorities {
  readonly trust: Trust;
  readonly problems: readonly Problem[];
  /** What was read, and is read again by a reload. */
  readonly files: readonly string[];
}

/** Where Debian and others keep all of theirs in one file. */
const SYSTEM_FILE = '/etc/ssl/certs/ca-certificates.crt';

const minVersion = 'TLSv1.2';

export const NO_AUTHORITIES: Authorities = { trust: undefined, problems: [], files: [] };

/** Reads what the routes of a configuration need; a file that is named is read in any case. Never throws. */
export function loadAuthorities({ proxyCa, routes }: Pick<Config, 'proxyCa' | 'routes'>): Authorities {
  if (proxyCa !== undefined) return readFrom(proxyCa, trustOnly);
  const hops = routes.flatMap(({ ways }) => ways.flatMap((way) => way.hops));
  if (!hops.some(({ cover }) => cover === 'tls')) return NO_AUTHORITIES;
  if (existsSync(SYSTEM_FILE)) return readFrom(SYSTEM_FILE, (ca) => createSecureContext({ ca, minVersion }));
  return { ...NO_AUTHORITIES, trust: createSecureContext({ minVersion }) };
}

/** `trustIn`: what the text of the file makes trusted, or what is wrong with it. */
function readFrom(file: string, trustIn: (pem: string) => SecureContext | string): Authorities {
  const failed = (why: string): Authorities => ({
    trust: undefined,
    problems: [error({ file }, why)],
    files: [file],
  });
  try {
    const trust = trustIn(readFileSync(file, 'utf8'));
    return typeof trust === 'string' ? failed(trust) : { trust, problems: [], files: [file] };
  } catch (cause) {
    return failed(`cannot be read for the CAs of proxies: ${systemReason(cause)}`);
  }
}

function trustOnly(pem: string): SecureContext | string {
  const ca = pem.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  if (ca.length === 0) return 'has no certificate in PEM form, so that no proxy over TLS could be trusted';
  const broken = ca.findIndex((each) => parse(each) === undefined);
  if (broken >= 0) return `certificate ${broken + 1} of ${ca.length} in it cannot be read`;
  // Whoever names the certificate of a proxy trusts that one, no matter who has signed it.
  return createSecureContext({ ca, minVersion, allowPartialTrustChain: true });
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
