// A conversation with a client that the rules do not admit, but which may be a health check.
import { Fault } from '../../base/fault.ts';
import { readMessage } from '../../net/read.ts';
import { encodeMethod } from '../../protocol/greeting.ts';
import { decodeOpening } from '../../protocol/opening.ts';
import { answering } from '../dialect.ts';
import { methodFor } from '../login/authenticate.ts';
import type { Logins } from '../logins.ts';
import type { Handshake } from '../session.ts';
import { faultOfOpening, stageOfRequest } from '../spoken.ts';
import { dialectOf } from './dialects.ts';

/** Answers a greeting as if the client were admitted. Rejects with `objection` at its next message, or when it leaves. */
export async function answerProbe(handshake: Handshake, logins: Logins, objection: Fault): Promise<never> {
  const { leg } = handshake;
  const opening = await readMessage(leg, decodeOpening, faultOfOpening);
  const dialect = dialectOf(opening);
  handshake.dialect = dialect;
  // Health checks of SOCKS do not speak HTTP.
  if (opening.version === 'http') throw objection;
  if (opening.version === 5) {
    leg.write(encodeMethod(methodFor(handshake, opening.greeting, logins)));
    if ((await leg.read()) === undefined) throw new Fault('CLIENT_CLOSED');
  }
  handshake.speaker = { refusal: answering(dialect.reply), tellsRep: true, stage: stageOfRequest };
  throw objection;
}
