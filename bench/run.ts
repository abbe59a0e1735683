// `make bench`: measures every peer in turn, prints medians and promises, writes bench/results/latest.{json,svg}, or
// {TEXT}.{json,svg} for the steps of --workload TEXT.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measuredAmounts } from './amounts.ts';
import type { Bench, PlannedStep } from './bench.ts';
import { startTarget } from './load.ts';
import { parsePeer, PEERS, type Peer } from './peers.ts';
import { planRun } from './plan.ts';
import { formatMinutes, secondsLeft } from './progress.ts';
import { publish } from './publish.ts';

const HELP = `Usage: tsx bench/run.ts [--quick] [--rounds N] [--only NAME,NAME] [--workload TEXT] [--peer NAME=COMMAND]... [--out FOLDER]
  --quick    2 rounds of less work: a look, not a result
  --rounds   interleaved rounds, default 5
  --only     these peers only
  --workload the steps with TEXT in their name, like UDP, bulk, cold or TLS, and nothing else
  --peer     one more server, or another command for a known one; {port} in it becomes the port. It is a rival, or with a
             name that begins with picosocks5 a build of ours. NAME:udp=COMMAND has UDP ASSOCIATE; NAME@VERSION=COMMAND says
             its version
  --out      where the results go, default bench/results
`;
/** What one measurement is meant to take. */
const SECONDS = { full: 1, quick: 0.4 } as const;

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
  const notes: string[] = [];
  const bench: Bench = {
    target: await startTarget(),
    folder,
    amounts: measuredAmounts(values.quick ? SECONDS.quick : SECONDS.full),
    workload: values.workload,
    startable: [],
    samples: new Map(),
    note: (text) => {
      notes.push(text);
      process.stderr.write(`! ${text}\n`);
    },
  };
  try {
    await take(planRun(bench, wanted, rounds));
    if (bench.startable.length === 0) {
      throw new Error('no peer can be started: build with `make`, see the lines above');
    }
    publish(bench, { rounds, notes, out: values.out });
  } finally {
    await bench.target.stop();
  }
}

/** One step after the other; says how long all of them will take, and before each how long the rest will. */
async function take(steps: readonly PlannedStep[]): Promise<void> {
  const taken: number[] = [];
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  say(`${steps.length} steps, about ${formatMinutes(secondsLeft(steps, taken))}`);
  for (const [at, step] of steps.entries()) {
    const left = formatMinutes(secondsLeft(steps, taken));
    say(`${`${at + 1}`.padStart(4)} of ${steps.length}, ${left} left: ${step.title}`);
    const started = performance.now();
    await step.run();
    taken.push((performance.now() - started) / 1000);
  }
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
    throw new Error(`--rounds ${text}: write 1 to 100`);
  return rounds;
}

/** The standard field with the named peers replaced or added, cut down to `only`; ours stay the last columns. */
function choosePeers(named: readonly Peer[], only: readonly string[] | undefined): Peer[] {
  const field = new Map([...PEERS, ...named].map((peer) => [peer.name, peer]));
  const unknown = only?.find((name) => !field.has(name));
  if (unknown !== undefined)
    throw new Error(`--only ${unknown}: known peers are ${[...field.keys()].join(', ')}`);
  const order: readonly Peer['role'][] = ['yardstick', 'rival', 'fallback', 'product'];
  return [...field.values()]
    .filter((peer) => only === undefined || only.includes(peer.name))
    .toSorted((one, other) => order.indexOf(one.role) - order.indexOf(other.role));
}
