// Whole messages out of a stream that comes in any pieces (V5-7).
import { concatBytes } from '../base/bytes.ts';
import { Fault, type FaultCode } from '../base/fault.ts';
import type { Decoded } from '../protocol/decoded.ts';
import type { Leg } from './transport.ts';

/**
 * The fault of a message that will never be whole. `code` is the decoder's; undefined: FIN came. `bytes` is what there
 * was of it.
 */
export type FaultOfMessage = (code: FaultCode | undefined, bytes: Uint8Array) => Fault;

const NOTHING = new Uint8Array(0);

/**
 * Reads until `decode` has a whole message; what follows it stays in the leg. Rejects with what `faultOf` makes of it
 * (of a client: the decoder's fault, or CLIENT_CLOSED on FIN), and whatever read() rejects with.
 */
export async function readMessage<T>(
  leg: Leg,
  decode: (bytes: Uint8Array) => Decoded<T>,
  faultOf: FaultOfMessage = faultOfClient,
): Promise<T> {
  let bytes: Uint8Array = NOTHING;
  for (;;) {
    const arrived = await leg.read();
    if (arrived === undefined) throw faultOf(undefined, bytes);
    bytes = concatBytes(bytes, arrived);
    const decoded = decode(bytes);
    if (decoded.kind === 'bad') throw faultOf(decoded.code, bytes);
    if (decoded.kind === 'more') continue;
    if (decoded.size < bytes.length) leg.unread(bytes.subarray(decoded.size));
    return decoded.value;
  }
}

function faultOfClient(code: FaultCode = 'CLIENT_CLOSED'): Fault {
  return new Fault(code);
}
