// Datagrams on their way to the engine: they wait in memory shared with it, and leave together.
import type { Endpoint, Ip } from '../../base/ip.ts';
import type { NativeEngine } from '../native/addon.ts';
import { SEND, UDP } from '../native/enginelayout.ts';
import type { ZoneIndex } from '../native/zoneindex.ts';

const SENDS = UDP.outgoing / SEND.size;
const OUTGOING_BYTES = UDP.incoming - UDP.outgoing;

/** Fields of a `struct udp_send` in 32-bit words from its start. */
const WORD = {
  handle: SEND.handle / 4,
  offset: SEND.offset / 4,
  length: SEND.length / 4,
  family: SEND.family / 4,
  port: SEND.port / 4,
  zone: (SEND.address + 16) / 4,
} as const;
const WORDS_PER_SEND = SEND.size / 4;

/** The longest datagram of a UDP header, without that header (RFC 768). */
const MAX_DATAGRAM_BYTES = 65_535 - 8;

/** Addresses kept as bytes: parsing one costs as much as the rest of sending. */
const MAX_KNOWN = 1024;

export class Outbox {
  readonly #engine: NativeEngine;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #known = new Map<Ip, Uint8Array>();
  readonly #zones: ZoneIndex;
  #count = 0;
  #used = 0;

  constructor(engine: NativeEngine, memory: ArrayBuffer, zones: ZoneIndex) {
    this.#engine = engine;
    this.#zones = zones;
    this.#bytes = new Uint8Array(memory, 0, UDP.incoming);
    this.#words = new Int32Array(memory, 0, UDP.outgoing / 4);
  }

  /** Queues `head` and `payload` as one datagram of the socket `handle`; lost if it is too long for one. */
  append(handle: number, head: Uint8Array, payload: Uint8Array, to: Endpoint): void {
    const size = head.length + payload.length;
    if (size > MAX_DATAGRAM_BYTES) return;
    if (this.#count === SENDS || this.#used + size > OUTGOING_BYTES) this.flush();
    // Microtasks run when the engine's call returns: datagrams caused by a batch leave before the next batch comes.
    if (this.#count === 0) void Promise.resolve().then(() => this.flush());
    this.#bytes.set(head, UDP.outgoing + this.#used);
    this.#bytes.set(payload, UDP.outgoing + this.#used + head.length);
    this.#address(handle, size, to);
    this.#count += 1;
    this.#used += size;
  }

  /** Hands everything to the kernel now. */
  flush(): void {
    const count = this.#count;
    this.#count = 0;
    this.#used = 0;
    if (count > 0) this.#engine.sendUdp(count);
  }

  #address(handle: number, size: number, { ip, port }: Endpoint): void {
    const address = this.#addressBytes(ip);
    const words = this.#words;
    const start = this.#count * WORDS_PER_SEND;
    words[start + WORD.handle] = handle;
    words[start + WORD.offset] = this.#used;
    words[start + WORD.length] = size;
    words[start + WORD.family] = address.length === 4 ? 4 : 6;
    words[start + WORD.port] = port;
    words[start + WORD.zone] = 0;
    this.#bytes.set(address, start * 4 + SEND.address);
  }

  #addressBytes(ip: Ip): Uint8Array {
    const known = this.#known.get(ip);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const bytes = this.#zones.bytesOf(ip);
    // The name of an interface may soon mean another one.
    if (!ip.includes('%')) this.#known.set(ip, bytes);
    return bytes;
  }
}
