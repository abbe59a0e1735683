// The page as it comes, before any script: the same numbers and sessions as tables. What clients have chosen is escaped.
import type { BanReport, DaemonStatus, SessionReport } from '../../control/controlanswer.ts';

/** What the page shows; its script asks for it again and again. */
export interface Picture {
  readonly status: DaemonStatus;
  /** Of the last seconds. */
  readonly rates: Readonly<Record<'up' | 'down' | 'accepted', number>>;
  readonly counts: {
    readonly configuredAt: string;
    readonly refused: readonly { readonly word: string; readonly count: number }[];
    readonly bans: readonly BanReport[];
  };
  readonly history: History;
  readonly matching: number;
  readonly sessions: readonly SessionReport[];
}

/** Of the last hour, one value for each time. */
export type History = Readonly<
  Record<'at' | 'sessions' | 'up' | 'down' | 'accepted' | 'refused', readonly number[]>
>;

/** Rows of a page without script. */
const MAX_ROWS = 200;

const SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => SIGNS[sign] ?? '');
}

const cell = (value: string | number | undefined): string => `<td>${escapeHtml(String(value ?? ''))}</td>`;
const row = (values: readonly (string | number | undefined)[]): string =>
  `<tr>${values.map(cell).join('')}</tr>`;

export function pageHtml({ status, counts, sessions, matching }: Picture): string {
  const { totals } = status;
  const facts: readonly (readonly [string, string | number, string])[] = [
    ['Sessions', status.live, `${status.handshakes} in the handshake`],
    ['Bytes', totals.bytesUp + totals.bytesDown, `${totals.bytesUp} up, ${totals.bytesDown} down`],
    ['Connections', totals.accepted, 'since the start'],
    ['Refused', totals.refused, `${totals.turnedAway} turned away`],
    ['Failed logins', totals.loginsFailed, `${status.bans} banned now`],
    [
      'Memory',
      status.memoryBytes ?? 'unknown',
      `${status.descriptors ?? '?'} of ${status.descriptorLimit ?? '?'} descriptors`,
    ],
  ];
  const boxes = facts.map(
    (lines) => `<div>${lines.map((line) => `<p>${escapeHtml(String(line))}</p>`).join('')}</div>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>picosocks5</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<noscript><meta http-equiv="refresh" content="10"></noscript>
<link rel="icon" href="data:,"><link rel="stylesheet" href="uplot.css"><link rel="stylesheet" href="page.css">
<script defer src="uplot.js"></script><script defer src="page.js"></script></head><body>
<h1>picosocks5</h1><p id="about">${escapeHtml(`${status.state}, ${status.release}, ${status.listen.join(' ')}; configuration of ${counts.configuredAt}`)}</p>
<p id="trouble" hidden>The daemon does not answer; the numbers are old.</p>
<div id="facts">${boxes.join('')}</div>
<div class="wide script"><section><h2>Sessions</h2><div id="plot-sessions"></div></section>
<section><h2>Bytes a second</h2><div id="plot-bytes"></div></section>
<section><h2>Connections and refusals a second</h2><div id="plot-accepted"></div></section></div>
<div class="wide">${list(
    'Refused and turned away',
    'causes',
    counts.refused.map(({ word, count }) => row([word, count])),
  )}
${list(
  'Ways through proxies',
  'ways',
  (status.ways ?? []).map(({ via, state, sessions: carried }) => row([via, state, carried])),
)}
${list(
  'Workers',
  'workers',
  (status.workers ?? []).map(({ worker, pid, live, memoryBytes }) =>
    row([`worker ${worker}`, pid === undefined ? 'being replaced' : `pid ${pid}`, live, memoryBytes]),
  ),
)}
${list(
  'Bans',
  'bans',
  counts.bans.map(({ kind, name, secondsLeft }) => row([kind, name, `${Math.round(secondsLeft)} s`])),
)}</div>
<section><h2>Live sessions</h2><input id="filter" class="script" type="search" placeholder="client, user or destination" aria-label="Filter">
<p id="shown">${Math.min(sessions.length, MAX_ROWS)} of ${matching} shown</p>
<div class="scroll"><table><thead><tr>${TITLES.map(title).join('')}</tr></thead><tbody id="rows">
${sessions.slice(0, MAX_ROWS).map(sessionRow).join('\n')}
</tbody></table></div></section></body></html>
`;
}

const TITLES = [
  ['id', '#'],
  ['client', 'client'],
  ['user', 'user'],
  ['command', 'command'],
  ['dest', 'destination'],
  ['seconds', 'age'],
  ['up', 'up'],
  ['down', 'down'],
] as const;

function title([key, name]: readonly [string, string]): string {
  return `<th data-key="${key}"><button type="button">${name}</button></th>`;
}

function list(name: string, id: string, rows: readonly string[]): string {
  const hidden = rows.length === 0 ? ' hidden' : '';
  return `<section${hidden}><h2>${name}</h2><div class="scroll"><table><tbody id="${id}">${rows.join('')}</tbody></table></div></section>`;
}

function sessionRow({ id, client, user, userid, command, dest, seconds, up, down }: SessionReport): string {
  const who = user ?? (userid === undefined ? undefined : `(${userid})`);
  return row([id, client, who, command, dest, `${Math.round(seconds)} s`, up, down]);
}
