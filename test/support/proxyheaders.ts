// Headers of the PROXY protocol as balancers send them, put together by hand: the codec encodes no extras.
import { crc32c } from '../../src/protocol/doors/crc32c.ts';

const SIGNATURE = Uint8Array.from(Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'));

export interface BinaryParts {
  /** Version and command; PROXY by default. */
  readonly command?: number;
  /** Family and protocol; TCP over IPv4 by default. */
  readonly family?: number;
  /** Addresses and ports, in hex. */
  readonly addresses?: string;
  /** Fields behind them. */
  readonly fields?: readonly Uint8Array[];
}

/** 192.0.2.7:4242 to 198.51.100.1:1080. */
export const ENDS4 = 'c0000207 c6336401 1092 0438';
/** The same of 2001:db8::7 and 2001:db8::1. */
export const ENDS6 = `20010db8${'0'.repeat(22)}07 20010db8${'0'.repeat(22)}01 1092 0438`;

/** A header of version 2. */
export function binaryHeader({
  command = 0x21,
  family = 0x11,
  addresses = ENDS4,
  fields = [],
}: BinaryParts = {}): Buffer {
  const rest = Buffer.concat([Buffer.from(addresses.replaceAll(' ', ''), 'hex'), ...fields]);
  const head = Uint8Array.of(command, family, rest.length >> 8, rest.length & 0xff);
  return Buffer.concat([SIGNATURE, head, rest]);
}

/** Type, length and value. */
export function field(type: number, value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value as string, 'latin1');
  return Buffer.concat([Uint8Array.of(type, bytes.length >> 8, bytes.length & 0xff), bytes]);
}

/** A header whose last field is a checksum, which is right unless `error` is added to it. */
export function checkedHeader(parts: BinaryParts, error = 0): Buffer {
  const header = binaryHeader({ ...parts, fields: [...(parts.fields ?? []), field(0x03, '\0\0\0\0')] });
  const at = header.length - 4;
  header.writeUInt32BE((crc32c(header, at) + error) % 2 ** 32, at);
  return header;
}

/** SSL: what the balancer says of the client's TLS and certificate. */
export function sslField(client: number, verify: number, name: string | undefined): Buffer {
  const head = Buffer.alloc(5);
  head[0] = client;
  head.writeUInt32BE(verify, 1);
  const names = name === undefined ? [] : [field(0x22, name)];
  return field(0x20, Buffer.concat([head, field(0x21, 'TLSv1.3'), ...names, field(0x23, 'AES')]));
}
