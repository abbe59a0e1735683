// The relay of the engine: the native side moves the bytes, JavaScript keeps the record of it.
import { NATIVE_CLOSE } from '../native/enginelayout.ts';
import type { OwnEnd } from '../ownends.ts';
import type { CloseHow, EndedBy, Relay, RelayEnd, RelayLimits, RelayRate } from '../transport.ts';
import type { EngineLeg, LegHome } from './engineleg.ts';
import type { HandleTable } from './handletable.ts';

const UNLIMITED: RelayRate = { up: 0, down: 0 };

/** The engine counts in 32 bits, and no relay moves more bytes in a second. */
const MOST_BYTES_PER_SECOND = 0xffff_ffff;

/** State shared by all relays of one transport: relays by the handle of the client's leg. */
export interface RelayHome extends LegHome {
  readonly relays: HandleTable<EngineRelay>;
}

/** Takes both handles from their legs and lets the engine relay them. */
export function relayLegs(home: RelayHome, client: EngineLeg, target: EngineLeg, limits: RelayLimits): Relay {
  const up = client.handOver();
  const down = target.handOver();
  const relay = new EngineRelay(home, up.handle, down.ownEnd);
  const { idleTimeoutMs, halfClosedTimeoutMs, rate = UNLIMITED, stop = Infinity, buffers } = limits;
  const [upRate, downRate] = [nativeRate(rate.up), nativeRate(rate.down)];
  const lean = buffers === 'lean' ? 1 : 0;
  const most = nativeStop(stop);
  const { handle, early } = up;
  // prettier-ignore
  const status = home.engine.relay(
    handle, down.handle, idleTimeoutMs, halfClosedTimeoutMs, upRate, downRate, lean, most, early, down.early,
  );
  if (status < 0) {
    // There is no memory for the relay: both legs are still separate.
    home.engine.close(up.handle, NATIVE_CLOSE.reset);
    home.engine.close(down.handle, NATIVE_CLOSE.reset);
    relay.end({ bytesUp: 0, bytesDown: 0 }, 'cut');
  }
  return relay;
}

/** A whole number; less than one byte a second is still a limit. */
function nativeRate(bytesPerSecond: number): number {
  return Math.min(Math.ceil(bytesPerSecond), MOST_BYTES_PER_SECOND);
}

/** 0 is no stop. */
function nativeStop(bytes: number): number {
  return bytes === Infinity ? 0 : Math.max(1, Math.ceil(bytes));
}

export class EngineRelay implements Relay {
  /** The handle of the client's leg. */
  readonly handle: number;
  readonly #home: RelayHome;
  readonly #ownEnd: OwnEnd | undefined;
  #end: RelayEnd | undefined;
  #onEnd: ((end: RelayEnd) => void) | undefined;

  /** `ownEnd`: the local end of the target's leg, if that was dialled. */
  constructor(home: RelayHome, handle: number, ownEnd: OwnEnd | undefined) {
    this.#home = home;
    this.#ownEnd = ownEnd;
    this.handle = handle;
    home.relays.add(this);
  }

  progress(): { bytesUp: number; bytesDown: number } {
    if (this.#end !== undefined) return { bytesUp: this.#end.bytesUp, bytesDown: this.#end.bytesDown };
    this.#home.engine.progress(this.handle);
    return this.#home.batch.scratchMoved();
  }

  whenEnded(listener: (end: RelayEnd) => void): void {
    this.#onEnd = listener;
    // The relay may have ended before a listener was given.
    const end = this.#end;
    if (end !== undefined) queueMicrotask(() => listener(end));
  }

  setRate({ up, down }: RelayRate): void {
    if (this.#end === undefined) this.#home.engine.setRate(this.handle, nativeRate(up), nativeRate(down));
  }

  setStop(bytes: number): void {
    if (this.#end === undefined) this.#home.engine.setStop(this.handle, nativeStop(bytes));
  }

  cut(how: CloseHow): void {
    if (this.#end === undefined) this.#home.engine.cut(this.handle, NATIVE_CLOSE[how]);
  }

  /** The engine reports that both legs are closed. */
  end(moved: { bytesUp: number; bytesDown: number }, endedBy: EndedBy): void {
    this.#home.relays.remove(this.handle);
    if (this.#ownEnd !== undefined) this.#home.own.tcp.remove(this.#ownEnd);
    this.#end = { bytesUp: moved.bytesUp, bytesDown: moved.bytesDown, endedBy };
    this.#onEnd?.(this.#end);
    this.#onEnd = undefined;
  }
}
