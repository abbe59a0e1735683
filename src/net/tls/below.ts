// The meaning of a FIN below TLS, where a carrier has seen it (tlscarrier.ts).
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { Fault } from '../../base/fault.ts';

/**
 * FIN has come below. Without close_notify before it an attacker may have truncated the stream (RFC 8446 section
 * 6.1), so it counts as a reset.
 */
export function endBelow(secure: TLSSocket, below: Duplex): void {
  const full = [below, secure].find(({ readableLength }) => readableLength > 0);
  if (full !== undefined) {
    full.once('data', () => endBelow(secure, below));
    return;
  }
  // A stream ended by close_notify emits its end when read, before any other event.
  secure.read(0);
  setImmediate(() => {
    if (!secure.readableEnded) below.destroy(new Fault('PEER_RESET', 'FIN without close_notify'));
  });
}
