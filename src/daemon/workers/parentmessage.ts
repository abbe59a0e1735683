// What a parent tells its workers: one JSON object on a line. They believe it.
import type { Endpoint } from '../../base/ip.ts';
import type { LogLevel, ListenAddress } from '../../config/model/config.ts';
import type { KeptAccounts } from '../../auth/files/shadowfile.ts';
import type { Contents } from '../../config/reading/contents.ts';
import type { ChildNews } from './childmessage.ts';
import type { Facts } from './factmessage.ts';
import type { TicketNews } from './ticketmessage.ts';

/** Session ids that a worker may give: from `from` on, before `to`. */
export interface Ids {
  readonly from: number;
  readonly to: number;
}

/** What a worker needs to know at first. It travels as structuredClone() would have it, since it holds maps and bytes. */
export interface Hello {
  /** From 1 on; the place of this worker among `workers`. */
  readonly slot: number;
  readonly workers: number;
  /** The number of its life, over all workers. */
  readonly life: number;
  readonly argv: readonly string[];
  readonly folder: string;
  readonly contents: Contents;
  readonly kept: KeptAccounts;
  readonly ticketKeys: Uint8Array | undefined;
  readonly places: Places;
  readonly ids: Ids;
}

/** Where a listener is. */
export type ListenPlace =
  { readonly endpoint: Endpoint; readonly tls?: true | undefined } | { readonly path: string };

/** Listeners of the parent. */
export interface Places {
  /** In the words of the configuration, but for what had to be looked up. */
  readonly listen: readonly ListenAddress[];
  /** Those whose descriptors stand in line, in that order. */
  readonly added: readonly ListenPlace[];
}

export type ParentMessage =
  /** Serves from now on. */
  | { readonly kind: 'open' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'facts'; readonly member: string; readonly epoch: number; readonly facts: Facts }
  /** Bytes that this worker, in an earlier life, has counted itself. */
  | { readonly kind: 'own'; readonly facts: Facts }
  /** A worker is gone, and with it its sessions. */
  | { readonly kind: 'gone'; readonly member: string }
  /** Asks for all facts anew. */
  | { readonly kind: 'tell-all' }
  | ({ readonly kind: 'ids' } & Ids)
  /** `line`: a request of the control protocol. */
  | { readonly kind: 'ask'; readonly number: number; readonly line: string }
  /** Asks for its figures. */
  | { readonly kind: 'figures'; readonly number: number }
  | ({ readonly kind: 'child' } & ChildNews)
  | ({ readonly kind: 'ticket' } & TicketNews)
  /** `body`: Prepare. */
  | { readonly kind: 'prepare'; readonly number: number; readonly body: string }
  | { readonly kind: 'commit'; readonly number: number }
  | { readonly kind: 'cancel' }
  /** Listeners that come and go with an interface, or with the daemon before this one. */
  | { readonly kind: 'listen'; readonly added: readonly ListenPlace[]; readonly removed: readonly string[] }
  | { readonly kind: 'loglevel'; readonly level: LogLevel }
  | { readonly kind: 'drain' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'dump' };

/** A configuration that may take the place of the present one. */
export interface Prepare {
  readonly contents: Contents;
  readonly kept: KeptAccounts;
  /** Of TLS sessions, which a client may resume at any worker; undefined: no listener speaks TLS. */
  readonly ticketKeys: Uint8Array | undefined;
  readonly places: Places;
}

/** Reads a line of the parent. */
export function decodeParentMessage(line: string): ParentMessage {
  return JSON.parse(line) as ParentMessage;
}
