// The charts of the last runs, out of their numbers in bench/results; scripts/render.ts draws them anew, or says that one is another.
import { readFileSync } from 'node:fs';
import { captionOf, drawChart } from './chart.ts';
import type { FigureName } from './figures.ts';
import type { Machine } from './machine.ts';
import { PEERS } from './peers.ts';
import type { Samples } from './samples.ts';

interface Results {
  readonly date: string;
  readonly rounds: number;
  readonly machine: Machine;
  readonly samples: Readonly<Record<string, Partial<Record<FigureName, number[]>>>>;
}

export const CHARTS = ['latest', 'udp'].map((name) => ({
  path: `bench/results/${name}.svg`,
  render: () => chartOf(new URL(`results/${name}.json`, import.meta.url)),
}));

/** A server that is none of the standard field was named by --peer. */
function chartOf(file: URL): string {
  const { date, rounds, machine, samples } = JSON.parse(readFileSync(file, 'utf8')) as Results;
  const measured: Samples = new Map(Object.entries(samples));
  const peers = [...measured.keys()].map((name) => ({
    name,
    role: PEERS.find((peer) => peer.name === name)?.role ?? 'rival',
  }));
  return drawChart(measured, peers, captionOf(machine, rounds, date));
}
