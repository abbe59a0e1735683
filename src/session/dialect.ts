// What a session knows of the dialect that its client speaks, and of whoever speaks with the client at the moment.
import type { Endpoint } from '../base/ip.ts';
import type { Rep } from '../protocol/codes.ts';
import type { SessionFacts } from './events.ts';

/** BND of a reply: an endpoint, or the host name that RESOLVE_PTR asks for. */
export type Bound = Endpoint | { readonly name: string };

/** How requests are answered, and what differs between dialects for those who serve them. dialects/ has one file for each. */
export interface Dialect {
  readonly name: string;
  /** Encodes the reply to a request; `bound` absent: zeros. */
  readonly reply: (rep: Rep, bound?: Bound) => Uint8Array;
  /** IP families that its replies have room for. */
  readonly families: readonly (4 | 6)[];
  /** What a peer that was not invited does to a BIND: the client goes on waiting, or hears of it and waits no more. */
  readonly uninvited: 'ignored' | 'ends';
}

/** Whoever speaks with the client: how it says no, should the session fail now, and where the log says that it failed. */
export interface Speaker {
  /** `rep` belongs to the fault; undefined: it is not worth an answer of its own. Gives undefined to say nothing. */
  readonly refusal: (rep: Rep | undefined) => Uint8Array | undefined;
  /** Whether a refusal tells that very REP, as far as its dialect can. */
  readonly tellsRep: boolean;
  readonly stage: (session: SessionFacts) => string;
}

/** Until the first message is whole: nobody knows in which dialect to say no. */
export const LISTENER: Speaker = {
  refusal: () => undefined,
  tellsRep: false,
  stage: () => 'before its first message was whole',
};

/** Until then. Nobody asks for anything in it, so nobody is answered. */
export const UNSPOKEN: Dialect = {
  name: 'no dialect',
  reply: () => new Uint8Array(0),
  families: [],
  uninvited: 'ignored',
};
