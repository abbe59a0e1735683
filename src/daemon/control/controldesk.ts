// Executes each request of the control socket. A request that changes something leaves a log record.
import { formatCidr, type Cidr } from '../../base/ip.ts';
import type { LogLevel } from '../../config/model/config.ts';
import {
  encodeAnswer,
  type AnswerTo,
  type ControlAnswer,
  type ReloadReport,
  type DaemonStatus,
} from '../../control/controlanswer.ts';
import { decodeControlRequest, type ControlRequest, type RequestFor } from '../../control/controlmessage.ts';
import { encodeFleetAnswer, type FleetAnswer } from '../../control/fleetanswer.ts';
import type { FleetStatus } from '../../control/fleetstatus.ts';
import type { SourceStatus } from '../../control/sourcestatus.ts';
import { VERSION } from '../../control/version.ts';
import type { Ways } from '../../net/routes/ways.ts';
import type { Fields } from '../../observe/lines/record.ts';
import type { Log } from '../../observe/log.ts';
import type { Bans } from '../../policy/access/bans.ts';
import type { AuthOnce } from '../../policy/access/trusted.ts';
import { clientKeyOf } from '../../policy/clientkey.ts';
import type { Server } from '../../session/server/server.ts';
import type { Counters } from '../report/counters.ts';
import { countSessions, listSessions, selectSessions } from '../report/livesessions.ts';
import { countDescriptors, residentBytes } from '../report/resources.ts';
import { listWays } from '../report/ways.ts';
import { ban, listBans, unban } from './controlbans.ts';
import type { Ask } from './controlconversation.ts';

/** The operations of the daemon that the control socket may call. */
export interface Steering {
  readonly state: string;
  /** As in Status. */
  readonly stateFailure: string | undefined;
  readonly users: number;
  readonly logLevel: LogLevel;
  readonly lastReload: ReloadReport | undefined;
  /** When the configuration in force was read. */
  readonly configuredAtMs: number;
  /** `config-version`. */
  readonly configVersion: string | undefined;
  /** Clients exempt from bans. */
  readonly banAllow: readonly Cidr[];
  /** Settles when it is over; undefined where nothing is reloaded any more. */
  reload(): Promise<ReloadReport | undefined>;
  /** How long drain() lets sessions go on. */
  readonly drainMs: number;
  /** Stops accepting, and ends the daemon when the sessions have ended. Before, `ready` tells so for the given time. */
  drain(announceMs?: number): void;
  /** Until the next reload. */
  setLogLevel(level: LogLevel): void;
}

/** What is asked of a fleet; undefined: the daemon is a member no longer. */
export interface FleetDesk {
  readonly status: () => FleetStatus | undefined;
  readonly ask: (request: ControlRequest) => Promise<FleetAnswer | undefined>;
}

export interface DeskParts {
  readonly steering: Steering;
  readonly server: Server;
  readonly counters: Counters;
  readonly bans: Bans;
  readonly authOnce: AuthOnce;
  readonly ways: Ways;
  /** Statuses of the sources that are asked about users; undefined: there are none. */
  readonly asked: { readonly statuses: () => readonly SourceStatus[] | undefined };
  /** undefined: it is in none. */
  readonly fleet?: FleetDesk | undefined;
  readonly log: Log;
  /** Facts that do not change while the daemon runs. */
  readonly facts: Pick<DaemonStatus, 'transport' | 'account' | 'descriptorLimit'>;
}

/** Answers one line of a conversation. */
export function createDesk(parts: DeskParts): Ask {
  return async (line) => {
    const parsed = decodeControlRequest(line);
    if (parsed.kind === 'wrong') return encodeAnswer(refusedAnswer('bad-request', parsed.why));
    const { fleet, ...request } = parsed.value;
    if (fleet !== true) return encodeAnswer(await answerRequest(parts, request));
    const answer = await parts.fleet?.ask(request);
    return answer === undefined ? encodeAnswer(NO_FLEET) : encodeFleetAnswer(answer);
  };
}

/** Executes one request, which leaves a log record where it changes something. */
export function answerRequest(
  parts: DeskParts,
  request: ControlRequest,
): ControlAnswer | Promise<ControlAnswer> {
  switch (request.command) {
    case 'status':
      return { ok: true, command: 'status', status: daemonStatusOf(parts) };
    case 'sessions':
      return { ok: true, command: 'sessions', ...listSessions(parts.server.registry.list(), request) };
    case 'kick':
      return kick(parts, request);
    case 'ban':
      return ban(parts, request);
    case 'unban':
      return unban(parts, request);
    case 'forget':
      return forget(parts, request);
    case 'bans':
      return { ok: true, command: 'bans', bans: listBans(parts) };
    case 'reload':
      return answerReload(parts);
    case 'drain':
      return drain(parts, request);
    case 'loglevel':
      return setLogLevel(parts, request.level);
  }
}

export function daemonStatusOf({
  steering,
  server,
  counters,
  bans,
  ways,
  asked,
  fleet,
  facts,
}: DeskParts): DaemonStatus {
  const { totals, ...live } = countSessions(server.registry.list(), counters);
  return {
    release: VERSION,
    pid: process.pid,
    state: steering.state,
    uptimeSeconds: process.uptime(),
    ...facts,
    listen: server.bound,
    users: steering.users,
    bans: bans.list().length,
    logLevel: steering.logLevel,
    ...live,
    totals,
    memoryBytes: residentBytes(),
    descriptors: countDescriptors(),
    lastReload: steering.lastReload,
    stateFailure: steering.stateFailure,
    ways: listWays(ways),
    sources: asked.statuses(),
    fleet: fleet?.status(),
    configVersion: steering.configVersion,
  };
}

function kick({ server, log }: DeskParts, { of }: RequestFor<'kick'>): AnswerTo<'kick'> {
  const chosen = selectSessions(server.registry.list(), of);
  for (const session of chosen) server.registry.end(session, 'kicked');
  const { id, user, client } = of;
  record(log, 'kick', { id, user, client: client && formatCidr(client), sessions: chosen.length });
  return { ok: true, command: 'kick', kicked: chosen.length };
}

function forget({ authOnce, log }: DeskParts, { client }: RequestFor<'forget'>): AnswerTo<'forget'> {
  const name = clientKeyOf(client);
  const known = authOnce.forget(client);
  record(log, 'forget', { client: name });
  return { ok: true, command: 'forget', name, known };
}

async function answerReload({ steering, log }: DeskParts): Promise<ControlAnswer> {
  record(log, 'reload', {});
  const report = await steering.reload();
  return report === undefined ? tooLate() : { ok: true, command: 'reload', reload: report };
}

function drain({ steering, server, log }: DeskParts, { announce }: RequestFor<'drain'>): ControlAnswer {
  if (steering.state !== 'serving') return tooLate();
  record(log, 'drain', { announce });
  // After the answer is sent: without sessions, draining ends this conversation too.
  setImmediate(() => steering.drain((announce ?? 0) * 1000));
  const seconds = steering.drainMs / 1000;
  return { ok: true, command: 'drain', sessions: server.registry.size, seconds, announce };
}

function setLogLevel({ steering, log }: DeskParts, level: LogLevel): AnswerTo<'loglevel'> {
  // Before, so that it is written whatever the new level is.
  record(log, 'loglevel', { level });
  steering.setLogLevel(level);
  return { ok: true, command: 'loglevel', level };
}

function record(log: Log, command: string, fields: Fields): void {
  log.write('notice', 'control', { command, ...fields });
}

const NO_FLEET = refusedAnswer('no-fleet', 'this daemon is in no fleet: ask without --fleet, or set fleet');

function tooLate(): ControlAnswer {
  return refusedAnswer('not-serving', 'the daemon is stopping already');
}

function refusedAnswer(code: string, message: string): ControlAnswer {
  return { ok: false, code, message };
}
