// The stalled relays of the engine, as a list of `struct stalled` (native/relay/stall.h), together with those over
// Node's streams.
import type { NativeEngine } from '../native/addon.ts';
import { STALLED } from '../native/enginelayout.ts';
import type { StreamStalls } from '../stalls.ts';
import type { Relay, Stall, StallWatch } from '../transport.ts';
import type { EngineRelay } from './enginerelay.ts';
import type { HandleTable } from './handletable.ts';

/** 32-bit words of one entry: handle, KiB, milliseconds. */
const WORDS = STALLED.size / 4;
/** Spare room: their number may grow between the question and the answer. */
const SPARE = 64;

interface StallsHome {
  readonly engine: NativeEngine;
  readonly relays: HandleTable<EngineRelay>;
  readonly streamStalls: StreamStalls;
}

export class EngineStalls implements StallWatch {
  readonly #home: StallsHome;
  #words = new Uint32Array(WORDS * SPARE);
  #listener: () => void = () => undefined;

  constructor(home: StallsHome) {
    this.#home = home;
  }

  get count(): number {
    return this.#home.engine.stalled() + this.#home.streamStalls.count;
  }

  survey(tellAt: number, listener: () => void): ReadonlyMap<Relay, Stall> {
    const { engine, relays, streamStalls } = this.#home;
    this.#listener = listener;
    const stalls = new Map(streamStalls.survey(tellAt, listener));
    const found = engine.survey(this.#room(engine.stalled() + SPARE), tellAt);
    for (let at = 0; at < found * WORDS; at += WORDS) {
      const [handle = 0, heldKiB = 0, stalledMs = 0] = this.#words.subarray(at, at + WORDS);
      const relay = relays.get(handle);
      if (relay !== undefined) stalls.set(relay, { heldBytes: heldKiB * 1024, stalledMs });
    }
    return stalls;
  }

  /** The engine reports that there are as many as were waited for. */
  tell(): void {
    this.#listener();
  }

  #room(count: number): Uint8Array {
    if (this.#words.length < count * WORDS) this.#words = new Uint32Array(2 * count * WORDS);
    return new Uint8Array(this.#words.buffer);
  }
}
