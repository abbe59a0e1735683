// Listen addresses: `*:1080`, `:1080`, `[::1]:1080`, `[fe80::1%eth0]:1080`, `127.0.0.1`, `name:service`, `@eth0:1080`,
// `unix:/run/socks`; before those of TCP `tls:` may stand.
import { formatEndpoint, type Endpoint } from '../../base/ip.ts';
import { isLinkLocal, zoneNameOf } from '../../base/zoned.ts';
import type { ListenAddress } from '../model/config.ts';
import { isName, splitHostPort, type PortOf } from './hostport.ts';
import type { Kind } from './kinds.ts';
import { quote, value, wrong, type Parsed } from './parsed.ts';
import { formatUnixListen, isUnixListen, parseUnixListen } from './unixlisten.ts';

/** The port that RFC 1928 section 3 names. */
const DEFAULT_PORT = 1080;

/** An interface name as Linux allows it, without the `:` of old alias names. */
const INTERFACE = /^@([^\s/:\p{Cc}]{1,15})$/u;

export const LISTEN_ADDRESS: Kind<ListenAddress> = {
  metavar: 'ADDRESS',
  parse: (text, reading) => parseCovered(text, reading.portOf),
  format: formatListen,
};

const TLS = 'tls:';

/** With `tls:` before the address clients speak TLS first. */
function parseCovered(text: string, portOf: PortOf): Parsed<ListenAddress> {
  if (!text.startsWith(TLS)) return parseListen(text, portOf);
  const parsed = parseListen(text.slice(TLS.length), portOf);
  if (parsed.kind === 'wrong') return parsed;
  if (parsed.value.kind === 'unix') return wrong('a Unix socket needs no TLS; write it without "tls:"');
  return value({ ...parsed.value, tls: true });
}

/** Reads one listen address; a missing port is 1080, a missing host or `*` every address of both families. */
function parseListen(text: string, portOf: PortOf): Parsed<ListenAddress> {
  if (text === '') return wrong('an empty text is not a listen address; write *:1080 or ADDRESS:PORT');
  if (isUnixListen(text)) return parseUnixListen(text);
  const split = splitHostPort(text, portOf);
  if (split.kind === 'wrong') return split;
  const { host, ip, port = DEFAULT_PORT } = split.value;
  if (ip !== undefined) return parseEndpoint({ ip, port });
  if (host === '*' || host === '') return value({ kind: 'any', port });
  const name = interfaceOf(host);
  if (name !== undefined) return value({ kind: 'interface', name, port });
  if (isName(host)) return value({ kind: 'name', host, port });
  const hint = /^\d+$/.test(host) ? `; for a port alone write :${host}` : '';
  return wrong(`${quote(text)} is not a listen address: no address, host name, @interface or *${hint}`);
}

/** fe80::1 is another host on each link. */
function parseEndpoint(endpoint: Endpoint): Parsed<ListenAddress> {
  const { ip, port } = endpoint;
  if (!isLinkLocal(ip) || zoneNameOf(ip) !== undefined) return value({ kind: 'endpoint', endpoint });
  return wrong(`${ip} is there on each link; write [${ip}%INTERFACE]:${port}, or @INTERFACE:${port}`);
}

/** The text that reads back as `address`. */
export function formatListen(address: ListenAddress): string {
  return address.tls === true ? `${TLS}${formatBare(address)}` : formatBare(address);
}

/** The same without what clients speak first. */
export function formatBare(address: ListenAddress): string {
  switch (address.kind) {
    case 'any':
      return `*:${address.port}`;
    case 'endpoint':
      return formatEndpoint(address.endpoint);
    case 'name':
      return `${address.host}:${address.port}`;
    case 'interface':
      return `@${address.name}:${address.port}`;
    case 'unix':
      return formatUnixListen(address);
  }
}

/** The name in `@NAME`; undefined where `text` is not one. */
export function interfaceOf(text: string): string | undefined {
  return INTERFACE.exec(text)?.[1];
}
