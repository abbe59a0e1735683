// Addresses to listen on, as they are written: of TCP, and in the file system.
import type { Endpoint } from '../../base/ip.ts';

/** An address to listen on, as written; daemon/listeners/listen.ts turns it into endpoints. */
export type ListenAddress = PlaceToListen & {
  /** Clients speak TLS first. */
  readonly tls?: true;
};

type PlaceToListen =
  | { readonly kind: 'any'; readonly port: number }
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'name'; readonly host: string; readonly port: number }
  | { readonly kind: 'interface'; readonly name: string; readonly port: number }
  | UnixSocket;

/** `group`: a name or a number, undefined for that of the service account. */
export interface UnixSocket {
  readonly kind: 'unix';
  readonly path: string;
  readonly mode: number;
  readonly group: string | undefined;
}
