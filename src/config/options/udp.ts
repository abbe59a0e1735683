// Rows of the option table: UDP ASSOCIATE, and what one association may do.
import { COUNT, DURATION, PORTS, SIZE } from '../kinds.ts';
import { single, type Option } from '../option.ts';

export const UDP: readonly Option[] = [
  single('udpPorts', PORTS, {
    keyword: 'udp-ports',
    default: 'ephemeral',
    reload: 'live',
    summary: 'Bounds the ports on which datagrams of clients and of targets are received.',
    details: '`ephemeral` stands for the ports that the kernel gives, as in `bind-ports`.',
  }),
  single('udpIdleTimeoutMs', DURATION, {
    keyword: 'udp-idle-timeout',
    default: '5m',
    reload: 'live',
    summary: 'Ends an association in which no datagram passes for TIME.',
    details: '0 sets no limit: it then ends with the connection that asked for it.',
  }),
  single('udpMaxPeers', COUNT, {
    keyword: 'udp-peers',
    default: '1024',
    reload: 'live',
    summary: 'Lets one association send to at most N destinations.',
    details: 'The one that has been silent for longest makes room for a new one. 0 sets no limit.',
  }),
  single('udpPacketsPerSecond', COUNT, {
    keyword: 'udp-packets-per-second',
    default: '0',
    reload: 'live',
    summary: 'Lets one association send at most N datagrams in a second; more are dropped.',
    details: '0 sets no limit.',
  }),
  single('udpUnansweredBytes', SIZE, {
    keyword: 'udp-unanswered',
    default: '1M',
    reload: 'live',
    summary: 'Lets one association send at most SIZE to an address that has never answered.',
    details:
      'It keeps a client from flooding somebody who did not ask for it. All ports of an address count together, with the ' +
      'headers of each datagram. SIZE is a number of bytes with `K`, `M`, `G` or `T` after it. 0 sets no limit.',
  }),
  single('udpReplyRatio', COUNT, {
    keyword: 'udp-reply-ratio',
    default: '1000',
    reload: 'live',
    summary: 'Lets one association send N bytes more for each byte of an answer.',
    details: 'Counted for each address, beyond `udp-unanswered`. 0 sets no limit once it has answered.',
  }),
];
