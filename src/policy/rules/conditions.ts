// Conditions of a request rule, ready to be asked: who, from where and when.
import type { Conditions, TimeSpan, WordPattern } from '../../config/model/config.ts';
import type { Identity } from '../identity.ts';
import type { Asking } from './asking.ts';
import { addressOfIp, compileSpan, spanHoldsClient, type Span } from './span.ts';

/** The same as in the configuration, but for the spans. */
export interface Circumstances extends Omit<Conditions, 'client'> {
  readonly client: readonly Span[];
}

const MINUTES_PER_DAY = 24 * 60;

/** undefined when the rule has no condition. */
export function compileConditions(conditions: Conditions): Circumstances | undefined {
  const isEmpty = Object.values(conditions).every((list: readonly unknown[]) => list.length === 0);
  return isEmpty ? undefined : { ...conditions, client: conditions.client.map(compileSpan) };
}

/** Whether each condition holds; `now` is asked only where there is one about time. */
export function conditionsHold(
  { user, group, userid, client, time }: Circumstances,
  asking: Asking,
  now: () => Date,
): boolean {
  const { identity } = asking;
  return (
    (user.length === 0 || anyFits(user, identity.kind === 'user' ? identity.name : undefined)) &&
    (group.length === 0 || isInGroup(group, identity)) &&
    (userid.length === 0 || anyFits(userid, userIdOf(identity))) &&
    (client.length === 0 || isWithin(client, asking)) &&
    (time.length === 0 || isTime(time, now()))
  );
}

function isInGroup(patterns: readonly WordPattern[], identity: Identity): boolean {
  if (identity.kind === 'anonymous') return false;
  return (
    anyFits(patterns, identity.group) || identity.groups?.some((each) => anyFits(patterns, each)) === true
  );
}

function userIdOf(identity: Identity): string | undefined {
  return identity.kind === 'anonymous' ? identity.userId : undefined;
}

function anyFits(patterns: readonly WordPattern[], word: string | undefined): boolean {
  return word !== undefined && patterns.some((pattern) => fits(pattern, word));
}

function fits({ start, end }: WordPattern, word: string): boolean {
  if (end === undefined) return word === start;
  return word.length >= start.length + end.length && word.startsWith(start) && word.endsWith(end);
}

function isWithin(spans: readonly Span[], { client }: Asking): boolean {
  const address = addressOfIp(client);
  return spans.some((span) => spanHoldsClient(span, address, client));
}

function isTime(spans: readonly TimeSpan[], now: Date): boolean {
  const today = now.getDay();
  const minute = now.getHours() * 60 + now.getMinutes();
  return spans.some(
    (span) => isInSpan(span, today, minute) || isInSpan(span, (today + 6) % 7, minute + MINUTES_PER_DAY),
  );
}

/** `minute` counts from the beginning of `day`, and may lie in the day after. */
function isInSpan({ days, from, to }: TimeSpan, day: number, minute: number): boolean {
  const end = to > from ? to : to + MINUTES_PER_DAY;
  return days.has(day) && from <= minute && minute < end;
}
