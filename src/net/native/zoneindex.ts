// Zones of link-local addresses as the kernel numbers them. Interfaces come, go and are renamed, so an entry is kept
// for a moment only.
import { ipToBytes, putIp, type Ip } from '../../base/ip.ts';
import { zoneNameOf } from '../../base/zoned.ts';
import type { Addon } from './addon.ts';
import { ADDRESS } from './enginelayout.ts';

const INDEX_AT = 16;

const HOLDS_MS = 900;

type Interfaces = Pick<Addon, 'interfaceIndex' | 'interfaceName'>;

export class ZoneIndex {
  readonly #interfaces: Interfaces;
  readonly #indices = new Map<string, number>();
  readonly #names = new Map<number, string>();

  constructor(interfaces: Interfaces) {
    this.#interfaces = interfaces;
  }

  /** The index of the zone of `ip`; 0: it has no zone, or the interface does not exist. */
  of(ip: Ip): number {
    const zone = zoneNameOf(ip);
    return zone === undefined ? 0 : this.#kept(this.#indices, zone, () => this.#indexOf(zone));
  }

  /** The name of a zone; its number if the interface is gone. */
  nameOf(index: number): string {
    return this.#kept(this.#names, index, () => this.#interfaces.interfaceName(index) || String(index));
  }

  /** Writes `ip` and its zone at `at`; returns the family. */
  put(ip: Ip, bytes: Uint8Array, at: number): 4 | 6 {
    if (putIp(ip, bytes, at) === 4) return 4;
    const index = ip.includes('%') ? this.of(ip) : 0;
    INDEX[0] = index;
    for (let byte = 0; byte < 4; byte++) bytes[at + INDEX_AT + byte] = INDEX_BYTES[byte] ?? 0;
    return 6;
  }

  /** 4 bytes, 16, or ADDRESS.size. */
  bytesOf(ip: Ip): Uint8Array {
    if (!ip.includes('%')) return ipToBytes(ip);
    const bytes = new Uint8Array(ADDRESS.size);
    this.put(ip, bytes, 0);
    return bytes;
  }

  #indexOf(zone: string): number {
    return this.#interfaces.interfaceIndex(zone) || (/^\d{1,9}$/.test(zone) ? Number(zone) : 0);
  }

  #kept<Key, Value>(kept: Map<Key, Value>, key: Key, find: () => Value): Value {
    const known = kept.get(key);
    if (known !== undefined) return known;
    if (this.#indices.size === 0 && this.#names.size === 0) this.#forgetSoon();
    const found = find();
    kept.set(key, found);
    return found;
  }

  #forgetSoon(): void {
    const forget = (): void => {
      this.#indices.clear();
      this.#names.clear();
    };
    setTimeout(forget, HOLDS_MS).unref();
  }
}

/** A word of the kernel as bytes, in the byte order of this host. */
const INDEX = new Uint32Array(1);
const INDEX_BYTES = new Uint8Array(INDEX.buffer);
