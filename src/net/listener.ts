// Listeners of a transport, and how they are opened.
import type { Fault } from '../base/fault.ts';
import type { Endpoint } from '../base/ip.ts';
import type { RateParts } from '../policy/limits/rateparts.ts';

export interface ListenerOptions {
  /** Hears when accepting had to wait for descriptors or memory; accepting resumes by itself. */
  readonly onStarved?: (fault: Fault) => void;
  /**
   * The side that speaks first on an accepted leg. `client` (default): the other side, so that a leg may be handed over only
   * when its first bytes are there. `either`: a leg is handed over as soon as it is connected.
   */
  readonly firstWord?: 'client' | 'either';
}

/** The descriptor of a listener that is open already, by its place; undefined: there is none. */
export type DescriptorOf = (place: string) => number | undefined;

export interface UnixListener {
  /** The descriptor, which stays the listener's, for passing it to another process; undefined where there is none to see. */
  readonly descriptor: number | undefined;
  /** Stops accepting. Legs already handed over live on. */
  close(): void;
}

export interface Listener extends UnixListener {
  /** The bound endpoint, with the real port where 0 was asked for. */
  readonly local: Endpoint;
}

/** What a server needs that serves beside other processes, under the same limits; on the same listeners where it has `held`. */
export interface Fellow {
  readonly nextId?: (() => number) | undefined;
  readonly held?: DescriptorOf | undefined;
  readonly rateParts: RateParts;
}
