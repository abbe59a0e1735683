// The printed report: medians of every figure, then each promise and whether it was kept.
import { FIGURES, type Figure, type FigureName } from './figures.ts';
import { GOALS, RIVALS, type Goal } from './goals.ts';
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

/** One table of medians: each peer, the best of all rivals and whose it is, and behind ours the ratios to it and to the floor. */
export function formatMedians(samples: Samples, peers: readonly Peer[]): string {
  const all = Object.keys(FIGURES) as FigureName[];
  const names = all.filter((figure) =>
    peers.some(({ name }) => medianOf(samples, name, figure) !== undefined),
  );
  const [others, ours] = [peers.filter((peer) => !isOurs(peer)), peers.filter(isOurs)];
  const head = ['median', ...others.map(({ name }) => name), RIVALS, ...ours.map(({ name }) => name)];
  const rows = names.map((name) => [
    `${FIGURES[name].label}${FIGURES[name].unit === '' ? '' : `, ${FIGURES[name].unit}`}`,
    ...others.map((peer) => formatValue(medianOf(samples, peer.name, name), name)),
    formatBest(samples, peers, name),
    ...ours.map((peer) => formatOurs(samples, peers, peer, name)),
  ]);
  const legend = 'Behind ours: x the best of all rivals, x the floor.';
  return `${formatTable([head, ...rows])}\n${legend}`;
}

/** Each goal for each build of this daemon as it is meant to run. */
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
    goal.against === undefined ? '' : `against ${goal.against}`,
    `${goal.bound} ${goal.limit}`,
    value === undefined ? '-' : value.toFixed(goal.against === undefined ? 2 : 3),
    outcome,
  ]);
  return formatTable([['peer', 'figure', '', 'promised', 'measured', ''], ...rows]);
}

function goalValue(samples: Samples, peers: readonly Peer[], peer: string, goal: Goal): number | undefined {
  const own = medianOf(samples, peer, goal.figure);
  if (goal.against === undefined || own === undefined) return own;
  const base =
    goal.against === RIVALS
      ? bestOf(samples, rivalsOf(peers), goal.figure)?.value
      : medianOf(samples, goal.against, goal.figure);
  return ratio(own, base);
}

function outcomeOf({ figure, bound, limit }: Goal, value: number | undefined): Verdict['outcome'] {
  if (value === undefined) return 'not measured';
  if (bound === 'at most' ? value <= limit : value >= limit) return 'reached';
  const capped = figure === 'heldSessions' && value === sessionsPossible(limit);
  return capped ? 'all that descriptors allow here' : 'MISSED';
}

function formatValue(value: number | undefined, name: FigureName): string {
  const figure: Figure = FIGURES[name];
  return value === undefined ? '-' : value.toFixed(figure.digits);
}

function formatBest(samples: Samples, peers: readonly Peer[], name: FigureName): string {
  const best = bestOf(samples, rivalsOf(peers), name);
  return best === undefined ? '-' : `${formatValue(best.value, name)} ${best.peer}`;
}

function formatOurs(samples: Samples, peers: readonly Peer[], peer: Peer, name: FigureName): string {
  const own = medianOf(samples, peer.name, name);
  if (own === undefined) return '-';
  const bases = [bestOf(samples, rivalsOf(peers), name)?.value, medianOf(samples, 'floor', name)];
  const ratios = bases.map((base) => ratio(own, base)?.toFixed(2) ?? '-');
  return `${formatValue(own, name)} (${ratios.join(', ')})`;
}

function ratio(own: number, base: number | undefined): number | undefined {
  return base === undefined || base === 0 ? undefined : own / base;
}

function isOurs({ role }: Peer): boolean {
  return role === 'product' || role === 'fallback';
}

function rivalsOf(peers: readonly Peer[]): string[] {
  return peers.filter(({ role }) => role === 'rival').map(({ name }) => name);
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
