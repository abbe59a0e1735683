// Answers of all members of a fleet in words.
import type { AnswerTo, DaemonStatus, SessionReport } from '../control/controlanswer.ts';
import type { FleetAnswer } from '../control/fleetanswer.ts';
import { formatBytes, formatTime } from './drawing/amount.ts';
import { STATUS, type Pis5ctlStatus } from './failure.ts';
import { exitStatusOf, showAnswer, type Success } from './show.ts';
import { formatTable, shown, type Columns } from './drawing/table.ts';

/** A member, and its answer where it could do what was asked. */
interface Told {
  readonly member: string;
  readonly answer: Success;
}

/** Lines for people. */
export function showFleetAnswer(answer: FleetAnswer): readonly string[] {
  const told = toldBy(answer);
  switch (answer.command) {
    case 'status':
      return statusTable(told, answer.missing);
    case 'sessions':
      return [...sessionTable(told), ...missingLines(answer)];
    case 'kick':
      return [kicked(told), ...missingLines(answer)];
    case 'ban':
    case 'unban':
    case 'forget':
    case 'bans':
    case 'reload':
    case 'drain':
    case 'loglevel':
      return [...told.flatMap(eachMember), ...missingLines(answer)];
  }
}

/** NOT_DONE where nothing came of it at any member, or one has not answered. */
export function fleetStatusOf(answer: FleetAnswer): Pis5ctlStatus {
  if (answer.missing.length > 0) return STATUS.NOT_DONE;
  const isDone = toldBy(answer).some((each) => exitStatusOf(each.answer) === STATUS.OK);
  return isDone ? STATUS.OK : STATUS.NOT_DONE;
}

function toldBy({ fleet }: FleetAnswer): readonly Told[] {
  return fleet.flatMap(({ member, answer }) => (answer.ok ? [{ member, answer }] : []));
}

function eachMember({ member, answer }: Told): readonly string[] {
  return showAnswer(answer).map((line) => `${shown(member)}: ${line}`);
}

/** Bans and what auth-once remembers reach them later; what is asked about sessions does not. */
function missingLines({ command, missing }: FleetAnswer): readonly string[] {
  if (missing.length === 0) return [];
  const names = missing.map(shown).join(', ');
  const isKept = command === 'ban' || command === 'unban' || command === 'forget';
  return [
    isKept ? `no answer from ${names}, which learns it when it is back` : `no answer from ${names} (2 s)`,
  ];
}

interface Line {
  readonly member: string;
  readonly status: DaemonStatus | undefined;
  readonly isOdd: boolean;
}

const STATUS_COLUMNS: Columns<Line> = [
  { title: 'MEMBER', align: 'left', cell: ({ member }) => shown(member) },
  {
    title: 'STATE',
    align: 'left',
    cell: ({ status }) => (status === undefined ? 'missing' : shown(status.state)),
  },
  { title: 'SESSIONS', align: 'right', cell: ({ status }) => String(status?.live ?? '-') },
  {
    title: 'UP',
    align: 'right',
    cell: ({ status }) => (status === undefined ? '-' : formatTime(status.uptimeSeconds)),
  },
  { title: 'RELEASE', align: 'left', cell: ({ status }) => shown(status?.release ?? '-') },
  {
    title: 'CONFIG',
    align: 'left',
    cell: ({ status, isOdd }) => `${shown(status?.configVersion ?? '-')}${isOdd ? ' !' : ''}`,
  },
  { title: 'STORE', align: 'left', cell: ({ status }) => shown(status?.fleet?.state ?? '-') },
];

function statusTable(told: readonly Told[], missing: readonly string[]): readonly string[] {
  const known = told.flatMap(({ member, answer }) =>
    answer.command === 'status' ? [{ member, status: answer.status }] : [],
  );
  const versions = known.map(({ status }) => status.configVersion);
  const usual = mostOf(versions);
  const lines: Line[] = [
    ...known.map((each) => ({ ...each, isOdd: each.status.configVersion !== usual })),
    ...missing.map((member) => ({ member, status: undefined, isOdd: false })),
  ];
  return formatTable(
    STATUS_COLUMNS,
    lines.sort((one, other) => (one.member < other.member ? -1 : 1)),
  );
}

/** What most have; of as many, the first. */
function mostOf(versions: readonly (string | undefined)[]): string | undefined {
  const countOf = (version: string | undefined): number => versions.filter((each) => each === version).length;
  return versions.reduce((best, each) => (countOf(each) > countOf(best) ? each : best), versions[0]);
}

type PlacedSession = SessionReport & { readonly member: string };

const SESSION_COLUMNS: Columns<PlacedSession> = [
  { title: 'MEMBER', align: 'left', cell: ({ member }) => shown(member) },
  { title: 'ID', align: 'right', cell: ({ id }) => String(id) },
  { title: 'CLIENT', align: 'left', cell: ({ client }) => shown(client) },
  { title: 'USER', align: 'left', cell: ({ user }) => shown(user ?? '-') },
  { title: 'CMD', align: 'left', cell: ({ command }) => shown(command ?? '-') },
  { title: 'AGE', align: 'right', cell: ({ seconds }) => formatTime(seconds) },
  { title: 'UP', align: 'right', cell: ({ up }) => formatBytes(up) },
  { title: 'DOWN', align: 'right', cell: ({ down }) => formatBytes(down) },
  { title: 'DESTINATION', align: 'left', cell: ({ dest }) => shown(dest ?? '-') },
];

function sessionTable(told: readonly Told[]): readonly string[] {
  const lists = told.flatMap(({ member, answer }) =>
    answer.command === 'sessions' ? [{ member, answer }] : [],
  );
  const sessions = lists.flatMap(({ member, answer }) =>
    answer.sessions.map((each) => ({ ...each, member })),
  );
  const left = lists.reduce((sum, { answer }) => sum + leftOut(answer), 0);
  const table = formatTable(SESSION_COLUMNS, sessions);
  return left === 0 ? table : [...table, `and ${left} more (--limit N, at most 1000 of each member)`];
}

function leftOut({ matching, sessions }: AnswerTo<'sessions'>): number {
  return matching - sessions.length;
}

function kicked(told: readonly Told[]): string {
  const counts = told.flatMap(({ member, answer }) =>
    answer.command === 'kick' && answer.kicked > 0 ? [{ member, kicked: answer.kicked }] : [],
  );
  const sum = counts.reduce((all, each) => all + each.kicked, 0);
  if (sum === 0) return 'no such session';
  return `ended ${sum === 1 ? 'one session' : `${sum} sessions`} at ${counts.map(({ member }) => shown(member)).join(', ')}`;
}
