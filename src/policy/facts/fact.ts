// What outlives a session, or concerns other processes, as it is carried: numbers are absolute and entries have a stamp, so that a
// fact that is lost, late or repeated falsifies nothing.

/** An entry of one kind, such as the ban of a client: it holds until `endsAt`, or was taken back. */
export interface EntryFact {
  readonly name: string;
  /** What it says beside its name; '' where the name says all. */
  readonly value: string;
  /** Milliseconds since 1970; of one that was taken back, how long that has to be known. */
  readonly endsAt: number;
  /** When it was set or taken back, by the clock of whoever did it (stamps.ts); 0: not known, which is before everything. */
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
