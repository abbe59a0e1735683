// The value of auth-once: whether an address is remembered after a login, and for how long.
import { formatDuration, parseDuration } from '../../base/units.ts';
import { FLAG, type Kind } from './kinds.ts';
import { quote, value, wrong } from './parsed.ts';

const ONE_HOUR_MS = 3_600_000;

/** Milliseconds; 0: not at all. */
export const AUTH_ONCE: Kind<number> = {
  metavar: 'TIME',
  implied: 'yes',
  parse(text, reading) {
    // Before the words: 1 and 0 are words for yes and no, and here a second and no.
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined) return value(milliseconds);
    const flag = FLAG.parse(text, reading);
    return flag.kind === 'value'
      ? value(flag.value ? ONE_HOUR_MS : 0)
      : wrong(`${quote(text)} is not yes, no or a time up to 24 days such as 30m, 8h or 1d`);
  },
  format: (milliseconds) => (milliseconds === 0 ? 'no' : formatDuration(milliseconds)),
};
