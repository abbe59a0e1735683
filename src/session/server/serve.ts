// A handshake from the first byte to the reply, in the four steps of RFC 1928: admit, login, request, reply. Every failure ends
// up in refuse().
import { Fault } from '../../base/fault.ts';
import { nextMessage, type FaultOfMessage } from '../../net/read.ts';
import type { Leg } from '../../net/transport.ts';
import { admitClient } from '../../policy/rules/rules.ts';
import { REP } from '../../protocol/codes.ts';
import { decodeOpening } from '../../protocol/opening.ts';
import { dialectOf } from '../dialects/dialects.ts';
import type { Activity } from '../activity.ts';
import type { Outcome } from '../outcome.ts';
import { isHidden } from '../introduction.ts';
import { mustAllow, refuse } from '../refuse.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { faultOfOpening, faultOfStranger } from '../spoken.ts';
import { ANSWERED } from './answered.ts';
import { admitByName, admitUntold } from './entrance.ts';
import { execute } from './execute.ts';

/**
 * Serves one client up to the moment when its bytes flow; undefined when it was refused and is closed. Rejects only
 * on a bug. Nothing of it waits for the relay to end: an idle session must not cost a suspended function.
 */
export async function serve(handshake: Handshake, surroundings: Surroundings): Promise<Activity | undefined> {
  try {
    const admission = admit(handshake, surroundings);
    if (admission !== undefined) await admission;

    // With most clients it has come along with the connection.
    const opened = nextMessage(handshake.leg, decodeOpening, faultsOf(handshake));
    const opening = opened instanceof Promise ? await opened : opened;
    if (handshake.isKept) surroundings.report({ kind: 'accepted', session: handshake.session });
    const dialect = dialectOf(opening);
    handshake.dialect = dialect;
    handshake.session.dialect = dialect.name;
    const login = dialect.login(handshake, opening, surroundings);
    if (login !== undefined) await login;

    const asked = dialect.request(handshake, opening, surroundings);
    const request = asked instanceof Promise ? await asked : asked;
    const outcome = await execute(handshake, dialect.commandOf(request), request, surroundings);

    return replyAndBegin(handshake, outcome, surroundings);
  } catch (failure) {
    refuse(handshake, failure, surroundings.report);
    return undefined;
  }
}

function faultsOf({ snapshot }: Handshake): FaultOfMessage {
  return snapshot.proxyProtocol.length === 0 ? faultOfOpening : faultOfStranger;
}

/**
 * Admits the address of the client; undefined when that completed synchronously. Throws or rejects with the fault of a refusal.
 */
function admit(handshake: Handshake, surroundings: Surroundings): Promise<void> | undefined {
  const { transport, resolver } = surroundings;
  const { session, snapshot, leg } = handshake;
  const sender = session.introduction?.balancer ?? session.client;
  if (transport.own.tcp.recognise(sender, leg.local)) throw new Fault('CLIENT_IS_SELF');
  if (isHidden(session)) return admitUntold(handshake, surroundings);
  if (snapshot.hostsAccess !== undefined)
    return admitByName(handshake, resolver).then(() => admitByRules(handshake));
  admitByRules(handshake);
  return undefined;
}

function admitByRules({ session, snapshot }: Handshake): void {
  mustAllow(admitClient(snapshot.policy, session.client.ip));
}

/** Throws LIMIT_REACHED, and the target sees its connection closed. */
function lookAgain(handshake: Handshake, target: Leg): void {
  try {
    handshake.home.lookAgain(handshake);
  } catch (failure) {
    target.close('reset');
    throw failure;
  }
}

/** Tells the client that its request went well, and begins what it asked for. */
function replyAndBegin(
  handshake: Handshake,
  outcome: Outcome,
  { transport, report }: Surroundings,
): Activity {
  const { session, leg, dialect } = handshake;
  if (outcome.kind === 'exchange') {
    report({ kind: 'connected', session, bound: outcome.bound });
    return outcome.begin();
  }
  if (outcome.kind === 'served') {
    leg.write(outcome.bytes);
    leg.close('fin');
    return ANSWERED;
  }
  if (outcome.kind === 'connected') lookAgain(handshake, outcome.target);
  leg.write(dialect.reply(REP.SUCCEEDED, outcome.told));
  switch (outcome.kind) {
    case 'connected':
      report({ kind: 'connected', session, bound: outcome.bound });
      return transport.relay(leg, outcome.target, handshake.relayLimits);
    case 'listening':
      report({ kind: 'listening', session, bound: outcome.told, clear: clearOf(handshake) });
      return outcome.begin();
    case 'answer':
      leg.close('fin');
      return ANSWERED;
  }
}

/** Datagrams go beside the stream to the client, so no TLS of that covers them. */
function clearOf({ leg, session }: Handshake): 'datagrams' | undefined {
  return leg.tls !== undefined && session.command === 'assoc' ? 'datagrams' : undefined;
}
