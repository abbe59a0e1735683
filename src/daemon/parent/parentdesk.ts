// Requests of pis5ctl to a daemon with workers: each becomes one answer. Bans and logins that are remembered are known to the parent
// itself; what concerns sessions is asked of all workers.
import {
  type AnswerTo,
  decodeAnswer,
  encodeAnswer,
  type ControlAnswer,
  type DaemonStatus,
} from '../../control/controlanswer.ts';
import {
  decodeControlRequest,
  encodeControlRequest,
  type ControlRequest,
  type RequestFor,
} from '../../control/controlmessage.ts';
import { VERSION } from '../../control/version.ts';
import type { Log } from '../../observe/log.ts';
import type { Fields } from '../../observe/lines/record.ts';
import type { Bans } from '../../policy/access/bans.ts';
import type { AuthOnce } from '../../policy/access/trusted.ts';
import { clientKeyOf } from '../../policy/clientkey.ts';
import { formatCidr } from '../../base/ip.ts';
import { banFrom, listBans, unban } from '../control/controlbans.ts';
import type { Ask } from '../control/controlconversation.ts';
import type { DeskParts, Steering } from '../control/controldesk.ts';
import { residentBytes } from '../report/resources.ts';
import type { Asking } from './asking.ts';
import type { Crew } from './crew.ts';
import type { Hand } from './hand.ts';
import { answersTo, mergeSessions, mergeStatus } from './merge.ts';

/** Time for the workers to answer. */
const PATIENCE_MS = 2000;

export interface ParentDeskParts {
  readonly steering: Steering;
  readonly crew: Crew;
  readonly asking: Asking;
  readonly listeners: { readonly bound: readonly string[] };
  readonly bans: Bans;
  readonly authOnce: AuthOnce;
  readonly log: Log;
  readonly facts: DeskParts['facts'];
}

export function createParentDesk(parts: ParentDeskParts): Ask {
  return async (line) => {
    const parsed = decodeControlRequest(line);
    if (parsed.kind === 'wrong') return encodeAnswer(refusal('bad-request', parsed.why));
    return encodeAnswer(await answer(parts, parsed.value));
  };
}

function answer(parts: ParentDeskParts, request: ControlRequest): ControlAnswer | Promise<ControlAnswer> {
  switch (request.command) {
    case 'status':
      return status(parts);
    case 'sessions':
      return listAll(parts, request);
    case 'kick':
      return kick(parts, request);
    case 'ban':
      return ban(parts, request);
    case 'unban':
      return unbanAll(parts, request);
    case 'forget':
      return forget(parts, request);
    case 'bans':
      return { ok: true, command: 'bans', bans: listBans(parts) };
    case 'reload':
      return reload(parts);
    case 'drain':
      return drain(parts, request);
    case 'loglevel':
      record(parts, 'loglevel', { level: request.level });
      parts.steering.setLogLevel(request.level);
      return { ok: true, command: 'loglevel', level: request.level };
  }
}

/** The statuses of the workers, and the sums of them. */
export async function askStatus(parts: ParentDeskParts): Promise<DaemonStatus> {
  const { steering, crew, listeners, bans, facts } = parts;
  const answers = await askAll(parts, { command: 'status' });
  const statuses = new Map<number, DaemonStatus>();
  for (const [hand, each] of answers) {
    if (!each.ok || each.command !== 'status') continue;
    statuses.set(hand.slot, each.status);
    hand.hearTotals(each.status.totals);
  }
  const slots = [...crew.hands.map(({ slot }) => slot), ...crew.absent].sort((one, other) => one - other);
  const own: DaemonStatus = {
    release: VERSION,
    pid: process.pid,
    state: steering.state,
    uptimeSeconds: process.uptime(),
    ...facts,
    listen: listeners.bound,
    users: steering.users,
    bans: bans.list().length,
    logLevel: steering.logLevel,
    live: 0,
    handshakes: 0,
    commands: { connect: 0, bind: 0, assoc: 0, resolve: 0 },
    totals: crew.totals,
    memoryBytes: residentBytes(),
    descriptors: undefined,
    lastReload: steering.lastReload,
    stateFailure: steering.stateFailure,
    ways: undefined,
    configVersion: steering.configVersion,
    workers: slots.map((worker) => {
      const { pid, live = 0, memoryBytes } = statuses.get(worker) ?? {};
      return { worker, pid, live, memoryBytes };
    }),
  };
  return mergeStatus(own, [...statuses.values()]);
}

async function status(parts: ParentDeskParts): Promise<ControlAnswer> {
  return { ok: true, command: 'status', status: await askStatus(parts) };
}

/** The sessions of all workers. */
export async function listAll(
  parts: ParentDeskParts,
  request: RequestFor<'sessions'>,
): Promise<AnswerTo<'sessions'>> {
  const answers = [...(await askAll(parts, request)).values()];
  return mergeSessions(answersTo('sessions', answers), request);
}

async function kick(parts: ParentDeskParts, request: RequestFor<'kick'>): Promise<ControlAnswer> {
  const answers = answersTo('kick', [...(await askAll(parts, request)).values()]);
  const kicked = answers.reduce((sum, each) => sum + each.kicked, 0);
  const { id, user, client } = request.of;
  record(parts, 'kick', { id, user, client: client && formatCidr(client), sessions: kicked });
  return { ok: true, command: 'kick', kicked };
}

async function ban(parts: ParentDeskParts, request: RequestFor<'ban'>): Promise<ControlAnswer> {
  const count: RequestFor<'sessions'> = {
    command: 'sessions',
    of: { id: undefined, user: undefined, client: request.client },
    sort: 'id',
    limit: 1,
  };
  const answered = banFrom(parts, request, () => 0);
  if (!answered.ok) return answered;
  const answers = answersTo('sessions', [...(await askAll(parts, count)).values()]);
  return { ...answered, live: answers.reduce((sum, { matching }) => sum + matching, 0) };
}

/** The ban itself is lifted by the fact; the workers also forget what led to it, and locks of names. */
async function unbanAll(parts: ParentDeskParts, request: RequestFor<'unban'>): Promise<ControlAnswer> {
  const own = unban(parts, request);
  const answers = answersTo('unban', [...(await askAll(parts, request)).values()]);
  return { ...own, unbanned: own.unbanned || answers.some(({ unbanned }) => unbanned) };
}

async function forget(parts: ParentDeskParts, request: RequestFor<'forget'>): Promise<ControlAnswer> {
  const known = parts.authOnce.forget(request.client);
  const answers = answersTo('forget', [...(await askAll(parts, request)).values()]);
  const name = clientKeyOf(request.client);
  record(parts, 'forget', { client: name });
  return { ok: true, command: 'forget', name, known: known || answers.some((each) => each.known) };
}

async function reload(parts: ParentDeskParts): Promise<ControlAnswer> {
  record(parts, 'reload', {});
  const report = await parts.steering.reload();
  return report === undefined ? tooLate() : { ok: true, command: 'reload', reload: report };
}

async function drain(parts: ParentDeskParts, { announce }: RequestFor<'drain'>): Promise<ControlAnswer> {
  const { steering } = parts;
  if (steering.state !== 'serving') return tooLate();
  record(parts, 'drain', { announce });
  const { live } = await askStatus(parts);
  // After the answer is sent: without sessions, draining ends this conversation too.
  setImmediate(() => steering.drain((announce ?? 0) * 1000));
  return { ok: true, command: 'drain', sessions: live, seconds: steering.drainMs / 1000, announce };
}

async function askAll(
  { asking, log }: ParentDeskParts,
  request: ControlRequest,
): Promise<ReadonlyMap<Hand, ControlAnswer>> {
  const line = encodeControlRequest(request).trimEnd();
  const answers = await asking.all((hand, number) => hand.tell({ kind: 'ask', number, line }), PATIENCE_MS);
  const read = new Map<Hand, ControlAnswer>();
  for (const [hand, each] of answers) {
    if (each.kind !== 'answer') continue;
    const decoded = decodeAnswer(request.command, each.answer);
    if (decoded.kind === 'value') read.set(hand, decoded.value);
    else log.write('warn', 'worker-answer', { worker: hand.slot }, decoded.why);
  }
  return read;
}

function record({ log }: ParentDeskParts, command: string, fields: Fields): void {
  log.write('notice', 'control', { command, ...fields });
}

function tooLate(): ControlAnswer {
  return refusal('not-serving', 'the daemon is stopping already');
}

function refusal(code: string, message: string): ControlAnswer {
  return { ok: false, code, message };
}
