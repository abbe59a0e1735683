// The limits of one member that knows nothing of the others, where it allows its part only.
import type { LimitKey } from '../../config/model/limit.ts';
import type { Limit, Limits, LimitTable } from './limits.ts';

const wholeOne = (part: number): number => Math.max(1, Math.floor(part));

/** What becomes of the part of each limit that is divided: somebody can still come in. */
const DIVIDED: Partial<Readonly<Record<LimitKey, (part: number) => number>>> = {
  sessions: wholeOne,
  handshakes: wholeOne,
  // One new session in two seconds.
  rate: (part) => Math.max(0.5, part),
  up: wholeOne,
  down: wholeOne,
};

/** Each limit by the number of members; quotas of bytes and durations stay as they are. */
export function dividedLimits(table: LimitTable, members: number): LimitTable {
  const ofAll = (limits: Limits): Limits =>
    Object.fromEntries(
      Object.entries(limits).map(([key, limit]) => [key, partOf(key as LimitKey, limit, members)]),
    ) as Limits;
  const inScope = ({ each, named }: LimitTable['total']): LimitTable['total'] => ({
    each: ofAll(each),
    named: new Map([...named].map(([name, limits]) => [name, ofAll(limits)])),
  });
  const { total, client, user, group, watch } = table;
  return {
    total: inScope(total),
    client: inScope(client),
    user: inScope(user),
    group: inScope(group),
    watch,
  };
}

function partOf(key: LimitKey, limit: Limit | undefined, members: number): Limit | undefined {
  const divide = DIVIDED[key];
  if (limit === undefined || divide === undefined) return limit;
  return {
    value: divide(limit.value / members),
    text: `${limit.text}, its part at one of ${members} members`,
  };
}
