// The commands of clients. Each dialect maps its numbers to them.
import type { Asking } from '../../policy/rules/rules.ts';
import type { Destination } from '../../protocol/address.ts';
import { bind } from '../bind/bind.ts';
import { connect } from './connect.ts';
import { resolveAddress, resolveName } from './resolve.ts';
import type { SessionCommand } from '../events.ts';
import type { Outcome } from '../outcome.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { associate } from '../udp/associate.ts';

export interface Command {
  readonly name: SessionCommand;
  /** The command that rules are asked about for a completed name; absent: no name is completed. */
  readonly asks?: Asking['command'];
  /** Does what the client asks for, all but the reply; rejects with the fault that the client is told. */
  readonly run: (
    handshake: Handshake,
    destination: Destination,
    surroundings: Surroundings,
  ) => Promise<Outcome>;
}

export const CONNECT: Command = { name: 'connect', asks: 'connect', run: connect };
export const BIND: Command = { name: 'bind', asks: 'bind', run: bind };
export const ASSOCIATE: Command = { name: 'assoc', run: associate };
export const RESOLVE: Command = { name: 'resolve', asks: 'resolve', run: resolveName };
export const RESOLVE_PTR: Command = { name: 'resolve-ptr', run: resolveAddress };
