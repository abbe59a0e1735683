// The address at which health checks are answered over HTTP.
import type { Endpoint } from '../../base/ip.ts';

/** A port of one address, or a Unix socket. */
export type ReadyAddress =
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'path'; readonly path: string };
