// What was measured: one list of numbers per peer and figure, and what stands for the list.
import { FIGURES, type FigureName } from './figures.ts';

/** Figures of one measurement. */
export type Readings = Partial<Record<FigureName, number>>;

/** Peer name -> figure -> one number per round. */
export type Samples = Map<string, Partial<Record<FigureName, number[]>>>;

export function addReadings(samples: Samples, peer: string, readings: Readings): void {
  const ofPeer = samples.get(peer) ?? {};
  samples.set(peer, ofPeer);
  for (const [name, value] of Object.entries(readings)) (ofPeer[name as FigureName] ??= []).push(value);
}

/** The median over the rounds; undefined where nothing was measured. */
export function medianOf(samples: Samples, peer: string, figure: FigureName): number | undefined {
  const values = samples.get(peer)?.[figure];
  if (values === undefined || values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The peer with the best median, by the figure's own idea of better; undefined where none has any. */
export function bestOf(
  samples: Samples,
  peers: readonly string[],
  figure: FigureName,
): { readonly peer: string; readonly value: number } | undefined {
  const medians = peers.flatMap((peer) => {
    const value = medianOf(samples, peer, figure);
    return value === undefined ? [] : [{ peer, value }];
  });
  const sign = FIGURES[figure].better === 'lower' ? 1 : -1;
  return medians.toSorted((one, other) => sign * (one.value - other.value))[0];
}
