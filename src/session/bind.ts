// BIND (RFC 1928 section 4).
import { Fault } from '../base/fault.ts';
import type { Relay } from '../net/transport.ts';
import type { Destination } from '../protocol/address.ts';
import type { Handshake, Surroundings } from './session.ts';

export function bind(
  _handshake: Handshake,
  _destination: Destination,
  _surroundings: Surroundings,
): Promise<Relay> {
  throw new Fault('COMMAND_UNSUPPORTED');
}
