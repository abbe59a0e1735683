// What a session asks the rules, and their answer as a fault.
import { Fault } from '../base/fault.ts';
import { ANONYMOUS } from '../policy/identity.ts';
import type { Asking, Ruling } from '../policy/rules/rules.ts';
import type { Destination } from '../protocol/address.ts';
import type { Handshake } from './session.ts';

/** The question whether the client may do `command` with `destination`. */
export function askingOf(
  { session }: Handshake,
  command: Asking['command'],
  destination: Destination,
): Asking {
  return { identity: session.identity ?? ANONYMOUS, client: session.client.ip, command, destination };
}

/** undefined: allowed. */
export function denialOf(ruling: Ruling): Fault | undefined {
  return ruling.verdict === 'deny' ? new Fault(ruling.code, ruling.rule) : undefined;
}
