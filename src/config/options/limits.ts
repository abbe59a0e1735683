// Rows of the option table: how many clients, and how long.
import { LIMIT_RULE } from '../rules/limitrules.ts';
import { COUNT, DURATION, POSITIVE_DURATION, SIZE } from '../values/kinds.ts';
import { many, single, type Option } from './option.ts';

export const LIMITS: readonly Option[] = [
  single('maxSessions', COUNT, {
    keyword: 'maxconn',
    default: '0',
    reload: 'live',
    summary: 'Serves at most N clients at a time.',
    details:
      'The oldest client that has neither logged in nor asked for anything makes room for a new one; where there is ' +
      'none, the new one is closed at once. 0 sets no limit but the number of descriptors.',
  }),
  many('limits', LIMIT_RULE, {
    keyword: 'limit',
    reload: 'live',
    summary: 'Says how many, how fast, how much and how long for clients, users and groups.',
    details:
      'May be repeated. SCOPE is `total`, `client` (each address; IPv6: each /64), `user` or `group`, and a NAME after ' +
      'it, as in `user:alice`, sets other values for that one. WHAT is `sessions` (at once), `rate` (new sessions per ' +
      'second), `handshakes` (not finished yet; `total` and `client` only), `up` and `down` (bytes per second, shared ' +
      'fairly), `day` and `month` (bytes in both directions by the local calendar; see `state`) or `duration` (TIME). ' +
      '0 sets no limit. See docs/limits.md.',
    example: 'client sessions=64 rate=20',
  }),
  single('stalledBytes', SIZE, {
    keyword: 'stalled-memory',
    default: '256M',
    reload: 'live',
    summary: 'Bounds what waits for receivers that do not read, in socket buffers too, over all sessions.',
    details:
      'Beyond it sessions end: of the client that holds most, those that have been stalled longest. The bound is lower ' +
      'while TCP on this host takes more than a sixth of the memory at which the kernel restrains it (`tcp_mem`). SIZE is a ' +
      'number of bytes with `K`, `M`, `G` or `T` after it. 0 sets no limit. See docs/limits.md.',
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
