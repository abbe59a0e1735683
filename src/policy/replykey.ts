// Who owes whom an answer, as words to look up by: a client, or a network of clients, or all, and a target. A target is an
// address with all its ports, or all names that one route takes to its proxies: any of those may be any address.
import { createHash } from 'node:crypto';
import { familyOf, ipToBytes, putIp, unmapIp, type Ip } from '../base/ip.ts';
import { ownerOf, type Owner } from './owner.ts';

/** A word that says what the key is about, two of the client, four of the target. */
export type ReplyKey = Int32Array;

export const REPLY_KEY_WORDS = 7;

/** One client, as policy/clientkey.ts tells clients apart. */
export interface ReplyClient {
  readonly owner: Owner;
  readonly family: 4 | 6;
  /** An IPv4 address, or an IPv6 /64. */
  readonly words: Int32Array;
  /** The widest network around it: a /24, or a /48. */
  readonly network: Int32Array;
}

/** Of a key: who. */
const SCOPE = { client: 1, network: 2, all: 3 } as const;

export function replyClientOf(ip: Ip): ReplyClient {
  const plain = unmapIp(ip);
  const family = familyOf(plain);
  const bytes = new Uint8Array(16);
  putIp(plain, bytes, 0);
  const words = new Int32Array(bytes.slice(0, 8).buffer);
  const network = new Int32Array(bytes.slice(0, 8).fill(0, family === 4 ? 3 : 6).buffer);
  return { owner: ownerOf(plain), family, words, network };
}

/** Of `client` and the target at `ip`. */
export function replyKeyOf(client: ReplyClient, ip: Ip): ReplyKey {
  return keyOf(client, familyOf(ip), ipToBytes(ip));
}

/** Of `client` and the names that the route `route` takes to its proxies. */
export function replyKeyOfNames(client: ReplyClient, route: string): ReplyKey {
  return keyOf(client, 0, createHash('sha256').update(route).digest().subarray(0, 16));
}

/** Makes `into` the key of all clients and the target of `key`. */
export function putKeyOfAll(into: ReplyKey, key: ReplyKey): void {
  into.set(key);
  into[0] = ((key[0] ?? 0) & ~0xffff) | SCOPE.all;
  into[1] = 0;
  into[2] = 0;
}

/** Makes `into` the key of the network around `client` and the target of `key`. */
export function putKeyOfNetwork(into: ReplyKey, key: ReplyKey, client: ReplyClient): void {
  into.set(key);
  into[0] = ((key[0] ?? 0) & ~0xff) | SCOPE.network;
  into.set(client.network, 1);
}

function keyOf(client: ReplyClient, kind: 0 | 4 | 6, target: Uint8Array): ReplyKey {
  const key = new Int32Array(REPLY_KEY_WORDS);
  key[0] = (kind << 16) | (client.family << 8) | SCOPE.client;
  key.set(client.words, 1);
  new Uint8Array(key.buffer).set(target, 12);
  return key;
}
