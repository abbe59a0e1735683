// A released leg: a stream of Node, which a relay or TLS takes over.
import type { Duplex } from 'node:stream';

/** The stream that carries a leg: `end` means FIN, an error means that the peer has reset. */
export interface StreamCarrier {
  readonly stream: Duplex;
  /** Ends the stream by RST, now. */
  readonly reset: () => void;
}

/** The stream, and the bytes that were read from it but not used. */
export interface Released {
  readonly carrier: StreamCarrier;
  readonly unread: readonly Uint8Array[];
  /** FIN has been received, and the stream will not tell. */
  readonly finished: boolean;
  /** The peer has reset. */
  readonly broken: boolean;
}
