// Whole messages out of a stream that comes in any pieces (V5-7).
import { concatBytes } from '../base/bytes.ts';
import { Fault } from '../base/fault.ts';
import type { Leg } from '../net/transport.ts';
import type { Decoded } from '../protocol/decoded.ts';

const NOTHING = new Uint8Array(0);

/**
 * Reads until `decode` has a whole message; what follows it stays in the leg. Rejects with the decoder's fault,
 * CLIENT_CLOSED on FIN, and whatever read() rejects with.
 */
export async function readMessage<T>(leg: Leg, decode: (bytes: Uint8Array) => Decoded<T>): Promise<T> {
  let bytes: Uint8Array = NOTHING;
  for (;;) {
    const arrived = await leg.read();
    if (arrived === undefined) throw new Fault('CLIENT_CLOSED');
    bytes = concatBytes(bytes, arrived);
    const decoded = decode(bytes);
    if (decoded.kind === 'bad') throw new Fault(decoded.code);
    if (decoded.kind === 'more') continue;
    if (decoded.size < bytes.length) leg.unread(bytes.subarray(decoded.size));
    return decoded.value;
  }
}
