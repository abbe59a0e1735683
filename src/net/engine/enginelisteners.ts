// The listeners of an engine, and what it tells of them: clients, and that it has no room for more.
import { Fault } from '../../base/fault.ts';
import { ANY_IPV4, ANY_IPV6, formatEndpoint, LOOPBACK_IPV4, type Endpoint } from '../../base/ip.ts';
import type { Addon } from '../native/addon.ts';
import { NATIVE_CLOSE } from '../native/enginelayout.ts';
import { errnoName, systemError } from '../native/errno.ts';
import type { Leg, Listener, ListenerOptions, UnixListener } from '../transport.ts';
import { EngineLeg, type LegHome } from './engineleg.ts';

interface EngineListener {
  /** The local end of every leg; undefined for a listener on all addresses. */
  readonly legLocal: Endpoint | undefined;
  readonly onLeg: (leg: Leg) => void;
  readonly onStarved: (fault: Fault) => void;
}

/** Where clients of Unix sockets have come to: they are on this host. */
const UNIX_LOCAL: Endpoint = { ip: LOOPBACK_IPV4, port: 0 };

type OnAccepted = (leg: Leg) => void;

export class EngineListeners {
  readonly #home: LegHome;
  readonly #addon: Pick<Addon, 'openUnixListener'>;
  readonly #open = new Map<number, EngineListener>();
  /** Whether listeners keep no process alive. */
  #isQuiet = false;

  constructor(home: LegHome, addon: Pick<Addon, 'openUnixListener'>) {
    this.#home = home;
    this.#addon = addon;
  }

  listen(address: Endpoint, onLeg: OnAccepted, options: ListenerOptions = {}): Listener {
    const { engine, batch } = this.#home;
    const handle = engine.listen(batch.zones.bytesOf(address.ip), address.port, isDeferred(options));
    return this.#register(must(handle, formatEndpoint(address)), onLeg, options);
  }

  listenOn(descriptor: number, onLeg: OnAccepted, options: ListenerOptions = {}): Listener {
    const handle = this.#home.engine.listenOn(descriptor, isDeferred(options));
    return this.#register(must(handle, `on descriptor ${descriptor}`), onLeg, options);
  }

  listenUnix(at: string | number, onLeg: OnAccepted, options: ListenerOptions = {}): UnixListener {
    const descriptor = typeof at === 'number' ? at : must(this.#addon.openUnixListener(at), at);
    const handle = must(this.#home.engine.listenUnix(descriptor, isDeferred(options)), String(at));
    return this.#keep(handle, { legLocal: UNIX_LOCAL, onLeg, ...earsOf(options) });
  }

  unref(): void {
    this.#isQuiet = true;
    this.#countQuiet();
  }

  /** Hands a client over, the one of record `at`. */
  accept(at: number, handle: number): void {
    const { engine, batch } = this.#home;
    const listener = this.#open.get(batch.origin(at));
    if (listener === undefined) {
      // An earlier record of this batch has closed it.
      engine.close(handle, NATIVE_CLOSE.reset);
      return;
    }
    const leg = new EngineLeg(this.#home, handle, batch.endpoint(at), listener.legLocal);
    const length = batch.length(at);
    if (length >= 0) leg.arrive(length > 0 ? batch.bytes(at) : undefined);
    listener.onLeg(leg);
  }

  starve(handle: number, errno: number): void {
    this.#open.get(handle)?.onStarved(new Fault('RESOURCES_EXHAUSTED', errnoName(errno)));
  }

  /** The engine is about to be closed. */
  forget(): void {
    this.#open.clear();
  }

  #register(handle: number, onLeg: OnAccepted, options: ListenerOptions): Listener {
    const { engine, batch, own } = this.#home;
    const local = batch.scratchEndpoint(engine.local(handle));
    const forget = own.tcp.listen(local.port);
    const isWild = local.ip === ANY_IPV4 || local.ip === ANY_IPV6;
    const kept = this.#keep(handle, { legLocal: isWild ? undefined : local, onLeg, ...earsOf(options) });
    return {
      ...kept,
      local,
      close: () => {
        forget();
        kept.close();
      },
    };
  }

  #keep(handle: number, listener: EngineListener): UnixListener {
    const { engine } = this.#home;
    this.#open.set(handle, listener);
    this.#countQuiet();
    return {
      descriptor: engine.descriptor(handle),
      close: () => {
        if (!this.#open.delete(handle)) return;
        engine.close(handle, NATIVE_CLOSE.fin);
        this.#countQuiet();
      },
    };
  }

  #countQuiet(): void {
    if (this.#isQuiet) this.#home.engine.setQuiet(this.#open.size);
  }
}

function isDeferred({ firstWord = 'client' }: ListenerOptions): 0 | 1 {
  return firstWord === 'client' ? 1 : 0;
}

function earsOf({ onStarved = () => undefined }: ListenerOptions): Pick<EngineListener, 'onStarved'> {
  return { onStarved };
}

/** Throws the system's error. */
function must(status: number, subject: string): number {
  if (status < 0) throw systemError('listen', -status, subject);
  return status;
}
