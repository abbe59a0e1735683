// Rows of the option table: addresses, of this host and of name servers.
import { familyOf } from '../../base/ip.ts';
import { parseZonedIp } from '../../base/zoned.ts';
import { SOURCE_PLAN } from '../routes/source.ts';
import { BIND_ADDRESS, PUBLIC_ADDRESS, RESOLVER } from '../values/endpoints.ts';
import { FAMILY, PORTS, POSITIVE_DURATION } from '../values/kinds.ts';
import { formatBare, formatListen, LISTEN_ADDRESS } from '../values/listen.ts';
import { many, single, type Option } from './option.ts';

export const LISTEN = many('listen', LISTEN_ADDRESS, {
  keyword: 'listen',
  default: '*:1080',
  reload: 'live',
  clashes: (one, other) =>
    formatBare(one) === formatBare(other) ? `${formatListen(one)} is a listen address already` : undefined,
  summary: 'Serves clients that connect to ADDRESS; the same as an operand.',
  details:
    'May be repeated. The form is `HOST:PORT`, `[IPV6]:PORT`, `[fe80::1%INTERFACE]:PORT`, `@INTERFACE:PORT` or `*:PORT`; without a port it is ' +
    '1080, without a host every address of both families, and a port may be a name of /etc/services. An IPv6 ' +
    'address alone needs no brackets. `unix:/PATH[,mode=MODE][,group=GROUP]` is a Unix socket, of at most 107 bytes: its file belongs to the ' +
    'service account, has MODE (0600) and the group GROUP, takes the place of the socket of a daemon that has ended, and goes with the listener; ' +
    'a reload changes both of a socket that is there, as far as the service account may. Its clients are on this host: rules, limits and the log know them by ' +
    'account, `unix:uid=1000` (docs/doors.md). A reload can open a port below 1024 only where the service account may. ' +
    '`@INTERFACE` follows the addresses of the interface, link-local ones among them: the daemon listens on new ones, and stops listening on those that go. ' +
    'With `tls:` before it, as in `tls:*:1081`, clients speak TLS first and SOCKS or HTTP inside; see `tls-cert`.',
});

export const LISTENING: readonly Option[] = [LISTEN];

export const OUTGOING: readonly Option[] = [
  {
    kind: 'source',
    keyword: 'source',
    metavar: SOURCE_PLAN.metavar,
    default: undefined,
    repeatable: true,
    reload: 'live',
    summary: 'Connects to destinations from ADDRESS, which must be one of this host.',
    details:
      'May be repeated, and may stand in a `[section]` for those users alone. Without it the system chooses. With it, ' +
      'destinations of a family that has no source address cannot be reached. Of several addresses of a family each session ' +
      'gets one: in turn (`round-robin`), by chance (`random`), or with `sticky[=TIME]` the same for a user, or for the ' +
      'address of a client without a login, as long as TIME (10m). ADDRESS/BITS stands for any address of that block; that ' +
      'needs `freebind` and a route of the kernel, see docs/ways-out.md. `client` alone is the address that the client has ' +
      'connected to.',
    example: '192.0.2.1,192.0.2.2,sticky=1h',
  },
  single('family', FAMILY, {
    keyword: 'family',
    default: 'any',
    reload: 'live',
    summary: 'Says over which of IPv4 and IPv6 destinations are reached.',
    details:
      '`4` and `6` look up and dial addresses of that family only; a request for an address of the other one is refused. ' +
      '`prefer-4` and `prefer-6` try that family first; `any` is the same as `prefer-6`, as RFC 8305 has it. Names that a proxy ' +
      'looks up are left to it.',
  }),
  single('resolver', RESOLVER, {
    keyword: 'resolver',
    default: 'builtin',
    reload: 'restart',
    summary: 'Says who looks names up.',
    details:
      '`builtin` reads /etc/hosts and asks the name servers of /etc/resolv.conf, with a cache; `system` calls ' +
      'getaddrinfo(3), which knows every source of nsswitch.conf(5) but is slower; a comma list of `ADDRESS[:PORT]` ' +
      'is `builtin` with these name servers. Both files are followed as they change, within a second; of resolv.conf(5) ' +
      'the first three `nameserver` lines, `search` or `domain`, and the options `ndots`, `timeout`, `attempts` and `rotate` hold. ' +
      'A name with fewer dots than `ndots` is looked for in the search domains first, another one afterwards; one with a dot at its end ' +
      'is asked for as it is, and so is every name with a list of name servers here. A server gets five seconds ' +
      'for its answer and is asked twice unless that file says otherwise, and `connect-timeout` ends all waiting.',
  }),
  many('bind', BIND_ADDRESS, {
    keyword: 'bind',
    short: 'B',
    reload: 'live',
    clashes: (one, other) => clashOfBinds(one, other),
    summary: 'Waits on ADDRESS for the connections that BIND announces.',
    details:
      'An address, a name or `@INTERFACE`; may be repeated, with one address per family. Without it BIND waits where ' +
      'connections to the peer leave from: at the address of `source`, else at the one with which the routes of the kernel ' +
      'lead to the peer. For a client that names no peer, it waits at the address that the client has connected to.',
    example: '@eth0',
  }),
  single('bindPorts', PORTS, {
    keyword: 'bind-ports',
    default: 'ephemeral',
    reload: 'live',
    summary: 'Bounds the ports on which BIND waits.',
    details:
      'A client that asks for a port of this range gets it where it is free; every other client gets another one of it, ' +
      'and is told which one. `ephemeral` stands for the ports that the kernel gives to outgoing connections, without those ' +
      'that it reserves (ip_local_port_range and ip_local_reserved_ports in ip(7)): services of this host listen ' +
      'on other ports, so clients cannot occupy those. In a wider range they can.',
  }),
  single('bindTimeoutMs', POSITIVE_DURATION, {
    keyword: 'bind-timeout',
    default: '2m',
    reload: 'live',
    summary: 'Bounds the time for which BIND waits for its connection.',
  }),
  many('publicAddress', PUBLIC_ADDRESS, {
    keyword: 'public-address',
    reload: 'live',
    clashes: (one, other) =>
      familyOf(one) === familyOf(other)
        ? `stands beside ${one}; there is one public address per family`
        : undefined,
    summary: 'Tells clients of BIND and UDP ASSOCIATE that this host is ADDRESS.',
    details:
      'For a host behind NAT: the address that leads to this one from outside, with the ports of `bind-ports` and ' +
      '`udp-ports` passed on unchanged. May be given once for each family.',
    example: '203.0.113.7',
  }),
];

function clashOfBinds(one: string, other: string): string | undefined {
  const [first, second] = [parseZonedIp(one), parseZonedIp(other)];
  if (one === other) return 'is an address for BIND already';
  if (first === undefined || second === undefined || familyOf(first) !== familyOf(second)) return undefined;
  return `stands beside ${one}; there is one address for BIND per family`;
}
