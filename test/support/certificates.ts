// Certificates for the TLS of tests, made by openssl(1).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its key, both as files in PEM form. */
export interface Identity {
  readonly keyFile: string;
  readonly certFile: string;
}

export interface Authority {
  /** Its certificate. */
  readonly file: string;
  /** A certificate for `names` (`IP:127.0.0.1,DNS:proxy.test`) that ends in so many days, or has ended. */
  readonly issue: (names: string, days?: number, commonName?: string) => Identity;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A CA that lasts as long as this process. */
export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'picosocks5-test-ca-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [file, key] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
  openssl('req', '-x509', ...KEY, '-keyout', key, '-out', file, '-days', '2', '-subj', '/CN=CA of a test');
  let issued = 0;
  return {
    file,
    issue: (names, days = 2, commonName = 'proxy') => {
      issued += 1;
      const [certFile, keyFile, asked, extensions] = ['pem', 'key', 'csr', 'ext'].map((end) =>
        join(folder, `${issued}.${end}`),
      ) as [string, string, string, string];
      openssl('req', ...KEY, '-keyout', keyFile, '-out', asked, '-subj', `/CN=${commonName}`);
      writeFileSync(extensions, `subjectAltName=${names}\n`);
      const signer = ['-CA', file, '-CAkey', key, '-set_serial', `${issued}`];
      const terms = ['-days', `${days}`, '-extfile', extensions];
      openssl('x509', '-req', '-in', asked, ...signer, ...terms, '-out', certFile);
      return { keyFile, certFile };
    },
  };
}

/** What tls.createServer() takes. */
export function identityOptions({ keyFile, certFile }: Identity): { key: Buffer; cert: Buffer } {
  return { key: readFileSync(keyFile), cert: readFileSync(certFile) };
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
