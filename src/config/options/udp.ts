// Rows of the option table: UDP ASSOCIATE, and what one association may do.
import { COUNT, DURATION, PORTS, SIZE } from '../values/kinds.ts';
import { single, type Option } from './option.ts';

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
  single('udpMaxPeersTotal', COUNT, {
    keyword: 'udp-peers-total',
    default: '262144',
    reload: 'restart',
    summary: 'Lets all associations together send to at most N destinations.',
    details:
      'Then the one that has been silent for longest makes room, among those of the client that has most, or of the network ' +
      '(IPv4: /24, IPv6: /48 and /56 in it). Each takes up to 160 bytes; one that the client calls by its name counts as two ' +
      'to four, by the length of the name. 0 sets no limit.',
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
    summary:
      'Lets a client send at most SIZE in ten minutes to an address that has not answered it, and all clients together.',
    details:
      'It keeps clients from flooding a host that did not ask for it, over all their associations. All ports of an ' +
      'address count together, with the headers of each datagram. What a client has sent to an address that answers it does ' +
      'not count for the others. If an address has answered any client in these ten minutes, each client may send it 4 KiB ' +
      'of those SIZE although others have used them up, and those of one IPv4 /24 or IPv6 /48 64 KiB. SIZE is a number of bytes ' +
      'with `K`, `M`, `G` or `T` after it; more than 4G count as 4G. 0 sets no limit.',
  }),
  single('udpReplyRatio', COUNT, {
    keyword: 'udp-reply-ratio',
    default: '1000',
    reload: 'live',
    summary: 'Lets a client send N bytes more for each byte of an answer in the last ten minutes.',
    details: 'Counted for each address, beyond `udp-unanswered`. 0 sets no limit as long as it answers.',
  }),
];
