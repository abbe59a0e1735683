// Certificates and keys of `tls:` listeners and of `metrics = tls:`, and the CAs of clients.
import type { Config, Problem } from '../../config/model/config.ts';
import { readContent } from '../../config/reading/contents.ts';
import { error, warning } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { readPair, type CertificatePair, type TlsSettings } from '../../net/tls/tlssettings.ts';

export interface DoorKeys {
  /** undefined: no listener speaks TLS, or there are errors. */
  readonly tls: TlsSettings | undefined;
  /** The same for `metrics`, whose clients show no certificate. */
  readonly webTls: TlsSettings | undefined;
  readonly problems: readonly Problem[];
  /** Files that were read, and are read again by a reload. */
  readonly files: readonly string[];
}

const NO_DOOR_KEYS: DoorKeys = { tls: undefined, webTls: undefined, problems: [], files: [] };

/** The last good pair of each file: a reload in the middle of a renewal goes on with it. */
export type KeptPairs = Map<string, CertificatePair>;

/** Reads what `tls:` needs. Never throws. */
export function loadDoorKeys(config: Config, kept: KeptPairs): DoorKeys {
  const { tlsCert, tlsKey, tlsMin, tlsClientCa, tlsClient, tlsUser } = config;
  const isListening = config.listen.some(({ tls }) => tls === true);
  const isWeb = config.metrics?.kind === 'endpoint' && config.metrics.tls === true;
  if (!isListening && !isWeb && tlsCert.length === 0) return NO_DOOR_KEYS;
  const asker = isWeb && !isListening ? 'metrics' : 'listen';
  const problems: Problem[] = objectionsTo(config, asker).map((why) => error({}, why));
  const pairs = tlsCert.flatMap((file, at) => loadPair(file, tlsKey[at] ?? file, kept, problems));
  const clientCa = tlsClientCa === undefined ? undefined : readText(tlsClientCa, problems);
  const files = [...tlsCert, ...tlsKey, ...(tlsClientCa === undefined ? [] : [tlsClientCa])];
  const hasErrors = problems.some(({ severity }) => severity === 'error');
  if (hasErrors) return { ...NO_DOOR_KEYS, problems, files };
  const common = { pairs, minVersion: tlsMin === '1.3' ? 'TLSv1.3' : 'TLSv1.2' } as const;
  return {
    tls: isListening ? { ...common, clientCa, client: tlsClient, user: tlsUser } : undefined,
    webTls: isWeb ? { ...common, clientCa: undefined, client: 'no', user: 'none' } : undefined,
    problems,
    files,
  };
}

function objectionsTo(
  { tlsCert, tlsKey, tlsClient, tlsClientCa, tlsUser }: Config,
  asker: 'listen' | 'metrics',
): readonly string[] {
  const [certs, keys] = [tlsCert.length, tlsKey.length];
  return [
    certs === 0 ? `${asker} = tls:... needs a certificate: set tls-cert` : '',
    keys > 0 && keys !== certs
      ? `tls-key is set ${keys} times, and tls-cert ${certs} times: each needs the other`
      : '',
    tlsClient !== 'no' && tlsClientCa === undefined
      ? `tls-client = ${tlsClient} needs the CA of those certificates: set tls-client-ca`
      : '',
    tlsUser !== 'none' && tlsClient === 'no' ? `tls-user = ${tlsUser} needs tls-client = ask or require` : '',
  ].filter((why) => why !== '');
}

function loadPair(file: string, keyFile: string, kept: KeptPairs, problems: Problem[]): CertificatePair[] {
  const name = `${file}\n${keyFile}`;
  const before = kept.get(name);
  const pair = readFiles(file, keyFile);
  if (typeof pair !== 'string') {
    kept.set(name, pair);
    const until = Date.parse(pair.certificate.validTo);
    if (until < Date.now()) problems.push(warning({ file }, `has expired, on ${pair.certificate.validTo}`));
    return [pair];
  }
  if (before === undefined) problems.push(error({ file }, pair));
  else problems.push(warning({ file }, `${pair}; the certificate and key from before stay in use`));
  return before === undefined ? [] : [before];
}

/** A sentence about the certificate where there is no pair. */
function readFiles(file: string, keyFile: string): CertificatePair | string {
  let reading = 'the certificate';
  try {
    const cert = readContent(file).toString('utf8');
    reading = `its key ${keyFile}`;
    const pair = readPair(cert, readContent(keyFile).toString('utf8'));
    return typeof pair === 'string' && keyFile !== file ? `with the key ${keyFile}: ${pair}` : pair;
  } catch (cause) {
    return `cannot be used for TLS: ${reading} cannot be read: ${systemReason(cause)}`;
  }
}

function readText(file: string, problems: Problem[]): string | undefined {
  try {
    const text = readContent(file).toString('utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
    problems.push(error({ file }, 'has no certificate in PEM form, so that no client could be trusted'));
  } catch (cause) {
    problems.push(error({ file }, `cannot be read for the CAs of clients: ${systemReason(cause)}`));
  }
  return undefined;
}
