// Rows of the option table: who moves the bytes, and what outgoing sockets are set to.
import type { TransportChoice } from '../model/config.ts';
import { choice, count, DURATION, FLAG, INTERFACE } from '../values/kinds.ts';
import { single, type Option } from './option.ts';

/** Every row of an outgoing socket option that Node.js does not have ends with this. */
const NEEDS_ENGINE = 'Needs the engine: where that does not load, the daemon does not start.';

export const TRANSPORT: readonly Option[] = [
  single('transport', choice<TransportChoice>('NAME', ['auto', 'engine', 'streams']), {
    keyword: 'transport',
    default: 'auto',
    reload: 'restart',
    summary: 'Moves bytes with the native `engine` or with the `streams` of Node.js.',
    details:
      '`auto` takes the engine where it loads, which is on Linux where it was built, and streams elsewhere; the log ' +
      'says which and why.',
  }),
  single('relayThreads', count(0, 256), {
    keyword: 'relay-threads',
    default: '0',
    reload: 'restart',
    summary: 'Lets the engine carry busy sessions on N threads.',
    details: '0 takes one for each processor.',
  }),
  single('keepAliveMs', DURATION, {
    keyword: 'keepalive',
    default: '0',
    reload: 'restart',
    summary: 'Probes a connection on which nothing moves for TIME, so that dead peers are found.',
    details: `0 leaves it to the idle limit. ${NEEDS_ENGINE}`,
    example: '2m',
  }),
  single('device', INTERFACE, {
    keyword: 'device',
    reload: 'restart',
    summary: 'Sends outgoing connections through INTERFACE (SO_BINDTODEVICE).',
    details: NEEDS_ENGINE,
    example: 'eth1',
  }),
  single('mark', count(0, 0xffff_ffff), {
    keyword: 'mark',
    reload: 'restart',
    summary: 'Marks outgoing connections with N for the firewall and policy routing (SO_MARK).',
    details: `The kernel asks for CAP_NET_ADMIN at each connection, which the drop of privileges takes away. ${NEEDS_ENGINE}`,
    example: '17',
  }),
  single('typeOfService', count(0, 255), {
    keyword: 'tos',
    reload: 'restart',
    summary: 'Sets the type of service (DSCP times 4) of outgoing connections to N.',
    details: NEEDS_ENGINE,
    example: '32',
  }),
  single('fastOpen', FLAG, {
    keyword: 'fast-open',
    default: 'no',
    reload: 'restart',
    summary: 'Sends the first bytes of a client with the SYN (TCP Fast Open).',
    details: `The client is then told of success before the target has answered. ${NEEDS_ENGINE}`,
  }),
  single('freeBind', FLAG, {
    keyword: 'freebind',
    default: 'no',
    reload: 'restart',
    summary:
      'Allows addresses that this host does not have yet, of `listen`, `bind` and `source` (IP_FREEBIND).',
    details: `It listens on them from the start, and is reached once they come. ${NEEDS_ENGINE}`,
  }),
];
