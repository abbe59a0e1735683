// --healthcheck: does a daemon with this configuration serve? A client's greeting to its first listen address tells.
import { Deadline } from '../../base/deadline.ts';
import { Fault, type FaultCode } from '../../base/fault.ts';
import { ANY_IPV4, ANY_IPV6, LOOPBACK_IPV4, parseIp } from '../../base/ip.ts';
import type { Config } from '../../config/model/config.ts';
import { formatPlace, type EndpointPlan, type PathPlan } from '../../net/layer.ts';
import { readMessage } from '../../net/read.ts';
import { createStreamsTransport } from '../../net/streams/streams.ts';
import { dialUnix } from '../../net/streams/streamunix.ts';
import type { Leg } from '../../net/transport.ts';
import { METHOD } from '../../protocol/codes.ts';
import { decodeMethod, encodeGreeting } from '../../protocol/greeting.ts';
import { wantedListeners } from '../listeners/listen.ts';
import { EXIT, StartFailure, type ExitStatus } from '../unix/exit.ts';

/** The time for the whole conversation. */
const LIMIT_MS = 2000;

/** One line, and 0 or 1. Any answer that is one of SOCKS5 will do: what a client must do to log in is not asked. */
export async function checkHealth(config: Config): Promise<{ text: string; status: ExitStatus }> {
  const deadline = new Deadline(LIMIT_MS, 'CONNECT_TIMEOUT');
  let where = 'its first address';
  try {
    const place = await firstPlace(config);
    where = formatPlace(place);
    const leg = await ('path' in place
      ? dialUnix(place.path, deadline)
      : createStreamsTransport().dial(place.endpoint, {}, deadline));
    deadline.whenEnded((fault) => leg.abort(fault));
    await greet(leg);
    return { text: `picosocks5 serves at ${where}\n`, status: EXIT.OK };
  } catch (error) {
    if (error instanceof StartFailure) return sick(where, error.message);
    if (!(error instanceof Fault)) throw error;
    return sick(where, REASONS[error.code] ?? error.message);
  } finally {
    deadline.clear();
  }
}

async function firstPlace(config: Config): Promise<CheckedPlace> {
  const [first] = await wantedListeners(config, []);
  if (first === undefined) throw new StartFailure(EXIT.CONFIG, 'the configuration names no address');
  if ('path' in first) return first;
  const { ip, port } = first.endpoint;
  if (ip === ANY_IPV4) return { endpoint: { ip: LOOPBACK_IPV4, port } };
  return { endpoint: { ip: ip === ANY_IPV6 ? (parseIp('::1') ?? ip) : ip, port } };
}

type CheckedPlace = Pick<EndpointPlan, 'endpoint'> | Pick<PathPlan, 'path'>;

async function greet(leg: Leg): Promise<void> {
  try {
    leg.write(encodeGreeting([METHOD.NONE, METHOD.USERPASS]));
    await readMessage(leg, decodeMethod);
  } finally {
    leg.close('reset');
  }
}

const CLOSED =
  'it closes the connection without an answer; do "network" and the limits let this host in, and is it banned?';

const REASONS: Partial<Record<FaultCode, string>> = {
  CONNECTION_REFUSED: 'nobody listens there',
  CONNECT_TIMEOUT: `no answer within ${LIMIT_MS / 1000} s`,
  CLIENT_CLOSED: CLOSED,
  PEER_RESET: CLOSED,
  VERSION_UNSUPPORTED: 'what answers is no SOCKS server',
};

function sick(where: string, why: string): { text: string; status: ExitStatus } {
  return { text: `picosocks5 does not serve at ${where}: ${why}\n`, status: EXIT.UNHEALTHY };
}
