// The dialect of a client, and the speaker that answers it at the moment.
import type { Fault } from '../base/fault.ts';
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
  /** The effect of an uninvited peer on a BIND: the client goes on waiting, or is told of it and the BIND ends. */
  readonly uninvited: 'ignored' | 'ends';
}

/** The speaker: its refusal, should the session fail now, and the stage that the log names. */
export interface Speaker {
  /** `rep` belongs to the fault; undefined when the fault has no answer of its own. Returns undefined to send nothing. */
  readonly refusal: (rep: Rep | undefined, fault: Fault) => Uint8Array | undefined;
  /** Whether a refusal tells that very REP, as far as its dialect can. */
  readonly tellsRep: boolean;
  readonly stage: (session: SessionFacts) => string;
}

/** Refuses a fault that has an answer by `answer`; any other by silence. */
export function answering(answer: (rep: Rep) => Uint8Array): Speaker['refusal'] {
  return (rep) => (rep === undefined ? undefined : answer(rep));
}

/** Until the first message is whole: the dialect of a refusal is unknown. */
export const LISTENER: Speaker = {
  refusal: () => undefined,
  tellsRep: false,
  stage: () => 'before its first message was whole',
};

/** The dialect until then, without commands or answers. */
export const UNSPOKEN: Dialect = {
  name: 'no dialect',
  reply: () => new Uint8Array(0),
  families: [],
  uninvited: 'ignored',
};
