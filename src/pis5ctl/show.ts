// Answers of a daemon in words, and what they mean for the exit status.
import type { AnswerTo, ControlAnswer, ReloadReport, DaemonStatus } from '../control/controlanswer.ts';
import type { FleetStatus } from '../control/fleetstatus.ts';
import type { WorkerStatus } from '../control/workerstatus.ts';
import { formatBytes, formatMemory, formatTime } from './drawing/amount.ts';
import { STATUS, type Pis5ctlStatus } from './failure.ts';
import { formatSessions } from './sessiontable.ts';
import { formatTable, shown, type Columns } from './drawing/table.ts';
import { formatSources, formatWays } from './statustables.ts';

export type Success = Extract<ControlAnswer, { ok: true }>;

/** Lines for people. */
export function showAnswer(answer: Success): readonly string[] {
  switch (answer.command) {
    case 'status':
      return showStatus(answer.status);
    case 'sessions':
      return showSessions(answer);
    case 'kick':
      return [answer.kicked === 0 ? 'no such session' : `ended ${countOf(answer.kicked, 'session')}`];
    case 'ban':
      return showBan(answer);
    case 'unban':
      return showUnban(answer);
    case 'forget':
      return [`${shown(answer.name)} ${answer.known ? 'has to log in again' : 'was not known to auth-once'}`];
    case 'bans':
      return answer.bans.length === 0 ? ['nobody is banned'] : formatTable(BAN_COLUMNS, answer.bans);
    case 'reload':
      return showReload(answer.reload);
    case 'drain':
      return [showDrain(answer)];
    case 'loglevel':
      return [`the log level is ${shown(answer.level)} until the next reload`];
  }
}

function showDrain({ announce, sessions, seconds }: AnswerTo<'drain'>): string {
  const left = countOf(sessions, 'session');
  return announce === undefined
    ? `draining: ${left} left, cut after ${formatTime(seconds)}`
    : `announced: it drains in ${formatTime(announce)}, and serves until then; ${left} now`;
}

function showWorker({ worker, pid, live, memoryBytes }: WorkerStatus): readonly [string, string] {
  const what =
    pid === undefined
      ? 'is being replaced, or has not answered'
      : `pid ${pid}, ${countOf(live, 'session')}, ${formatMemory(memoryBytes)}`;
  return [`worker ${worker}`, what];
}

function showFleet({ fleet, member, state, seconds, why, store, members, lagMs }: FleetStatus): string {
  const who = `${shown(fleet)}, as ${shown(member)}, at ${shown(store)}: `;
  if (state !== 'joined')
    return `${who}ALONE for ${formatTime(seconds)} (${shown(state)}${why === undefined ? '' : `: ${oneLine(why)}`})`;
  const lag = lagMs === undefined ? '' : `; heard by the others within ${Math.ceil(lagMs)} ms`;
  return `${who}joined for ${formatTime(seconds)}; ${members.map(shown).join(' ')}${lag}`;
}

/** NOT_DONE where nothing came of it. */
export function exitStatusOf(answer: Success): Pis5ctlStatus {
  return isDone(answer) ? STATUS.OK : STATUS.NOT_DONE;
}

function isDone(answer: Success): boolean {
  switch (answer.command) {
    case 'kick':
      return answer.kicked > 0;
    case 'ban':
      return !answer.exempt;
    case 'unban':
      return answer.unbanned;
    case 'forget':
      return answer.known;
    case 'reload':
      return answer.reload.reloaded;
    case 'status':
    case 'sessions':
    case 'bans':
    case 'drain':
    case 'loglevel':
      return true;
  }
}

function showStatus(status: DaemonStatus): readonly string[] {
  const { commands, totals, descriptors, descriptorLimit, lastReload, stateFailure, ways } = status;
  const rows: readonly (readonly [string, string])[] = [
    ['version', `picosocks5 ${shown(status.release)}, pid ${status.pid}`],
    ['state', `${shown(status.state)} for ${formatTime(status.uptimeSeconds)}`],
    ['transport', shown(status.transport)],
    ['account', oneLine(status.account)],
    ['listening on', status.listen.map(shown).join(' ') || 'nothing'],
    [
      'sessions',
      `${status.live} live (${commands.connect} connect, ${commands.bind} bind, ${commands.assoc} assoc, ` +
        `${commands.resolve} resolve); ${status.handshakes} in the handshake`,
    ],
    [
      'since the start',
      `${totals.accepted} accepted, ${totals.ended} ended, ${totals.refused} refused, ` +
        `${totals.turnedAway} turned away, ${totals.loginsFailed} failed logins`,
    ],
    ['bytes', `${formatBytes(totals.bytesUp)} up, ${formatBytes(totals.bytesDown)} down`],
    ['memory', formatMemory(status.memoryBytes)],
    ['descriptors', `${descriptors ?? 'unknown'} of ${descriptorLimit ?? 'any number'}`],
    ...(status.workers ?? []).map(showWorker),
    ...(status.fleet === undefined ? [] : [['fleet', showFleet(status.fleet)] as const]),
    ...(status.configVersion === undefined
      ? []
      : [['configuration', oneLine(status.configVersion)] as const]),
    ['users', String(status.users)],
    ['bans', String(status.bans)],
    ['log level', shown(status.logLevel)],
    ...(stateFailure === undefined ? [] : [['state file', `NOT KEPT: ${oneLine(stateFailure)}`] as const]),
    ['last reload', lastReload === undefined ? 'none' : outcomeOf(lastReload)],
  ];
  const lines = rows.map(([name, text]) => `${`${name}:`.padEnd(17)}${text}`);
  return [
    ...lines,
    ...(ways === undefined ? [] : ['', ...formatWays(ways)]),
    ...(status.sources === undefined ? [] : ['', ...formatSources(status.sources)]),
  ];
}

function outcomeOf({ at, reloaded, problems }: ReloadReport): string {
  if (reloaded)
    return `${shown(at)}, done${problems.length === 0 ? '' : `, ${countOf(problems.length, 'warning')}`}`;
  return `${shown(at)}, FAILED: ${oneLine(problems.at(-1) ?? '')}`;
}

function showSessions({ matching, sessions }: AnswerTo<'sessions'>): readonly string[] {
  const left = matching - sessions.length;
  return left === 0
    ? formatSessions(sessions)
    : [...formatSessions(sessions), `and ${left} more (--limit N)`];
}

function showBan({ name, seconds, live, exempt, spared = [] }: AnswerTo<'ban'>): readonly string[] {
  const banned = `${shown(name)} is banned for ${formatTime(seconds)}`;
  if (exempt) return [`${banned}, without effect: ban-allow lists the address and lets it in all the same`];
  const told =
    spared.length === 0 ? [banned] : [banned, `but ban-allow lets in ${spared.map(shown).join(', ')}`];
  if (live === 0) return told;
  return [
    ...told,
    `it still has ${countOf(live, 'session')}: "pis5ctl kick client=${shown(name)}" ends them`,
  ];
}

function showUnban(answer: AnswerTo<'unban'>): readonly string[] {
  const said = `${bannedNameOf(answer)} ${answer.unbanned ? 'is banned no longer' : 'was not banned'}`;
  const { within = [] } = answer;
  if (within.length === 0) return [said];
  return [`${said} by itself, but is kept out as a part of ${within.map(shown).join(', ')}`];
}

const BAN_COLUMNS: Columns<AnswerTo<'bans'>['bans'][number]> = [
  { title: 'BANNED', align: 'left', cell: bannedNameOf },
  { title: 'STILL FOR', align: 'right', cell: ({ secondsLeft }) => formatTime(secondsLeft) },
];

/** As unban takes it. */
function bannedNameOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return kind === 'user' ? `user=${shown(name)}` : shown(name);
}

function showReload({ reloaded, problems, recheck }: ReloadReport): readonly string[] {
  const rechecked =
    recheck === undefined
      ? ''
      : `; ${countOf(recheck.refused, 'live session')} refused now: ${oneLine(recheck.what)}`;
  return [...problems.map(oneLine), reloaded ? `reloaded${rechecked}` : 'not reloaded'];
}

/** Removes control characters: a sentence of the daemon may quote a file, and the terminal must not obey it. */
function oneLine(sentence: string): string {
  return sentence.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ');
}

function countOf(number: number, what: string): string {
  return number === 1 ? `one ${what}` : `${number} ${what}s`;
}
