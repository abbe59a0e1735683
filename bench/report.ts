// The printed report: medians of every figure, then each promise and whether it was kept.
import { FIGURES, GOALS, type Figure, type FigureName, type Goal } from './figures.ts';
import type { Peer } from './peers.ts';
import { bestOf, medianOf, type Samples } from './samples.ts';
import { sessionsPossible } from './standing.ts';

export interface Verdict {
  readonly peer: string;
  readonly goal: Goal;
  /** The figure, or its ratio to what it is measured against; undefined when one of them is missing. */
  readonly value: number | undefined;
  readonly outcome: 'reached' | 'MISSED' | 'all that descriptors allow here' | 'not measured';
}

/** One table of medians, with the ratio of each peer to the better rival and to the floor behind the number. */
export function formatMedians(samples: Samples, peers: readonly Peer[]): string {
  const all = Object.keys(FIGURES) as FigureName[];
  const names = all.filter((figure) =>
    peers.some(({ name }) => medianOf(samples, name, figure) !== undefined),
  );
  const rows = names.map((name) => [
    `${FIGURES[name].label}${FIGURES[name].unit === '' ? '' : `, ${FIGURES[name].unit}`}`,
    ...peers.map((peer) => formatCell(samples, peers, peer, name)),
  ]);
  return formatTable([['median (x better rival, x floor)', ...peers.map((peer) => peer.name)], ...rows]);
}

/** Each goal for each product peer. */
export function judge(samples: Samples, peers: readonly Peer[]): Verdict[] {
  const products = peers.filter((peer) => peer.role === 'product');
  return products.flatMap((peer) =>
    GOALS.map((goal) => {
      const value = goalValue(samples, peers, peer.name, goal);
      return { peer: peer.name, goal, value, outcome: outcomeOf(goal, value) };
    }),
  );
}

export function formatVerdicts(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ peer, goal, value, outcome }) => [
    peer,
    FIGURES[goal.figure].label,
    goal.against === undefined ? '' : `against ${goal.against === 'rivals' ? 'better rival' : 'floor'}`,
    `${goal.bound} ${goal.limit}`,
    value === undefined ? '-' : value.toFixed(goal.against === undefined ? 2 : 3),
    outcome,
  ]);
  return formatTable([['peer', 'figure', '', 'promised', 'measured', ''], ...rows]);
}

function goalValue(samples: Samples, peers: readonly Peer[], peer: string, goal: Goal): number | undefined {
  const own = medianOf(samples, peer, goal.figure);
  if (goal.against === undefined || own === undefined) return own;
  const base = bestOf(samples, namesOf(peers, goal.against === 'rivals' ? 'rival' : 'floor'), goal.figure);
  return base === undefined ? undefined : own / base;
}

function outcomeOf({ figure, bound, limit }: Goal, value: number | undefined): Verdict['outcome'] {
  if (value === undefined) return 'not measured';
  if (bound === 'at most' ? value <= limit : value >= limit) return 'reached';
  const capped = figure === 'heldSessions' && value === sessionsPossible(limit);
  return capped ? 'all that descriptors allow here' : 'MISSED';
}

function formatCell(samples: Samples, peers: readonly Peer[], peer: Peer, name: FigureName): string {
  const own = medianOf(samples, peer.name, name);
  if (own === undefined) return '-';
  const figure: Figure = FIGURES[name];
  const ratios = (['rival', 'floor'] as const).map((role) => {
    const base = bestOf(samples, namesOf(peers, role), name);
    return base === undefined || base === 0 ? '-' : (own / base).toFixed(2);
  });
  return `${own.toFixed(figure.digits)} (${ratios.join(', ')})`;
}

function namesOf(peers: readonly Peer[], role: Peer['role']): string[] {
  return peers.filter((peer) => peer.role === role).map((peer) => peer.name);
}

/** Columns as wide as they must be; the first is flush left. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '),
    )
    .join('\n');
}
