// The tables of a daemon of one process, as its membership sees them.
import { entriesOf, piecesOf, type Carried, type Carrier } from '../workers/carrier.ts';
import type { Teller } from './hearing.ts';
import type { Books } from './joining.ts';
import type { Outbox } from './outbox.ts';

/** Logins that a member which has just come is told of, the latest ones. */
const MOST_FAMILIAR = 5000;

export function tellerOf(
  carrier: Carrier,
  { bans }: Carried,
  { member, outbox }: { readonly member: string; readonly outbox: Outbox },
): Teller {
  return {
    hear: (from, epoch, facts) => carrier.hear(from, epoch, facts),
    lose: (from) => carrier.lose(from),
    tellAll: () => carrier.tellAll(),
    tellRows: () => carrier.tellRows(),
    tellFamiliar: () => {
      const latest = [...bans.familiar()].slice(-MOST_FAMILIAR);
      for (const logins of piecesOf(latest)) outbox.send({ seq: 0, isFull: false, logins });
    },
    shareBy: (members) => carrier.share({ member, members, host: member }),
  };
}

export function booksOf(carried: Carried): Books {
  const { usage } = carried;
  const tables = entriesOf(carried);
  return {
    day: () => usage.today,
    restore: (fact) => usage.restore(fact),
    mergeBytes: (member, fact) => usage.others.merge(member, fact),
    mergeEntry: (kind, fact) => tables[kind].merge(fact),
    othersBytes: () => piecesOf([...usage.others.all()]),
    *entries() {
      for (const kind of ['bans', 'blocks', 'authOnce'] as const) {
        for (const facts of piecesOf([...tables[kind].all()])) yield { kind, facts };
      }
    },
  };
}
