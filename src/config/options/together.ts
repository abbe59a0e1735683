// Rows of the option table: hosts that work together, balancers in front of the daemon and other daemons beside it.
import type { FleetAlone } from '../model/fleet.ts';
import type { ProxyUser } from '../model/tls.ts';
import { FLEET_NAME, FLEET_STORE, READY_ADDRESS, ZONE } from '../values/control.ts';
import { choice, path, text } from '../values/kinds.ts';
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

// Only config-version can change at a reload: files of logins are read, the client is loaded and names are taken at the start.
export const FLEET: readonly Option[] = [
  single('fleet', FLEET_NAME, {
    keyword: 'fleet',
    reload: 'restart',
    summary: 'Counts together with all daemons of the fleet NAME that use the same `fleet-store`.',
    details:
      'Limits, quotas, bans and `auth-once` then hold over all members, as docs/fleet.md says how exactly. No client waits for the store: ' +
      'while it is away each member goes on with what it knows. Where clients come by way of a balancer, `proxy-protocol` comes first. ' +
      'Not together with `workers` and `inetd`.',
    example: 'blue',
  }),
  single('fleetName', FLEET_NAME, {
    keyword: 'fleet-name',
    reload: 'restart',
    summary: 'Names this member of the fleet; without it, it has the name of the host.',
    details: 'No two members may have the same name: the later one does not join, and serves alone.',
    example: 'm1',
  }),
  single('fleetStore', FLEET_STORE, {
    keyword: 'fleet-store',
    reload: 'restart',
    summary: 'Says where the members meet: a server of Valkey or Redis at `redis://HOST[:PORT][/DATABASE]`.',
    details:
      '`rediss:` is the same over TLS. Whoever can write there steers limits and bans of all members: docs/fleet.md has an ACL. The ' +
      'address that a name stands for is looked up at each connection.',
    example: 'rediss://store.example.org',
  }),
  single('fleetAuth', path('FILE'), {
    keyword: 'fleet-auth',
    reload: 'restart',
    summary: 'Takes the login at the store from the first line of FILE: `USER:PASSWORD`.',
    details:
      'It is read at the start, before root is given up. A line without a colon is the password of the user `default`.',
    example: '/etc/picosocks5/fleet-auth',
  }),
  single('fleetCa', path('FILE'), {
    keyword: 'fleet-ca',
    reload: 'restart',
    summary:
      'Trusts the authorities in FILE (PEM), and no others, for the certificate of a store at `rediss:`.',
    details: 'Without it those of Node.js count. It is read at the start.',
    example: '/etc/picosocks5/fleet-ca.pem',
  }),
  single('fleetAlone', choice<FleetAlone>('WHAT', ['full', 'divided']), {
    keyword: 'fleet-alone',
    default: 'full',
    reload: 'restart',
    summary: 'Says what a member allows while it cannot reach the store: each limit in `full`, or `divided`.',
    details:
      '`divided` is the limit by the number of members that were there last; sessions that run go on. Quotas of bytes are not divided: each ' +
      'member goes on from what it knew.',
  }),
  single('fleetZone', ZONE, {
    keyword: 'fleet-zone',
    reload: 'restart',
    summary: 'Begins the days and months of quotas at midnight of ZONE, for all members alike.',
    details: 'Without it they begin at midnight of this host, which has to be the same at all members.',
    example: 'Europe/Berlin',
  }),
  single('configVersion', text('TEXT'), {
    keyword: 'config-version',
    reload: 'live',
    summary: 'Names this state of the configuration, so that it can be compared between members.',
    details:
      'For example the commit that it was made of. It is told by `pis5ctl status`, and nothing depends on it.',
    example: '7f3a91c',
  }),
];
