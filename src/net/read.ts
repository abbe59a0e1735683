// Whole messages out of a stream that comes in any pieces (V5-7).
import { concatBytes } from '../base/bytes.ts';
import { Fault, type FaultCode } from '../base/fault.ts';
import type { Decoded } from '../protocol/decoded.ts';
import type { Arrival, Leg, Reader } from './transport.ts';

/**
 * The fault of a message that can never be complete. `code` and `why` are the decoder's; undefined: FIN came. `bytes` are those
 * received so far.
 */
export type FaultOfMessage = (code: FaultCode | undefined, bytes: Uint8Array, why?: string) => Fault;

const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * Reads until `decode` has a complete message; later bytes stay in the leg. Rejects with the fault that `faultOf`
 * makes of it (for a client: the decoder's fault, or CLIENT_CLOSED on FIN), and with the fault of a failed read.
 */
export async function readMessage<T>(leg: Leg, decode: Decode<T>, faultOf?: FaultOfMessage): Promise<T> {
  return nextMessage(leg, decode, faultOf);
}

/**
 * readMessage() for the path of every connection: a message that is there already is returned, and a fault that is there already is
 * thrown.
 */
export function nextMessage<T>(
  leg: Leg,
  decode: Decode<T>,
  faultOf: FaultOfMessage = faultOfClient,
): Promise<T> | T {
  return new MessageReader(leg, decode, faultOf).next();
}

type Decode<T> = (bytes: Uint8Array) => Decoded<T>;

/** There is no whole message yet. */
const INCOMPLETE = Symbol('incomplete');

/** Not an async function: every message of every handshake passes here, most of them in one piece. */
class MessageReader<T> implements Reader {
  readonly #leg: Leg;
  readonly #decode: Decode<T>;
  readonly #faultOf: FaultOfMessage;
  #bytes = NOTHING;
  #resolve: ((message: T) => void) | undefined;
  #reject: ((fault: unknown) => void) | undefined;

  constructor(leg: Leg, decode: Decode<T>, faultOf: FaultOfMessage) {
    this.#leg = leg;
    this.#decode = decode;
    this.#faultOf = faultOf;
  }

  next(): Promise<T> | T {
    const found = this.#go();
    return found === INCOMPLETE ? this.#later() : found;
  }

  arrive(arrival: Arrival): void {
    try {
      let found = this.#take(arrival);
      if (found === INCOMPLETE) found = this.#go();
      if (found !== INCOMPLETE) this.#resolve?.(found);
    } catch (error) {
      this.fail(error);
    }
  }

  fail(fault: unknown): void {
    this.#reject?.(fault);
  }

  #later(): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Decodes the bytes that are there; INCOMPLETE: arrive() or fail() will be called. */
  #go(): T | typeof INCOMPLETE {
    for (;;) {
      const arrival = this.#leg.receive(this);
      if (arrival === 'later') return INCOMPLETE;
      if (arrival instanceof Fault) throw arrival;
      const found = this.#take(arrival);
      if (found !== INCOMPLETE) return found;
    }
  }

  /** Throws the fault of a message that can never be complete. */
  #take(arrival: Arrival): T | typeof INCOMPLETE {
    if (arrival === undefined) throw this.#faultOf(undefined, this.#bytes);
    this.#bytes = concatBytes(this.#bytes, arrival);
    const decoded = this.#decode(this.#bytes);
    if (decoded.kind === 'more') return INCOMPLETE;
    if (decoded.kind === 'bad') throw this.#faultOf(decoded.code, this.#bytes, decoded.why);
    if (decoded.size < this.#bytes.length) this.#leg.unread(this.#bytes.subarray(decoded.size));
    return decoded.value;
  }
}

function faultOfClient(code: FaultCode = 'CLIENT_CLOSED'): Fault {
  return new Fault(code);
}
