// A handshake from the first byte to the relay, in the order of RFC 1928. Every failure ends up in refuse().
import { Fault } from '../base/fault.ts';
import type { Relay } from '../net/transport.ts';
import { admitClient } from '../policy/rules.ts';
import { COMMAND } from '../protocol/codes.ts';
import { decodeRequest, type Request } from '../protocol/request.ts';
import { authenticate } from './authenticate.ts';
import { connect } from './connect.ts';
import { readMessage } from './read.ts';
import { mustAllow, refuse } from './refuse.ts';
import type { Handshake, Surroundings } from './session.ts';

/**
 * Serves one client up to the moment when its bytes flow; undefined when it was refused and is closed. Rejects only
 * on a bug. Nothing of it waits for the relay to end: an idle session must not cost a suspended function.
 */
export async function serve(handshake: Handshake, surroundings: Surroundings): Promise<Relay | undefined> {
  try {
    mustAllow(admitClient(handshake.snapshot.policy, handshake.session.client.ip));
    await authenticate(handshake, surroundings.report);
    const request = await readRequest(handshake);
    return await execute(handshake, request, surroundings);
  } catch (failure) {
    refuse(handshake, failure, surroundings.report);
    return undefined;
  }
}

async function readRequest(handshake: Handshake): Promise<Request> {
  handshake.owed = 'reply';
  const request = await readMessage(handshake.leg, decodeRequest);
  handshake.deadline.clear();
  handshake.session.destination = request.destination;
  return request;
}

function execute(handshake: Handshake, request: Request, surroundings: Surroundings): Promise<Relay> {
  switch (request.command) {
    case COMMAND.CONNECT:
      handshake.session.command = 'connect';
      return connect(handshake, request.destination, surroundings);
    default:
      throw new Fault('COMMAND_UNSUPPORTED', `command ${request.command}`);
  }
}
