// `make bench`: measures every peer in turn, prints medians and promises, writes bench/results/latest.{json,svg}, or
// {TEXT}.{json,svg} for the workloads of --workload TEXT.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawChart } from './chart.ts';
import { startTarget } from './load.ts';
import { describeMachine, type Machine } from './machine.ts';
import { parsePeer, PEERS, type Peer } from './peers.ts';
import { formatMedians, formatVerdicts, judge } from './report.ts';
import { measureOnce, runRound, startablePeers, type Bench } from './rounds.ts';
import { FULL, QUICK } from './workloads.ts';

const HELP = `Usage: tsx bench/run.ts [--quick] [--rounds N] [--only NAME,NAME] [--workload TEXT] [--peer NAME=COMMAND]... [--out FOLDER]
  --quick    2 rounds of less work: a look, not a result
  --rounds   interleaved rounds, default 5
  --only     these peers only
  --workload those with TEXT in their name, like UDP or bulk, and nothing else
  --peer     one more server, or another command for a known one; {port} in it becomes the port
  --out      where the results go, default bench/results
`;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      workload: { type: 'string' },
      peer: { type: 'string', multiple: true, default: [] },
      out: { type: 'string', default: 'bench/results' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  if (!existsSync('build/bench/load')) {
    throw new Error('build/bench/load is missing: run `make bench`, which builds it, in the top folder');
  }
  const rounds = readRounds(values.rounds ?? (values.quick ? '2' : '5'));
  const wanted = choosePeers(values.peer.map(parsePeer), values.only?.split(','));
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const target = await startTarget();
  const notes: string[] = [];
  const bench: Bench = {
    target,
    folder,
    sizes: values.quick ? QUICK : FULL,
    workload: values.workload,
    samples: new Map(),
    note: (text) => {
      notes.push(text);
      process.stderr.write(`! ${text}\n`);
    },
    progress: (text) => void process.stderr.write(`  ${text}\n`),
  };
  try {
    const peers = await startablePeers(bench, wanted);
    if (peers.length === 0) throw new Error('no peer can be started: build with `make`, see the lines above');
    for (let round = 0; round < rounds; round++) await runRound(bench, peers, round);
    if (values.workload === undefined) await measureOnce(bench, peers);
    publish(bench, peers, { rounds, notes, out: values.out });
  } finally {
    await target.stop();
  }
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
    throw new Error(`--rounds ${text}: write 1 to 100`);
  return rounds;
}

/** The standard field with the named peers replaced or added, cut down to `only`. */
function choosePeers(named: readonly Peer[], only: readonly string[] | undefined): Peer[] {
  const field = new Map([...PEERS, ...named].map((peer) => [peer.name, peer]));
  const unknown = only?.find((name) => !field.has(name));
  if (unknown !== undefined)
    throw new Error(`--only ${unknown}: known peers are ${[...field.keys()].join(', ')}`);
  return [...field.values()].filter((peer) => only === undefined || only.includes(peer.name));
}

function publish(
  bench: Bench,
  peers: readonly Peer[],
  run: { readonly rounds: number; readonly notes: readonly string[]; readonly out: string },
): void {
  const machine = describeMachine();
  const date = new Date().toISOString();
  const verdicts = judge(bench.samples, peers);
  const results = { date, machine, rounds: run.rounds, sizes: bench.sizes, notes: run.notes, verdicts };
  const samples = Object.fromEntries(bench.samples);
  const name = bench.workload?.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-') ?? 'latest';
  const json = join(run.out, `${name}.json`);
  mkdirSync(dirname(json), { recursive: true });
  writeFileSync(json, `${JSON.stringify({ ...results, samples }, undefined, 2)}\n`);
  writeFileSync(
    join(run.out, `${name}.svg`),
    drawChart(bench.samples, peers, caption(machine, run.rounds, date)),
  );
  process.stdout.write(`${caption(machine, run.rounds, date)}\n\n${formatMedians(bench.samples, peers)}\n\n`);
  if (verdicts.length > 0 && bench.workload === undefined)
    process.stdout.write(`${formatVerdicts(verdicts)}\n\n`);
  for (const note of run.notes) process.stdout.write(`! ${note}\n`);
  process.stdout.write(`written: ${json}, and its chart beside it\n`);
}

function caption(machine: Machine, rounds: number, date: string): string {
  const hardware = `${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.versions['node'] ?? ''}`;
  return `${hardware}; ${rounds === 1 ? 'one round' : `medians of ${rounds} rounds`}; ${date.slice(0, 10)}`;
}
