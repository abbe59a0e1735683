// Logins by tickets of Kerberos, as sessions see them: who reads tickets, whom a ticket names, and how their messages are protected.
import type { Fault } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import type { GssapiProtection } from '../../config/model/config.ts';
import type { Identity } from '../../policy/identity.ts';
import type { ContextKey } from './wrap.ts';

/** A ticket that was accepted. */
export interface Ticket {
  /** The principal: `alice@REALM`. */
  readonly principal: string;
  /** The token that answers the client's; empty: there is none. */
  readonly token: Uint8Array;
  /** Services that the client has asked for: bits of `GSS_FLAG`. */
  readonly flags: number;
  /** Its number in the registry of Kerberos. */
  readonly keyType: number;
  /** undefined: a key of that type protects nothing here. */
  readonly key: ContextKey | undefined;
}

/** Bits of the flags of a context (RFC 2744). */
export const GSS_FLAG = { SEQUENCE: 8, ANONYMOUS: 64 } as const;

export interface Tickets {
  /** Whether tickets are read; false: whoever reads them has ended. */
  readonly isUp: boolean;
  /** Rejects with TICKET_REFUSED, LOGIN_BUSY, LOGIN_UNAVAILABLE or SHUTTING_DOWN. `token` must stay as it is meanwhile. */
  readonly accept: (token: Uint8Array, client: Ip) => Promise<Ticket>;
}

/** The process that reads them. */
export interface TicketProcess extends Tickets {
  /** Ends it. */
  close(): void;
}

/** The method GSSAPI of one configuration. */
export interface GssapiLogin {
  readonly tickets: Tickets;
  readonly protection: GssapiProtection;
  /** The user of a ticket; a name without the realm where that is cut off. */
  readonly nameOf: (principal: string) => string;
  /** The identity of that user, or why the user may not log in. */
  readonly holderOf: (name: string) => Identity | Fault;
}
