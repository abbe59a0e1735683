// The memory that the engine shares with JavaScript: a batch of records, the bytes they refer to, and a scratch place
// for results.
import { newBytes } from '../../base/bytes.ts';
import { ipAt, ipOfUnixClient, unmapIp, type Endpoint, type Ip } from '../../base/ip.ts';
import { inZone } from '../../base/zoned.ts';
import { ADDRESS, ENDINGS, RECORD, SHARED } from '../native/enginelayout.ts';
import type { ZoneIndex } from '../native/zoneindex.ts';
import type { EndedBy } from '../transport.ts';
import { RecentPeers } from './enginepeers.ts';

const SCRATCH_BYTES = SHARED.size - SHARED.scratch;

/** Offset of a source address in the scratch memory; dial() leaves port and family of the local end there. */
const SOURCE_AT = ADDRESS.size;
const LOCAL_AT = 2 * ADDRESS.size;

/** Offset of the zone of the first address. */
const ZONE_AT = 16;

/** Fields of a record in 32-bit words from its start. */
const WORD = {
  kind: RECORD.kind / 4,
  handle: RECORD.handle / 4,
  origin: RECORD.origin / 4,
  offset: RECORD.offset / 4,
  length: RECORD.length / 4,
  error: RECORD.error / 4,
  family: RECORD.family / 4,
  port: RECORD.port / 4,
  zone: RECORD.zone / 4,
} as const;
const WORDS_PER_RECORD = RECORD.size / 4;

/** AF_UNIX, in the place of 4 and 6: the uid of the client stands where a zone would. */
const UNIX_FAMILY = 1;

/** (uid_t)-1 is no uid. */
function knownUid(word: number): number | undefined {
  return word === -1 ? undefined : word >>> 0;
}

/** At most this many bytes are copied one by one. */
const LITTLE = 32;

export class EngineBatch {
  readonly zones: ZoneIndex;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #peers = new RecentPeers();

  constructor(memory: ArrayBuffer, zones: ZoneIndex) {
    this.zones = zones;
    if (memory.byteLength !== SHARED.size) throw new TypeError('native addon of another version');
    this.#bytes = new Uint8Array(memory);
    this.#words = new Int32Array(memory);
    this.#doubles = new Float64Array(memory);
  }

  kind(at: number): number {
    return this.#word(at, WORD.kind);
  }

  handle(at: number): number {
    return this.#word(at, WORD.handle);
  }

  /** Handle of the listener (ACCEPTED). */
  origin(at: number): number {
    return this.#word(at, WORD.origin);
  }

  /** errno, 0 for none. */
  error(at: number): number {
    return this.#word(at, WORD.error);
  }

  /** Bytes that were read, -1 for none yet, 0 for FIN. */
  length(at: number): number {
    return this.#word(at, WORD.length);
  }

  /** A copy of the bytes read. */
  bytes(at: number): Uint8Array {
    const start = SHARED.arena + this.#word(at, WORD.offset);
    return this.#copy(start, this.length(at));
  }

  endpoint(at: number): Endpoint {
    const start = at * RECORD.size + RECORD.address;
    const zone = this.#word(at, WORD.zone);
    if (this.#word(at, WORD.family) === UNIX_FAMILY) return { ip: ipOfUnixClient(knownUid(zone)), port: 0 };
    return { ip: this.#ip(start, this.#word(at, WORD.family), zone), port: this.#word(at, WORD.port) };
  }

  /** Offset of a datagram in the memory of received ones. */
  offset(at: number): number {
    return this.#word(at, WORD.offset);
  }

  /**
   * The endpoint() that has sent a datagram: usually the same object for the same peer. The name of a zone may
   * change.
   */
  peer(at: number): Endpoint {
    if (this.#word(at, WORD.zone) !== 0) return this.endpoint(at);
    return this.#peers.find(this.#words, at * WORDS_PER_RECORD + WORD.family, () => this.endpoint(at));
  }

  endedBy(at: number): EndedBy {
    return ENDINGS[this.origin(at)] ?? 'cut';
  }

  moved(at: number): { bytesUp: number; bytesDown: number } {
    return this.#counters(at * (RECORD.size / 8) + RECORD.moved / 8);
  }

  /** A copy of the bytes left by read(). */
  scratchBytes(size: number): Uint8Array {
    return this.#copy(SHARED.scratch, size);
  }

  /**
   * Writes the arguments of dial() to the scratch memory: destination and source. Returns the family of the source;
   * 0: any.
   */
  putAddresses(to: Ip, from: Ip | undefined): 0 | 4 | 6 {
    this.zones.put(to, this.#bytes, SHARED.scratch);
    return from === undefined ? 0 : this.zones.put(from, this.#bytes, SHARED.scratch + SOURCE_AT);
  }

  /** Writes bytes from `start` on to the scratch memory for write(), as many as fit. Returns their number. */
  putBytes(bytes: Uint8Array, start: number): number {
    const size = Math.min(bytes.length - start, SCRATCH_BYTES);
    if (size > LITTLE) this.#bytes.set(bytes.subarray(start, start + size), SHARED.scratch);
    else for (let at = 0; at < size; at++) this.#bytes[SHARED.scratch + at] = bytes[start + at] ?? 0;
    return size;
  }

  /** The endpoint that local() returned. */
  scratchEndpoint(packed: number): Endpoint {
    const zone = this.#words[(SHARED.scratch + ZONE_AT) / 4] ?? 0;
    return { ip: this.#ip(SHARED.scratch, packed >> 16, zone), port: packed & 0xffff };
  }

  /** The local end that dial() left. */
  dialledFrom(): Endpoint {
    return this.scratchEndpoint(this.#words[(SHARED.scratch + LOCAL_AT) / 4] ?? 0);
  }

  /** The counters that progress() left. */
  scratchMoved(): { bytesUp: number; bytesDown: number } {
    return this.#counters(SHARED.scratch / 8);
  }

  /** Short copies go byte by byte, as for handshake messages: a view of the array would cost more. */
  #copy(start: number, size: number): Uint8Array {
    const copy = newBytes(size);
    if (size > LITTLE) copy.set(this.#bytes.subarray(start, start + size));
    else for (let at = 0; at < size; at++) copy[at] = this.#bytes[start + at] ?? 0;
    return copy;
  }

  #word(at: number, word: number): number {
    return this.#words[at * WORDS_PER_RECORD + word] ?? 0;
  }

  #ip(start: number, family: number, zone: number): Endpoint['ip'] {
    // A dual-stack listener reports IPv4 clients as IPv4-mapped addresses.
    const ip = unmapIp(ipAt(this.#bytes, start, family === 4 ? 4 : 16));
    return zone === 0 ? ip : inZone(ip, this.zones.nameOf(zone));
  }

  #counters(at: number): { bytesUp: number; bytesDown: number } {
    return { bytesUp: this.#doubles[at] ?? 0, bytesDown: this.#doubles[at + 1] ?? 0 };
  }
}
