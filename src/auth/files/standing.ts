// Whether a user with the right password may log in at this moment.
import { Fault } from '../../base/fault.ts';
import { formatDay } from './marks.ts';
import type { User } from './users.ts';

/** Why the user may not log in; undefined when they may. */
export function barOf(
  { isLocked, validUntilMs }: Pick<User, 'isLocked' | 'validUntilMs'>,
  nowMs = Date.now(),
): Fault | undefined {
  if (isLocked === true) return new Fault('LOGIN_LOCKED');
  if (validUntilMs === undefined || nowMs < validUntilMs) return undefined;
  return new Fault('LOGIN_EXPIRED', `since ${formatDay(validUntilMs)}`);
}
