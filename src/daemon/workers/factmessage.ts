// Facts as they travel between workers, by their parent: a line of JSON, read by pure readers. A worker parses bytes that
// clients choose, so its facts are trusted only within bounds.
import type { LimitScope } from '../../config/model/limit.ts';
import {
  flag,
  list,
  maybe,
  Misfit,
  number,
  object,
  oneWordOf,
  text,
  whole,
  type ShapeReader,
} from '../../control/shape.ts';
import type { LoginNews } from '../../policy/access/loginnews.ts';
import type { BytesFact, EntryFact, RowFact } from '../../policy/facts/fact.ts';
import type { Demand } from '../../policy/limits/rateparts.ts';

const SCOPES: readonly LimitScope[] = ['total', 'client', 'user', 'group'];
const ENTRY_KINDS = ['bans', 'blocks', 'authOnce', 'sources'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export interface KindOfEntries {
  readonly kind: EntryKind;
  readonly facts: readonly EntryFact[];
}

/** A stamp that is further ahead is made up, and would win over all that come later. */
const MOST_AHEAD_MS = 60_000;

/** Those of `entries` whose stamps can be true at `nowMs`. */
export function believable(entries: readonly KindOfEntries[], nowMs: number): readonly KindOfEntries[] {
  const latest = nowMs + MOST_AHEAD_MS;
  return entries.map(({ kind, facts }) => ({ kind, facts: facts.filter(({ stamp }) => stamp <= latest) }));
}

/** What one worker has to tell; lists that are empty are left out. */
export interface Facts {
  /** Ascending within the life of the worker. */
  readonly seq: number;
  /** As in RowsMessage. */
  readonly isFull: boolean;
  readonly rows?: readonly RowFact[] | undefined;
  readonly bytes?: readonly BytesFact[] | undefined;
  readonly entries?: readonly KindOfEntries[] | undefined;
  readonly logins?: readonly LoginNews[] | undefined;
  /** All that it wants at present; absent: as before. */
  readonly demands?: readonly Demand[] | undefined;
}

/** Names of users and clients, and of what sticks to them. */
const name = text(8192);
const count = whole(0);

/** As JSON has no Infinity, a demand without an end is null. */
const demanded: ShapeReader<number> = (found, where) => (found === null ? Infinity : number(0)(found, where));

const day: ShapeReader<string> = (found, where) => {
  const read = text(10)(found, where);
  if (!/^\d{4}-\d\d-\d\d$/.test(read)) throw new Misfit(`${where}: not a day`);
  return read;
};

const PARTY = { scope: oneWordOf(SCOPES), name };
const ROW: ShapeReader<RowFact> = object({ ...PARTY, sessions: count, handshakes: count, arrivals: count });
export const BYTES: ShapeReader<BytesFact> = object({ ...PARTY, day, dayBytes: count, monthBytes: count });
const DEMAND: ShapeReader<Demand> = object({ ...PARTY, up: demanded, down: demanded });
const ENTRY: ShapeReader<EntryFact> = object({
  name,
  value: name,
  endsAt: number(0),
  stamp: count,
  state: oneWordOf(['holds', 'removed'] as const),
});
const LOGIN: ShapeReader<LoginNews> = object({
  kind: oneWordOf(['failed', 'succeeded'] as const),
  client: text(64),
  user: maybe(name),
});

export const FACTS: ShapeReader<Facts> = object({
  seq: count,
  isFull: flag,
  rows: maybe(list(ROW)),
  bytes: maybe(list(BYTES)),
  entries: maybe(list(object({ kind: oneWordOf(ENTRY_KINDS), facts: list(ENTRY) }))),
  logins: maybe(list(LOGIN)),
  demands: maybe(list(DEMAND)),
});
