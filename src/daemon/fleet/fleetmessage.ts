// What the members of a fleet tell each other, as it stands in the log of the store: one JSON object in each entry. The reader is pure and
// takes nothing for granted: whoever can write to the store can write there.
import type { Parsed } from '../../config/values/parsed.ts';
import { MAX_REQUEST_BYTES } from '../../control/controlmessage.ts';
import { object, oneWordOf, readJson, text, whole, type ShapeReader } from '../../control/shape.ts';
import type { EntryFact } from '../../policy/facts/fact.ts';
import { FACTS, type Facts } from '../workers/factmessage.ts';

/** Longest message that is read, in UTF-16 units; members send far shorter ones. */
export const MAX_MESSAGE = 1_048_576;

export interface Sender {
  readonly member: string;
  /** The number of its present life, by the clock of the store. */
  readonly epoch: number;
}

export type Said =
  | { readonly kind: 'facts'; readonly facts: Facts }
  /** It has to hear everything anew. */
  | { readonly kind: 'hello' }
  /** It ends, and with it its sessions. */
  | { readonly kind: 'bye' }
  /** A request of the control protocol, to all. */
  | { readonly kind: 'ask'; readonly number: number; readonly line: string }
  /** The answer to one of member `to`, a line of the control protocol. */
  | { readonly kind: 'answer'; readonly to: string; readonly number: number; readonly line: string };

export type FleetMessage = Sender & Said;

const READERS: { readonly [Kind in Said['kind']]: ShapeReader<Omit<Extract<Said, { kind: Kind }>, 'kind'>> } =
  {
    facts: object({ facts: FACTS }),
    hello: object({}),
    bye: object({}),
    ask: object({ number: whole(0), line: text(MAX_REQUEST_BYTES) }),
    answer: object({ to: text(64), number: whole(0), line: text(MAX_MESSAGE) }),
  };

const HEAD = object({
  member: text(64),
  epoch: whole(0),
  kind: oneWordOf(Object.keys(READERS) as readonly Said['kind'][]),
});

/** `aheadMs`: StoreClock.aheadMs of this member. */
export function encodeFleetMessage(message: FleetMessage, aheadMs: number): string {
  return JSON.stringify(inTimeOf(message, aheadMs));
}

export function decodeFleetMessage(line: string, aheadMs: number): Parsed<FleetMessage> {
  if (line.length > MAX_MESSAGE) return { kind: 'wrong', why: `message: over ${MAX_MESSAGE} characters` };
  return readJson(line, (found, where) => {
    const head = HEAD(found, where);
    return inTimeOf({ ...head, ...READERS[head.kind](found, where) } as FleetMessage, -aheadMs);
  });
}

/** An entry whose times are `byMs` later: by another clock. One of an unknown time stays so. */
export function shifted(entry: EntryFact, byMs: number): EntryFact {
  const stamp = entry.stamp === 0 ? 0 : Math.max(1, entry.stamp + byMs);
  return { ...entry, stamp, endsAt: Math.max(0, entry.endsAt + byMs) };
}

function inTimeOf(message: FleetMessage, byMs: number): FleetMessage {
  if (message.kind !== 'facts' || message.facts.entries === undefined) return message;
  const entries = message.facts.entries.map(({ kind, facts }) => ({
    kind,
    facts: facts.map((fact) => shifted(fact, byMs)),
  }));
  return { ...message, facts: { ...message.facts, entries } };
}
