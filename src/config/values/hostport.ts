// `HOST[:PORT]` as operators write it: with brackets around an IPv6 address, or an IPv6 address alone without.
import { familyOf, formatEndpoint, type Ip } from '../../base/ip.ts';
import { parseZonedIp } from '../../base/zoned.ts';
import { isHostName } from '../../protocol/address.ts';
import { quote, value, wrong, type Parsed } from './parsed.ts';

/** The port of a service name, such as 1080 of `socks`; undefined when the service is unknown. */
export type PortOf = (service: string) => number | undefined;

/** The two parts; `ip` where the host is an address, a link-local one with or without its zone, `port` where one was written. */
export interface HostPort {
  readonly host: string;
  readonly ip: Ip | undefined;
  readonly port: number | undefined;
}

/** Splits; the host is any text (also empty), the port 0 to 65535 or a service that `portOf` knows. */
export function splitHostPort(text: string, portOf: PortOf): Parsed<HostPort> {
  const alone = parseZonedIp(text);
  if (alone !== undefined) return value({ host: text, ip: alone, port: undefined });
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(text);
  if (match === null)
    return wrong(`${quote(text)} is not ADDRESS[:PORT]; put brackets around an IPv6 address`);
  const [, bracketed, plain, portText] = match;
  const host = bracketed ?? plain ?? '';
  const ip = parseZonedIp(host);
  if (bracketed !== undefined && (ip === undefined || familyOf(ip) !== 6)) {
    return wrong(`${quote(host)} is not an IPv6 address; only those stand in brackets`);
  }
  if (portText === undefined) return value({ host, ip, port: undefined });
  const port = parsePort(portText, portOf);
  return port.kind === 'wrong' ? port : value({ host, ip, port: port.value });
}

/** Whether `host` can be a name of the DNS or of /etc/hosts, in any case. */
export function isName(host: string): boolean {
  return !host.startsWith('-') && isHostName(host.toLowerCase().replace(/\.$/, ''));
}

/** `host:port`, with brackets where the host is an IPv6 address. */
export function formatHostPort(host: string, port: number): string {
  const ip = parseZonedIp(host);
  return ip === undefined ? `${host}:${port}` : formatEndpoint({ ip, port });
}

function parsePort(text: string, portOf: PortOf): Parsed<number> {
  if (/^\d+$/.test(text)) {
    const port = Number(text);
    return port <= 65_535 ? value(port) : wrong(`${quote(text)} is not a port; ports end at 65535`);
  }
  const port = text === '' ? undefined : portOf(text);
  return port === undefined
    ? wrong(`${quote(text)} is neither a port nor a service of /etc/services; write a number from 0 to 65535`)
    : value(port);
}
