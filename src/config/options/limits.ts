// Rows of the option table: how many clients, and how long.
import { COUNT, DURATION, POSITIVE_DURATION } from '../kinds.ts';
import { single, type Option } from '../option.ts';

export const LIMITS: readonly Option[] = [
  single('maxSessions', COUNT, {
    keyword: 'maxconn',
    default: '0',
    reload: 'live',
    summary: 'Serves at most N clients at a time.',
    details: 'More are closed at once. 0 sets no limit but the number of descriptors.',
  }),
  single('handshakeTimeoutMs', POSITIVE_DURATION, {
    keyword: 'handshake-timeout',
    default: '15s',
    reload: 'live',
    summary: 'Bounds the time from accepting a client to its complete request.',
    details: 'TIME is a number with `ms`, `s`, `m`, `h` or `d` after it; without a unit it is in seconds.',
  }),
  single('connectTimeoutMs', POSITIVE_DURATION, {
    keyword: 'connect-timeout',
    default: '10s',
    reload: 'live',
    summary: 'Bounds the time to look a destination up and connect to one of its addresses.',
  }),
  single('idleTimeoutMs', DURATION, {
    keyword: 'idle-timeout',
    default: '15m',
    reload: 'live',
    summary: 'Ends a session in which nothing moves for TIME.',
    details: '0 sets no limit.',
  }),
  {
    kind: 'alias',
    of: 'idle-timeout',
    keyword: 'timeout',
    metavar: 'TIME',
    summary: 'Old name of `idle-timeout`.',
  },
  single('halfClosedTimeoutMs', DURATION, {
    keyword: 'half-closed-timeout',
    default: '1m',
    reload: 'live',
    summary: 'Ends a session with one direction closed and nothing moving in the other for TIME.',
    details: '0 sets no limit but `idle-timeout`.',
  }),
  single('drainMs', DURATION, {
    keyword: 'drain',
    default: '30s',
    reload: 'live',
    summary: 'Lets sessions go on for TIME when the daemon is told to stop.',
    details: '0 cuts them at once.',
  }),
];
