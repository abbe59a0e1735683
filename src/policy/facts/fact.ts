// Facts, which outlive a session or concern other processes, in the form in which they are carried: numbers are absolute and entries
// have a stamp, so that a fact that is lost, late or repeated falsifies nothing.
import type { LimitScope } from '../../config/model/limit.ts';

/** The subject of counts. `name` is an address or prefix for a client, and '' for all clients together. */
export interface Party {
  readonly scope: LimitScope;
  readonly name: string;
}

/** One text for each party, for maps by party. */
export function partyKeyOf({ scope, name }: Party): string {
  return `${scope} ${name}`;
}

/** The present counts of a party at one member, which alone writes them. */
export interface PartyCounts {
  readonly sessions: number;
  /** The sessions among these whose request is not whole yet. */
  readonly handshakes: number;
  /** New sessions that a rate has counted so far; it begins anew when the party is forgotten. */
  readonly arrivals: number;
}

export interface RowFact extends Party, PartyCounts {}

/** The bytes that one member, which alone writes them, has seen a party move on `day` (`2026-10-05`) and in the month of that day. */
export interface BytesFact extends Party {
  readonly day: string;
  readonly dayBytes: number;
  readonly monthBytes: number;
}

/** A member by its name, and how many there are. */
export interface MemberPlace {
  readonly member: string;
  readonly members: number;
  /** Members of this host have names that begin with it and a blank; undefined: all are of this host. */
  readonly host?: string | undefined;
}

/** Rows of a member, as a carrier brings them. Of two messages the one with the greater epoch, then the greater seq is later. */
export interface RowsMessage {
  readonly member: string;
  /** The number of the member's present life: greater with each start. */
  readonly epoch: number;
  readonly seq: number;
  /** All that it counts: rows that are not among them are gone. */
  readonly isFull: boolean;
  readonly rows: readonly RowFact[];
}

/** An entry of one kind, such as the ban of a client: it holds until `endsAt`, or was taken back. */
export interface EntryFact {
  readonly name: string;
  /** The text beside its name; '' when the name says all. */
  readonly value: string;
  /** Milliseconds since 1970; of one that was taken back, how long that has to be known. */
  readonly endsAt: number;
  /**
   * When it was set or taken back, by the clock of the member that did it (stamps.ts); 0: not known, which is before
   * everything.
   */
  readonly stamp: number;
  readonly state: 'holds' | 'removed';
}

/** Whether `fact` takes the place of `known`: the later stamp does; of equal ones any, as long as it is the same everywhere. */
export function isLater(fact: EntryFact, known: EntryFact): boolean {
  if (fact.stamp !== known.stamp) return fact.stamp > known.stamp;
  if (fact.state !== known.state) return fact.state === 'removed';
  if (fact.endsAt !== known.endsAt) return fact.endsAt > known.endsAt;
  return fact.value > known.value;
}
