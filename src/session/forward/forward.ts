// A request for a URL: dialled as CONNECT is, then one exchange with the web server. Its client may ask for the next thing on the
// same connection, which is a session of its own: rules, logins and limits are asked anew.
import { randomBytes } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import { StreamLeg } from '../../net/streams/streamleg.ts';
import type { Leg } from '../../net/transport.ts';
import type { Destination } from '../../protocol/address.ts';
import { hasPassed, maxForwardsOf, type AbsoluteTarget } from '../../protocol/http/httponward.ts';
import type { HttpRequest } from '../../protocol/http/httprequest.ts';
import type { Activity } from '../activity.ts';
import type { Command } from '../commands/commands.ts';
import { connect } from '../commands/connect.ts';
import type { Outcome } from '../outcome.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { Exchange } from './exchange.ts';

let via: string | undefined;

/** Our name in Via: of this process alone, so that a chain of ours is no loop. Made when it is needed, as crypto is loaded then. */
function ourVia(): string {
  return (via ??= `picosocks5-${randomBytes(4).toString('hex')}`);
}

/** The command of one request. */
export function forwardingOf(request: HttpRequest, target: AbsoluteTarget): Command {
  return {
    name: 'connect',
    asks: 'connect',
    run: (handshake, destination, surroundings) =>
      forward({ request, target }, handshake, destination, surroundings),
  };
}

interface WantedUrl {
  readonly request: HttpRequest;
  readonly target: AbsoluteTarget;
}

async function forward(
  wanted: WantedUrl,
  handshake: Handshake,
  destination: Destination,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { request } = wanted;
  if (request.method === 'TRACE') throw new Fault('COMMAND_UNSUPPORTED', 'TRACE');
  if (maxForwardsOf(request) === 0) throw new Fault('COMMAND_UNSUPPORTED', 'OPTIONS of the proxy itself');
  if (hasPassed(request, ourVia())) throw new Fault('CLIENT_IS_SELF', 'it has come through here already');
  const outcome = await connect(handshake, destination, surroundings);
  if (outcome.kind !== 'connected') throw new TypeError('CONNECT connects');
  const { bound, target } = outcome;
  return { kind: 'exchange', bound, begin: () => begin(wanted, handshake, target, surroundings) };
}

function begin(wanted: WantedUrl, handshake: Handshake, server: Leg, { transport }: Surroundings): Activity {
  const { leg, home, relayLimits } = handshake;
  const exchange = new Exchange({ ...wanted, leg, via: ourVia(), mayKeep: home.mayKeep });
  const client = new StreamLeg(exchange.carrier, leg.remote, leg.local);
  const relay = transport.relay(client, server, relayLimits);
  exchange.whenOver(() => relay.cut('fin'));
  let isCut = false;
  return {
    progress: () => relay.progress(),
    setRate: (rate) => relay.setRate(rate),
    setStop: (bytes) => relay.setStop(bytes),
    cut: (how) => {
      isCut = true;
      relay.cut(how);
    },
    whenEnded: (listener) =>
      relay.whenEnded((end) => {
        // An unfinished answer of the web server is no failure where we have ended the session.
        const failure = isCut || end.endedBy.endsWith('-timeout') ? undefined : exchange.failure;
        const endedBy = exchange.isAnswered ? 'answered' : failure ? 'target-fin' : end.endedBy;
        listener({ ...end, endedBy, fault: failure });
        if (exchange.keeps) home.again(handshake);
      }),
  };
}
