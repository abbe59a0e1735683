// Keys of reply debts, as words: a client, a network of clients or all of them, and a target. A target is an address
// with all its ports, or all names that one route takes to its proxies: any of those may be any address.
import { createHash } from 'node:crypto';
import { familyOf, ipToBytes, putIp, unmapIp, type Ip } from '../../base/ip.ts';
import { isUnixClient, uidOf } from '../../base/unixclient.ts';
import { ownerOf, type Owner } from '../room/owner.ts';

/** One word for the kind of the key, two for the client, four for the target. */
export type ReplyKey = Int32Array;

export const REPLY_KEY_WORDS = 7;

/** One client, in the sense of policy/clientkey.ts. */
export interface ReplyClient {
  readonly owner: Owner;
  /** One of its addresses, not IPv4-mapped. */
  readonly ip: Ip;
}

const CLIENT_BYTE = 4;
const TARGET_BYTE = 12;

/** The kinds of the first part of a key. */
const SCOPE = { client: 1, network: 2, all: 3 } as const;

export function replyClientOf(ip: Ip): ReplyClient {
  const plain = unmapIp(ip);
  return { owner: ownerOf(plain), ip: plain };
}

/** The key of `client` and the target at `ip`. */
export function replyKeyOf(client: ReplyClient, ip: Ip): ReplyKey {
  return keyOf(client, familyOf(ip), ipToBytes(ip));
}

/** The key of `client` and the names that the route `route` takes to its proxies. */
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

/** Makes `into` the key of the /24 or /48 around the client of `key`, and the target of that. */
export function putKeyOfNetwork(into: ReplyKey, key: ReplyKey): void {
  into.set(key);
  into[0] = ((key[0] ?? 0) & ~0xff) | SCOPE.network;
  const isIpv4 = (((key[0] ?? 0) >> 8) & 0xff) === 4;
  new Uint8Array(into.buffer).fill(0, CLIENT_BYTE + (isIpv4 ? 3 : 6), TARGET_BYTE);
}

function keyOf(client: ReplyClient, kind: 0 | 4 | 6, target: Uint8Array): ReplyKey {
  const key = new Int32Array(REPLY_KEY_WORDS);
  const bytes = new Uint8Array(key.buffer);
  // The second half of an IPv6 address takes the place of the target.
  const family = putClient(client.ip, key, bytes);
  bytes.fill(0, TARGET_BYTE).set(target, TARGET_BYTE);
  key[0] = (kind << 16) | (family << 8) | SCOPE.client;
  return key;
}

/** Returns a number for the kind of address; a uid, of which nobody has a network, stands where an address of IPv6 would begin. */
function putClient(ip: Ip, key: ReplyKey, bytes: Uint8Array): number {
  if (!isUnixClient(ip)) {
    putIp(ip, bytes, CLIENT_BYTE);
    return familyOf(ip);
  }
  key[CLIENT_BYTE / 4] = uidOf(ip) ?? -1;
  return UNIX_CLIENT;
}

/** Beside 4 and 6. */
const UNIX_CLIENT = 1;
