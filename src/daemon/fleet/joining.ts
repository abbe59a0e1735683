// Joining a fleet: the name has to be free, and what the store keeps is taken in before anything is told.
import { setTimeout as delay } from 'node:timers/promises';
import type { BytesFact, EntryFact } from '../../policy/facts/fact.ts';
import type { EntryKind, KindOfEntries } from '../workers/factmessage.ts';
import type { Shelf } from './shelf.ts';
import type { StoreClock } from './storeclock.ts';
import type { KeptBytes } from './storekeys.ts';
import type { StoreLink } from './storelink.ts';

/** A member that has shown no sign of life for so long is gone. */
const LEASE_MS = 3000;
const LOOK_MS = 500;

/** What outlives this daemon, in its tables. */
export interface Books {
  /** The present day, by which quotas count. */
  readonly day: () => string;
  /** Takes in what this member, in an earlier life, has counted itself. */
  readonly restore: (fact: BytesFact) => void;
  readonly mergeBytes: (member: string, fact: BytesFact) => void;
  readonly mergeEntry: (kind: EntryKind, fact: EntryFact) => void;
  /** In pieces. */
  readonly othersBytes: () => Iterable<readonly KeptBytes[]>;
  readonly entries: () => Iterable<KindOfEntries>;
}

/** Another process beats under the name of this member. */
export class NameTaken extends Error {}

/** Settles when nobody else beats under that name; rejects with NameTaken where somebody does. */
export async function waitForName(
  link: StoreLink,
  { shelf, clock, member }: { readonly shelf: Shelf; readonly clock: StoreClock; readonly member: string },
  epoch: number,
): Promise<void> {
  let seen: number | undefined;
  for (;;) {
    const record = await shelf.member(link, member);
    if (record === undefined || record.epoch === epoch || clock.now() - record.beat > LEASE_MS) return;
    // One that was killed just now has left a sign of life, too; only one that lives leaves another one.
    if (seen !== undefined && record.beat !== seen) throw new NameTaken();
    seen = record.beat;
    await delay(LOOK_MS, undefined, { ref: false });
  }
}

/** Takes in all bytes of this month and all entries of the store. */
export async function joinBooks(
  link: StoreLink,
  {
    shelf,
    books,
    member,
    heard,
  }: {
    readonly shelf: Shelf;
    readonly books: Books;
    readonly member: string;
    readonly heard: (entries: readonly KindOfEntries[]) => void;
  },
): Promise<void> {
  for await (const counts of shelf.bytes(link, books.day())) {
    for (const { member: writer, fact } of counts) {
      if (writer === member) books.restore(fact);
      else books.mergeBytes(writer, fact);
    }
  }
  for await (const entries of shelf.entries(link)) {
    for (const { kind, fact } of entries) {
      books.mergeEntry(kind, fact);
      heard([{ kind, facts: [fact] }]);
    }
  }
}
