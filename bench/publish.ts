// What a run leaves: the report on standard output, every number as JSON, and the chart beside it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bench } from './bench.ts';
import { captionOf, drawChart } from './chart.ts';
import { describeMachine } from './machine.ts';
import { formatMedians, formatVerdicts, judge } from './report.ts';

export interface Run {
  readonly rounds: number;
  readonly notes: readonly string[];
  /** Folder of the results. */
  readonly out: string;
}

export function publish(bench: Bench, { rounds, notes, out }: Run): void {
  const { samples, startable: peers, workload } = bench;
  const machine = describeMachine(peers);
  const date = new Date().toISOString();
  const caption = captionOf(machine, rounds, date);
  const verdicts = judge(samples, peers);
  const seconds = bench.amounts.seconds;
  const results = { date, machine, rounds, secondsOfEach: seconds, notes, verdicts };
  const name =
    workload
      ?.toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '') ?? 'latest';
  const json = join(out, `${name}.json`);
  mkdirSync(dirname(json), { recursive: true });
  writeFileSync(
    json,
    `${JSON.stringify({ ...results, samples: Object.fromEntries(samples) }, undefined, 2)}\n`,
  );
  writeFileSync(join(out, `${name}.svg`), drawChart(samples, peers, caption));
  process.stdout.write(`${caption}\n\n${formatMedians(samples, peers)}\n\n`);
  const shown = workload === undefined ? verdicts : verdicts.filter(({ value }) => value !== undefined);
  if (shown.length > 0) process.stdout.write(`${formatVerdicts(shown)}\n\n`);
  for (const note of notes) process.stdout.write(`! ${note}\n`);
  process.stdout.write(`written: ${json}, and its chart beside it\n`);
}
