// The live sessions for the control socket: chosen, sorted, counted. All are visited in one pass, which takes some milliseconds
// for ten thousand.
import { monotonicMs } from '../../base/clock.ts';
import { formatEndpoint, ipToBytes, unmapIp, type Cidr, type Ip } from '../../base/ip.ts';
import { cidrHolds } from '../../base/zoned.ts';
import type { SessionReport, SessionWord, DaemonStatus } from '../../control/controlanswer.ts';
import type { ControlRequest, Selection, SortKey } from '../../control/controlmessage.ts';
import { formatDestination } from '../../protocol/address.ts';
import type { SessionCommand } from '../../session/events.ts';
import type { Session } from '../../session/session.ts';
import type { Counters } from './counters.ts';

type Sessions = Iterable<Session>;

/** Sessions that match every field given. */
export function selectSessions(sessions: Sessions, selection: Selection): Session[] {
  return [...sessions].filter((session) => isSelected(session, selection));
}

/** The first `limit` of those that fit, in the order that is asked for, and how many fit. */
export function listSessions(
  sessions: Sessions,
  { of, sort, limit }: Extract<ControlRequest, { command: 'sessions' }>,
): { readonly matching: number; readonly sessions: readonly SessionReport[] } {
  const now = monotonicMs();
  const fitting = selectSessions(sessions, of).map((session) => reportOf(session, now));
  return { matching: fitting.length, sessions: fitting.sort(ORDERS[sort]).slice(0, limit) };
}

/** How many there are of each kind, and the sums since the start with what they have moved so far. */
export function countSessions(
  sessions: Sessions,
  counters: Pick<Counters, 'totals'>,
): Pick<DaemonStatus, 'live' | 'handshakes' | 'commands' | 'totals'> {
  const commands: Record<SessionWord, number> = { connect: 0, bind: 0, assoc: 0, resolve: 0 };
  const totals = { ...counters.totals };
  let [live, handshakes] = [0, 0];
  for (const { command, stage, activity } of sessions) {
    const progress = activity?.progress();
    live += 1;
    if (stage !== 'relaying') handshakes += 1;
    if (command !== undefined) commands[wordOf(command)] += 1;
    totals.bytesUp += progress?.bytesUp ?? 0;
    totals.bytesDown += progress?.bytesDown ?? 0;
  }
  return { live, handshakes, commands, totals };
}

function wordOf(command: SessionCommand): SessionWord {
  // They end with their answer, too.
  return command === 'resolve-ptr' || command === 'pac' ? 'resolve' : command;
}

function isSelected({ id, identity, client }: Session, of: Selection): boolean {
  if (of.id !== undefined && of.id !== id) return false;
  if (of.user !== undefined && !(identity?.kind === 'user' && identity.name === of.user)) return false;
  return of.client === undefined || isClientIn(of.client, client.ip);
}

function isClientIn(block: Cidr, ip: Ip): boolean {
  return cidrHolds(block, ip, ipToBytes(unmapIp(ip)));
}

function reportOf(session: Session, now: number): SessionReport {
  const { id, client, identity, command, destination, dialled, activity, startedAtMs } = session;
  const progress = activity?.progress();
  const user = identity?.kind === 'user' ? identity : undefined;
  return {
    id,
    client: formatEndpoint(client),
    user: user?.name,
    group: user?.group,
    userid: identity?.kind === 'anonymous' ? identity.userId : undefined,
    command,
    dest: destination && formatDestination(destination),
    dialled: dialled && formatEndpoint(dialled),
    seconds: Math.round(now - startedAtMs) / 1000,
    up: progress?.bytesUp ?? 0,
    down: progress?.bytesDown ?? 0,
  };
}

type Order = (one: SessionReport, other: SessionReport) => number;

/** The most interesting sessions first: the oldest, the busiest. Sorting keeps the order of ids within equals. */
export const ORDERS: Readonly<Record<SortKey, Order>> = {
  id: (one, other) => one.id - other.id,
  age: (one, other) => other.seconds - one.seconds,
  up: (one, other) => other.up - one.up,
  down: (one, other) => other.down - one.down,
  client: (one, other) => compareTexts(one.client, other.client),
  user: (one, other) => compareTexts(ownerNameOf(one), ownerNameOf(other)),
};

/** Sessions without a name come last. */
function ownerNameOf({ user, userid }: SessionReport): string {
  return user ?? userid ?? '\u{10ffff}';
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
