// A client of BIND, written apart from the codecs of the product.
import type { Endpoint } from '../../src/base/ip.ts';
import { parseIp } from '../../src/base/ip.ts';
import { dialWire, type Wire } from './sockets.ts';
import { enter } from './socks.ts';

export interface BindReply {
  /** REP of SOCKS5, CD of SOCKS4. */
  readonly code: number;
  readonly bound: Endpoint;
}

/** Asks for a port to which `from` (an IPv4 address, or bytes of ATYP and address) may come; `port`: the wanted one. */
export async function askBind(
  proxyPort: number,
  { version = 5, from = '0.0.0.0', port = 0, early = '', host = '127.0.0.1' }: BindAsked = {},
): Promise<Wire> {
  const wire = await dialWire(proxyPort, host);
  if (version === 5) await enter(wire);
  const address = typeof from === 'string' ? Buffer.from(from.split('.').map(Number)) : from;
  const portBytes = Uint8Array.of(port >> 8, port & 0xff);
  const request =
    version === 4
      ? [Uint8Array.of(4, 2), portBytes, address, Uint8Array.of(0)]
      : [Uint8Array.of(5, 2, 0), ...(typeof from === 'string' ? [Uint8Array.of(1)] : []), address, portBytes];
  wire.send(Buffer.concat([...request, Buffer.from(early)]));
  return wire;
}

export interface BindAsked {
  readonly version?: 4 | 5;
  readonly from?: string | Uint8Array;
  readonly port?: number;
  /** Sent with the request. */
  readonly early?: string;
  /** Where the proxy is. */
  readonly host?: string;
}

/** The next reply of SOCKS5. */
export async function takeReply(wire: Wire): Promise<BindReply> {
  const head = await wire.take(4);
  const isIpv4 = head[3] === 1;
  const address = await wire.take(isIpv4 ? 4 : 16);
  const ip = isIpv4 ? address.join('.') : (address.toString('hex').match(/.{4}/g) ?? []).join(':');
  return { code: head[1]!, bound: { ip: parseIp(ip)!, port: (await wire.take(2)).readUInt16BE() } };
}

/** The next reply of SOCKS4. */
export async function takeSocks4Reply(wire: Wire): Promise<BindReply> {
  const bytes = await wire.take(8);
  if (bytes[0] !== 0) throw new Error(`VN ${bytes[0] ?? -1}`);
  const ip = parseIp(bytes.subarray(4).join('.'))!;
  return { code: bytes[1]!, bound: { ip, port: bytes.readUInt16BE(2) } };
}
