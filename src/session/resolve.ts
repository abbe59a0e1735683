// RESOLVE and RESOLVE_PTR (Tor's socks-extensions.txt).
import { Fault } from '../base/fault.ts';
import type { Relay } from '../net/transport.ts';
import type { Destination } from '../protocol/address.ts';
import type { Handshake, Surroundings } from './session.ts';

export function resolveName(
  _handshake: Handshake,
  _destination: Destination,
  _surroundings: Surroundings,
): Promise<Relay> {
  throw new Fault('COMMAND_UNSUPPORTED');
}

export function resolveAddress(
  _handshake: Handshake,
  _destination: Destination,
  _surroundings: Surroundings,
): Promise<Relay> {
  throw new Fault('COMMAND_UNSUPPORTED');
}
