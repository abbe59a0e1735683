// Whether somebody may log in at this moment whose password is right.
import { Fault } from '../../base/fault.ts';
import { formatDay } from './marks.ts';
import type { User } from './users.ts';

/** Why not; undefined: they may. */
export function barOf(
  { isLocked, validUntilMs }: Pick<User, 'isLocked' | 'validUntilMs'>,
  nowMs = Date.now(),
): Fault | undefined {
  if (isLocked === true) return new Fault('LOGIN_LOCKED');
  if (validUntilMs === undefined || nowMs < validUntilMs) return undefined;
  return new Fault('LOGIN_EXPIRED', `since ${formatDay(validUntilMs)}`);
}
