// A CHAP client of the tests, written apart from the codecs and digests of the product (draft-ietf-aft-socks-chap-01).
import { createHash } from 'node:crypto';
import type { Wire } from './sockets.ts';

export const HMAC_MD5 = 0x85;
export const PPP_MD5 = 0x05;

export const STATUS = 0x00;
export const USER = 0x02;
export const CHALLENGE = 0x03;
export const RESPONSE = 0x04;
export const IDENTIFIER = 0x10;
export const ALGORITHMS = 0x11;

/** An attribute with its value; text is UTF-8. */
export type Item = readonly [attribute: number, value: Uint8Array | string];

/** What the server has said in one message, by attribute; `bytes` is the whole of it. */
export interface Said {
  readonly bytes: Buffer;
  readonly items: ReadonlyMap<number, Buffer>;
}

export function message(...items: readonly Item[]): Buffer {
  const parts = items.map(([attribute, value]) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([attribute, bytes.length]), bytes]);
  });
  return Buffer.concat([Buffer.from([1, items.length]), ...parts]);
}

/** Reads one message, and not a byte more. */
export async function hear(wire: Wire): Promise<Said> {
  const head = await wire.take(2);
  const pieces = [head];
  const items = new Map<number, Buffer>();
  for (let left = head[1] ?? 0; left > 0; left--) {
    const start = await wire.take(2);
    const value = await wire.take(start[1] ?? 0);
    pieces.push(start, value);
    items.set(start[0] ?? -1, value);
  }
  return { bytes: Buffer.concat(pieces), items };
}

/** Greets with 03 alone, sends the first message and hears the challenge. */
export async function challenged(wire: Wire, ...items: readonly Item[]): Promise<Said> {
  wire.send(Buffer.concat([Buffer.from([5, 1, 3]), message(...items)]));
  const method = (await wire.take(2)).toString('hex');
  if (method !== '0503') throw new Error(`method ${method}`);
  return hear(wire);
}

/** HMAC as RFC 2104 spells it, over MD5. */
export function hmacMd5(secret: Uint8Array | string, text: Uint8Array): Buffer {
  const given = Buffer.from(secret);
  const key = Buffer.alloc(64);
  (given.length > 64 ? md5(given) : given).copy(key);
  const pad = (byte: number) => Buffer.from(key.map((each) => each ^ byte));
  return md5(pad(0x5c), md5(pad(0x36), text));
}

/** The response of RFC 1994 section 4.1. */
export function pppMd5(secret: Uint8Array | string, identifier: Uint8Array, text: Uint8Array): Buffer {
  return md5(identifier, Buffer.from(secret), text);
}

/** The right response to a challenge of the server. */
export function respondTo(said: Said, secret: Uint8Array | string): Buffer {
  const challenge = said.items.get(CHALLENGE) ?? Buffer.alloc(0);
  const identifier = said.items.get(IDENTIFIER);
  return said.items.get(ALGORITHMS)?.[0] === PPP_MD5
    ? pppMd5(secret, identifier ?? Buffer.alloc(0), challenge)
    : hmacMd5(secret, challenge);
}

function md5(...parts: readonly Uint8Array[]): Buffer {
  return createHash('md5').update(Buffer.concat(parts)).digest();
}
