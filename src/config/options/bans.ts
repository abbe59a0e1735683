// Rows of the option table: what happens to those who guess passwords.
import { COUNT, DURATION, POSITIVE_DURATION, type Kind } from '../values/kinds.ts';
import { wrong } from '../values/parsed.ts';
import { blocks, single, type Option } from './option.ts';

/** RFC 1928 section 6 wants a refused connection closed within 10 seconds. */
const LONGEST_TARPIT_MS = 8000;

const TARPIT: Kind<number> = {
  ...DURATION,
  parse(text, reading) {
    const parsed = DURATION.parse(text, reading);
    const isTooLong = parsed.kind === 'value' && parsed.value > LONGEST_TARPIT_MS;
    return isTooLong ? wrong('an answer may be put off by 8s at most') : parsed;
  },
};

export const BANS: readonly Option[] = [
  single('banAfter', COUNT, {
    keyword: 'ban-after',
    default: '20',
    reload: 'live',
    summary: 'Bans a client after N failed logins within `ban-window`.',
    details:
      'A client is an IPv4 address or an IPv6 /64. Banned clients are turned away before their first byte is read. A user ' +
      'name that is tried as often is locked: it still gets in from addresses where it has logged in within the last 30 ' +
      'days, and elsewhere its login fails. 0 bans no client.',
  }),
  single('banWindowMs', POSITIVE_DURATION, {
    keyword: 'ban-window',
    default: '10m',
    reload: 'live',
    summary: 'Counts failed logins over TIME.',
  }),
  single('banTimeMs', POSITIVE_DURATION, {
    keyword: 'ban-time',
    default: '1m',
    reload: 'live',
    summary: 'Bans for TIME at first, for twice as long each further time.',
    details: 'Each `ban-longest` without a failed login halves the next ban again.',
  }),
  single('banLongestMs', POSITIVE_DURATION, {
    keyword: 'ban-longest',
    default: '15m',
    reload: 'live',
    summary: 'Bans for TIME at most.',
  }),
  blocks('banAllow', {
    keyword: 'ban-allow',
    default: '127.0.0.0/8,::1',
    reload: 'live',
    summary: 'Never bans clients of these addresses.',
    details:
      'May be repeated, and takes the place of the default. Their failed logins are logged and not counted, and no user ' +
      'name is locked for them.',
  }),
  single('tarpitMs', TARPIT, {
    keyword: 'tarpit',
    default: '0',
    reload: 'live',
    summary: 'Answers failed logins TIME later, 8s at most.',
    details:
      'That slows down guessing over one connection. At most 256 answers are delayed at a time, the others are ' +
      'given at once. `handshake-timeout` goes on meanwhile.',
  }),
];
