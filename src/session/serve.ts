// A session from the first byte to the last, in the order of RFC 1928. Every failure ends up in refuse().
import { Fault } from '../base/fault.ts';
import { COMMAND } from '../protocol/codes.ts';
import { decodeRequest, type Request } from '../protocol/request.ts';
import type { Relay } from '../net/transport.ts';
import { admitClient } from '../policy/rules.ts';
import { authenticate } from './authenticate.ts';
import { connect } from './connect.ts';
import { mustAllow, refuse } from './refuse.ts';
import { readMessage } from './read.ts';
import type { Session, Surroundings } from './session.ts';

/** Serves one client. Settles when both connections are closed; rejects only on a bug. */
export async function serve(session: Session, surroundings: Surroundings): Promise<void> {
  try {
    mustAllow(admitClient(session.snapshot.policy, session.client.ip));
    await authenticate(session, surroundings.report);
    const request = await readRequest(session);
    session.relay = await execute(session, request, surroundings);
  } catch (failure) {
    refuse(session, failure, surroundings.report);
    return;
  }
  await finish(session, session.relay, surroundings);
}

async function readRequest(session: Session): Promise<Request> {
  session.owed = 'reply';
  const request = await readMessage(session.leg, decodeRequest);
  session.deadline.clear();
  session.destination = request.destination;
  return request;
}

function execute(session: Session, request: Request, surroundings: Surroundings): Promise<Relay> {
  switch (request.command) {
    case COMMAND.CONNECT:
      session.command = 'connect';
      return connect(session, request.destination, surroundings);
    default:
      throw new Fault('COMMAND_UNSUPPORTED', `command ${request.command}`);
  }
}

async function finish(session: Session, relay: Relay, { report }: Surroundings): Promise<void> {
  const end = await relay.ended;
  const seconds = (performance.now() - session.startedAtMs) / 1000;
  report({ kind: 'ended', session, ...end, seconds });
}
