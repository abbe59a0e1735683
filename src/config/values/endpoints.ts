// Kinds of values that name other hosts: --bind, --source, --resolver, --syslog.
import { formatEndpoint, isUnspecified, parseIp, unmapIp, type Endpoint, type Ip } from '../../base/ip.ts';
import { isLinkLocal, parseZonedIp, zoneNameOf } from '../../base/zoned.ts';
import type { ResolverChoice, SyslogTarget } from '../model/config.ts';
import { formatHostPort, isName, splitHostPort, type PortOf } from './hostport.ts';
import { whyNoAbsolutePath, type Kind } from './kinds.ts';
import { interfaceOf } from './listen.ts';
import { quote, value, wrong, type Parsed } from './parsed.ts';

const DNS_PORT = 53;
const SYSLOG_PORT = 514;
const LOCAL_SYSLOG = '/dev/log';
export const BIND_ADDRESS: Kind<string> = {
  metavar: 'ADDRESS',
  parse(text) {
    const ip = parseZonedIp(text);
    if (ip !== undefined && isUnspecified(unmapIp(ip))) {
      return wrong(
        `${quote(text)} is no address that a peer could connect to; write one of this host, or @INTERFACE`,
      );
    }
    if (ip !== undefined && isLinkLocal(ip) && zoneNameOf(ip) === undefined) {
      return wrong(`${ip} is there on each link; write ${ip}%INTERFACE, or @INTERFACE`);
    }
    return ip !== undefined || interfaceOf(text) !== undefined || isName(text)
      ? value(text)
      : wrong(`${quote(text)} is not an address, a host name or @INTERFACE`);
  },
  format: String,
};

/** Told to clients, so any address but one that means none. */
export const PUBLIC_ADDRESS: Kind<Ip> = {
  metavar: 'ADDRESS',
  parse(text) {
    const ip = parseIp(text);
    return ip === undefined || isUnspecified(unmapIp(ip))
      ? wrong(`${quote(text)} is no address that leads here; write the IPv4 or IPv6 address of the NAT`)
      : value(unmapIp(ip));
  },
  format: String,
};

export const RESOLVER: Kind<ResolverChoice> = {
  metavar: 'RESOLVER',
  parse: (text, reading) =>
    text === 'builtin' || text === 'system' ? value({ kind: text }) : parseServers(text, reading.portOf),
  format: (choice) =>
    choice.kind === 'servers'
      ? choice.servers.map((server) => formatEndpoint(server)).join(',')
      : choice.kind,
};

export const SYSLOG_TARGET: Kind<SyslogTarget> = {
  metavar: 'TARGET',
  parse(text, reading) {
    if (text === 'local') return value({ kind: 'local', path: LOCAL_SYSLOG });
    const [, scheme, rest = ''] = /^(unix|udp|tcp):(.*)$/s.exec(text) ?? [];
    if (scheme === 'unix') return parseSocketPath(rest);
    if (scheme === 'udp' || scheme === 'tcp') return parseRemote(scheme, rest, reading.portOf);
    return wrong(`${quote(text)} is not local, unix:/PATH, udp:HOST[:PORT] or tcp:HOST[:PORT]`);
  },
  format(target) {
    if (target.kind === 'remote') return `${target.protocol}:${formatHostPort(target.host, target.port)}`;
    return target.path === LOCAL_SYSLOG ? 'local' : `unix:${target.path}`;
  },
};

function parseServers(text: string, portOf: PortOf): Parsed<ResolverChoice> {
  const servers: Endpoint[] = [];
  for (const item of text.split(',')) {
    const split = splitHostPort(item.trim(), portOf);
    if (split.kind === 'wrong') return split;
    const { ip, port = DNS_PORT } = split.value;
    if (ip === undefined || port === 0) {
      return wrong(`${quote(item.trim())} is not builtin, system or the ADDRESS[:PORT] of a name server`);
    }
    servers.push({ ip, port });
  }
  return value({ kind: 'servers', servers });
}

function parseSocketPath(text: string): Parsed<SyslogTarget> {
  const why = whyNoAbsolutePath(text);
  return why === undefined ? value({ kind: 'local', path: text }) : wrong(why);
}

function parseRemote(protocol: 'udp' | 'tcp', text: string, portOf: PortOf): Parsed<SyslogTarget> {
  const split = splitHostPort(text, portOf);
  if (split.kind === 'wrong') return split;
  const { host, ip, port = SYSLOG_PORT } = split.value;
  if (port === 0) return wrong('0 is no port of a log server; write 1 to 65535');
  if (ip === undefined && !isName(host)) return wrong(`${quote(host)} is not an address or host name`);
  return value({ kind: 'remote', protocol, host: ip ?? host, port });
}
