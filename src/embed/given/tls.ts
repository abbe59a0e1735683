// TLS in front of a listener, as a program asks for it, and the listeners that have it.
import type { TlsClient, TlsUser } from '../../config/model/tls.ts';
import type { ListenPlan } from '../../net/layer.ts';
import { HandshakeTurns } from '../../net/tls/handshaketurns.ts';
import { TlsLayer } from '../../net/tls/tlslayer.ts';
import { readPair, type TlsSettings } from '../../net/tls/tlssettings.ts';
import { mustBeKnown } from './reading.ts';

/** Texts in PEM form. Where there are several certificates a client gets the first one for the host that it names, else the first. */
export interface TlsOptions {
  /** With its chain. */
  readonly cert: string | readonly string[];
  /** Of each certificate, in the same order, without a passphrase. */
  readonly key: string | readonly string[];
  /** The oldest version that is spoken; 1.2 by default. */
  readonly min?: '1.2' | '1.3' | undefined;
  /** CAs of the certificates of clients. */
  readonly clientCa?: string | undefined;
  /** Whether clients show a certificate; `no` by default. */
  readonly client?: TlsClient | undefined;
  /** What of it is the user, who needs no login; `none` by default. */
  readonly user?: TlsUser | undefined;
}

/** The listeners of a server that speak TLS, by their ports. */
export class TlsListeners {
  readonly #turns = new HandshakeTurns();
  readonly #layers = new Map<number, TlsLayer[]>();

  /** The plan with TLS before all else. Throws TypeError. */
  cover(plan: ListenPlan, tls: TlsOptions): { readonly plan: ListenPlan; readonly layer: TlsLayer } {
    const layer = new TlsLayer(this.#turns);
    layer.follow(tlsSettingsOf(tls));
    return { plan: { ...plan, layers: [layer] }, layer };
  }

  /** It is open, at `port`. */
  keep(port: number, layer: TlsLayer): void {
    this.#layers.set(port, [...(this.#layers.get(port) ?? []), layer]);
  }

  /** New handshakes at `port` go by `tls`. Throws TypeError, and changes nothing, where that makes no sense. */
  renew(port: number, tls: TlsOptions): void {
    const layers = this.#layers.get(port);
    if (layers === undefined) throw new TypeError(`port: no listener at ${port} speaks TLS`);
    const settings = tlsSettingsOf(tls);
    for (const layer of layers) layer.follow(settings);
  }
}

const KEYS = ['cert', 'key', 'min', 'clientCa', 'client', 'user'];
const VERSIONS = { 1.2: 'TLSv1.2', 1.3: 'TLSv1.3' } as const;
const CLIENTS: readonly unknown[] = ['no', 'ask', 'require'] satisfies readonly TlsClient[];
const USERS: readonly unknown[] = ['none', 'cn', 'san-email', 'san-uri'] satisfies readonly TlsUser[];

function tlsSettingsOf(tls: TlsOptions): TlsSettings {
  mustBeKnown(tls, KEYS, 'listen.tls');
  const { min = '1.2', clientCa, client = 'no', user = 'none' } = tls;
  const keys = [tls.key].flat();
  const pairs = [tls.cert].flat().map((cert, at) => pairOf(cert, keys[at]));
  if (pairs.length === 0 || pairs.length !== keys.length)
    throw new TypeError('listen.tls.key: must have one key for each certificate of cert');
  if (!Object.hasOwn(VERSIONS, min)) throw new TypeError("listen.tls.min: must be '1.2' or '1.3'");
  if (!CLIENTS.includes(client)) throw new TypeError("listen.tls.client: must be 'no', 'ask' or 'require'");
  if (!USERS.includes(user))
    throw new TypeError("listen.tls.user: must be 'none', 'cn', 'san-email' or 'san-uri'");
  if (client !== 'no' && !clientCa?.includes('-----BEGIN CERTIFICATE-----'))
    throw new TypeError('listen.tls.clientCa: must have the CAs of those certificates, in PEM form');
  if (client === 'no' && user !== 'none')
    throw new TypeError("listen.tls.user: needs client: 'ask' or 'require'");
  return { pairs, minVersion: VERSIONS[min], clientCa, client, user };
}

function pairOf(cert: unknown, key: unknown): TlsSettings['pairs'][number] {
  if (typeof cert !== 'string' || typeof key !== 'string')
    throw new TypeError('listen.tls: cert and key must be texts, or lists of as many texts');
  const pair = readPair(cert, key);
  if (typeof pair === 'string') throw new TypeError(`listen.tls.cert: ${pair}`);
  return pair;
}
