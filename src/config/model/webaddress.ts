// An address at which requests of HTTP about the daemon are answered: health checks, metrics.
import type { Endpoint } from '../../base/ip.ts';

/** Who may see the page: everyone who reaches it, or the users of a file. */
export type PageChoice = { readonly kind: 'anybody' } | { readonly kind: 'users'; readonly file: string };

/** A port of one address, or a Unix socket. `tls`: it is asked over TLS. */
export type WebAddress =
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint; readonly tls?: true | undefined }
  | { readonly kind: 'path'; readonly path: string };
