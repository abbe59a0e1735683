// Rows of the option table: balancers in front of the daemon.
import type { ProxyUser } from '../model/tls.ts';
import { READY_ADDRESS } from '../values/control.ts';
import { choice } from '../values/kinds.ts';
import { blocks, single, type Option } from './option.ts';

export const BALANCERS: readonly Option[] = [
  blocks('proxyProtocol', {
    keyword: 'proxy-protocol',
    reload: 'live',
    summary: 'Takes the word of the balancers at BLOCK for who their clients are.',
    details:
      'May be repeated. Connections from these addresses must begin with a header of the PROXY protocol, version 1 or 2 ' +
      '(`send-proxy-v2` of HAProxy), others must not. The client that it announces is the one that rules, guard, bans, limits and the log ' +
      'mean. A client whose balancer does not say who it is (`LOCAL`, `UNKNOWN`) gets its greeting answered, as a health check ' +
      'needs it, and no further, unless `network` admits the address of the balancer; it is never local. Whoever connects from BLOCK chooses the address ' +
      'that counts, so name the balancers one by one. Balancers that connect to a Unix socket are named as such, all by `unix`, those of an account by ' +
      '`unix:uid=0`; no other block means them, not even one with 127.0.0.1. UDP ASSOCIATE through a balancer needs `public-address`. See docs/doors.md.',
    example: '192.0.2.10,192.0.2.11',
  }),
  single('proxyUser', choice<ProxyUser>('WHAT', ['none', 'cn']), {
    keyword: 'proxy-user',
    default: 'none',
    reload: 'live',
    summary:
      'Says what of the certificate that a balancer has checked names the user of a client, who then needs no login.',
    details:
      'With `cn` it is the common name that the header has (`send-proxy-v2-ssl-cn` of HAProxy), if a certificate was shown and the balancer says that it is ' +
      'good. The user is as with `tls-user`. Balancers can then name any user: set it only where all of `proxy-protocol` check certificates, and ' +
      'where nobody else can connect from their addresses.',
  }),
  single('ready', READY_ADDRESS, {
    keyword: 'ready',
    // It is opened before the drop, for a port below 1024 or a folder of root.
    reload: 'restart',
    summary: 'Tells health checks that ask by HTTP, there, whether this daemon is ready.',
    details:
      '`GET /ready` is answered by 200 while it serves; by 404 while it still does, but will stop soon (`pis5ctl drain --announce ' +
      'TIME`); by 503 while it starts and drains. No session and no record comes of it. PATH has a / in it and is a Unix socket, which anybody ' +
      'on this host may ask. See docs/doors.md.',
    example: '192.0.2.21:1081',
  }),
];
