// How a session begins and how it moves on (Stage, session.ts), for server.ts alone.
import { monotonicMs } from '../../base/clock.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { Entry } from '../../policy/limits/entry.ts';
import type { Activity, ActivityEnd } from '../activity.ts';
import type { SessionEvent } from '../events.ts';
import type { Introduction } from '../introduction.ts';
import type { Handshake, Session, Stage } from '../session.ts';

/** How a client has come. */
export interface Provenance {
  readonly introduction: Introduction | undefined;
  readonly listener: string | undefined;
  /** `kept`: on a leg on which it had a session before. */
  readonly comes: 'new' | 'kept';
}

/** Ids of sessions from 1 on. */
export function countIds(): () => number {
  let last = 0;
  return () => ++last;
}

/** A client that has just been let in. */
export function newSession(id: number, client: Endpoint, entry: Entry): Session {
  return {
    id,
    client,
    startedAtMs: monotonicMs(),
    identity: undefined,
    method: undefined,
    command: undefined,
    destination: undefined,
    dialled: undefined,
    via: undefined,
    listener: undefined,
    dialect: undefined,
    version: undefined,
    status: undefined,
    introduction: undefined,
    leaveWay: undefined,
    entry,
    place: undefined,
    newcomerPlace: undefined,
    sortedPlace: undefined,
    endReason: undefined,
    stage: 'accepted',
    handshake: undefined,
    activity: undefined,
  };
}

/** The report of a session whose bytes have flowed. */
export function endedEvent(session: Session, end: ActivityEnd): SessionEvent {
  const seconds = (monotonicMs() - session.startedAtMs) / 1000;
  const endedBy = end.endedBy === 'cut' ? (session.endReason ?? 'cut') : end.endedBy;
  const { bytesUp, bytesDown, datagrams, dropped, fault } = end;
  return { kind: 'ended', session, seconds, bytesUp, bytesDown, endedBy, datagrams, dropped, fault };
}

/** The stage decides what there is of a handshake and of an activity. Arguments, so that no object is made for each step. */
export function move<To extends Stage['stage']>(
  session: Moving,
  to: To,
  handshake: Extract<Stage, { readonly stage: To }>['handshake'],
  activity: Extract<Stage, { readonly stage: To }>['activity'],
): void {
  session.stage = to;
  session.handshake = handshake;
  session.activity = activity;
}

/** A Stage that can be written to. */
interface Moving {
  stage: Stage['stage'];
  handshake: Handshake | undefined;
  activity: Activity | undefined;
}
