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
export function readMessage<T>(
  leg: Leg,
  decode: (bytes: Uint8Array) => Decoded<T>,
  faultOf: FaultOfMessage = faultOfClient,
): Promise<T> {
  return new Promise((resolve, reject) => new MessageReader(leg, { decode, faultOf, resolve, reject }).go());
}

interface PendingRead<T> {
  readonly decode: (bytes: Uint8Array) => Decoded<T>;
  readonly faultOf: FaultOfMessage;
  readonly resolve: (message: T) => void;
  readonly reject: (fault: unknown) => void;
}

/** Not an async function: every message of every handshake passes here, most of them in one piece. */
class MessageReader<T> implements Reader {
  readonly #leg: Leg;
  readonly #wanted: PendingRead<T>;
  #bytes = NOTHING;

  constructor(leg: Leg, wanted: PendingRead<T>) {
    this.#leg = leg;
    this.#wanted = wanted;
  }

  /** Decodes the bytes that are there, and waits for more until there is a message. */
  go(): void {
    for (;;) {
      const arrival = this.#leg.receive(this);
      if (arrival === 'later') return;
      if (arrival instanceof Fault) {
        this.fail(arrival);
        return;
      }
      if (this.#take(arrival)) return;
    }
  }

  arrive(arrival: Arrival): void {
    try {
      if (!this.#take(arrival)) this.go();
    } catch (error) {
      this.#wanted.reject(error);
    }
  }

  fail(fault: Fault): void {
    this.#wanted.reject(fault);
  }

  /** Whether reading has ended, with a message or without. */
  #take(arrival: Arrival): boolean {
    const { decode, faultOf, resolve, reject } = this.#wanted;
    if (arrival === undefined) {
      reject(faultOf(undefined, this.#bytes));
      return true;
    }
    this.#bytes = concatBytes(this.#bytes, arrival);
    const decoded = decode(this.#bytes);
    if (decoded.kind === 'more') return false;
    if (decoded.kind === 'bad') {
      reject(faultOf(decoded.code, this.#bytes, decoded.why));
      return true;
    }
    if (decoded.size < this.#bytes.length) this.#leg.unread(this.#bytes.subarray(decoded.size));
    resolve(decoded.value);
    return true;
  }
}

function faultOfClient(code: FaultCode = 'CLIENT_CLOSED'): Fault {
  return new Fault(code);
}
