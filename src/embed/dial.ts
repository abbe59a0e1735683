// The dial() of a program, which makes the connections to targets and proxies. Listeners, UDP and relays stay with the transport.
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Deadline } from '../base/deadline.ts';
import { Fault } from '../base/fault.ts';
import type { Endpoint } from '../base/ip.ts';
import { dialFault } from '../net/errors.ts';
import type { Leg, LocalBinding, Transport } from '../net/transport.ts';
import type { Session } from '../session/session.ts';
import type { Dial } from './callbacks.ts';
import type { Calls } from './calls.ts';
import { errnoOf, callbackFault } from './failure.ts';
import { endsOf, isOver, legOf, mustBeStream, unknownEnd } from './given/streams.ts';

/** `transport` for one session, whose connections `dial` makes. */
export function dialledBy(dial: Dial, calls: Calls, session: Session, transport: Transport): Transport {
  return {
    name: transport.name,
    own: transport.own,
    stalls: transport.stalls,
    listen: (...asked) => transport.listen(...asked),
    listenOn: (...asked) => transport.listenOn(...asked),
    listenUnix: (...asked) => transport.listenUnix(...asked),
    openUdp: (...asked) => transport.openUdp(...asked),
    departureTo: (...asked) => transport.departureTo(...asked),
    relay: (...asked) => transport.relay(...asked),
    close: () => transport.close(),
    dial: (...asked) => dialOnce({ dial, calls, session }, ...asked),
  };
}

interface Dialling {
  readonly dial: Dial;
  readonly calls: Calls;
  readonly session: Session;
}

/** As Transport.dial. */
async function dialOnce(
  { dial, calls, session }: Dialling,
  endpoint: Endpoint,
  { source }: LocalBinding,
  deadline: Deadline,
): Promise<Leg> {
  const stream = await calls.run({
    name: 'dial',
    client: session.client.ip,
    deadline,
    start: async ({ signal }) => {
      try {
        return await dial(endpoint, { session, source, signal });
      } catch (thrown) {
        throw faultOfStream(thrown, endpoint);
      }
    },
    read: (answer) => readStream(answer, endpoint),
    failing: 'REQUEST_DENIED',
    crowded: 'LIMIT_REACHED',
    late: dropLate,
  });
  try {
    await connected(stream, endpoint, deadline);
  } catch (fault) {
    stream.destroy();
    throw fault;
  }
  // A relay of streams counts it as any other; only its ends may be unknown.
  const ends = endsOf(stream);
  return legOf(stream, { remote: endpoint, local: ends?.local ?? unknownEnd(endpoint) });
}

function readStream(answer: unknown, endpoint: Endpoint): Duplex {
  mustBeStream(answer);
  // Later failures are reported by the leg, and until there is one by connected().
  answer.on('error', ignore);
  if (answer.errored) throw faultOfStream(answer.errored, endpoint);
  if (isOver(answer)) throw new Fault('CONNECT_FAILED', 'dial() gave a stream that is over');
  return answer;
}

const ignore = (): void => undefined;

function dropLate(answer: unknown): void {
  try {
    mustBeStream(answer);
    answer.on('error', ignore);
    answer.destroy();
  } catch {
    // Then there is nothing to be closed.
  }
}

/** A socket may be given before it is connected, as net.connect() gives it. */
function connected(stream: Duplex, to: Endpoint, deadline: Deadline): Promise<void> {
  return new Promise((resolve, reject) => {
    if (deadline.ended !== undefined) {
      reject(deadline.ended);
      return;
    }
    if (!(stream instanceof Socket) || !stream.connecting) {
      resolve();
      return;
    }
    const settle = (act: () => void) => (): void => {
      stream.off('connect', won).off('error', lost).off('close', gone);
      forget();
      act();
    };
    const won = settle(resolve);
    const lost = (error: NodeJS.ErrnoException): void => settle(() => reject(faultOfStream(error, to)))();
    const gone = settle(() => reject(new Fault('CONNECT_FAILED', 'dial() gave a stream that has closed')));
    const forget = deadline.whenEnded((fault) => settle(() => reject(fault))());
    stream.on('connect', won).on('error', lost).on('close', gone);
  });
}

/** Errors of the system mean what they mean elsewhere. */
function faultOfStream(error: unknown, to: Endpoint): Fault {
  const errno = errnoOf(error);
  return errno === undefined
    ? callbackFault('dial', error, 'REQUEST_DENIED')
    : dialFault(errno, to.ip, error);
}
