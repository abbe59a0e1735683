// A whole run: rounds of decoders and sieges, over each transport in turn, until the time is up or something is found.
import { tryDecoder } from './decoders.ts';
import type { Finding } from './finding.ts';
import { MemoryWatch } from './memory.ts';
import { minimise } from './minimise.ts';
import { makeScript } from './mutate.ts';
import { Random } from './random.ts';
import type { Script } from './script.ts';
import { siege, type Patience } from './siege.ts';
import { Tally } from './tally.ts';

export interface Plan {
  readonly seed: number;
  readonly seconds: number;
  readonly transports: readonly string[];
  readonly corpus: readonly Script[];
  /** Hears now and then how far it is. */
  readonly onProgress: (line: string) => void;
}

export interface Result {
  readonly tally: Tally;
  readonly finding: Finding | undefined;
}

const ROUND_MS = 10_000;
/** So many rounds at least, so that a short run visits each transport twice. */
const LEAST_ROUNDS = 2;
/** Part of a round that decoders get. */
const DECODER_SHARE = 0.1;
const DECODER_BATCH = 500;
const MINIMISE_LIMIT_MS = 120_000;

/** The limits of the house are below 2 s each; the rest is room for a busy machine. */
const PATIENCE: Patience = { sessionMs: 20_000, settleMs: 5000 };
/** There are many tries. */
const LESS_PATIENCE: Patience = { sessionMs: 6000, settleMs: 2000 };

/** Streams of one seed: scripts take the even ones, decoders the odd ones. */
interface Streams {
  nextScript: number;
  nextDecoder: number;
}

export async function fuzz(plan: Plan): Promise<Result> {
  const { transports, seconds, onProgress } = plan;
  const tally = new Tally();
  const streams: Streams = { nextScript: 0, nextDecoder: 1 };
  const memory = new MemoryWatch();
  const end = performance.now() + seconds * 1000;
  const roundMs = Math.min(ROUND_MS, (seconds * 1000) / (LEAST_ROUNDS * transports.length));
  for (let round = 0; performance.now() < end; round++) {
    const transport = transports[round % transports.length]!;
    const roundEnd = Math.min(end, performance.now() + roundMs);
    const finding = (await playRound(plan, transport, streams, tally, roundEnd)) ?? memory.finding(transport);
    if (finding !== undefined) {
      onProgress(`${finding.kind}: ${finding.what}`);
      return { tally, finding: await minimised(finding) };
    }
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    onProgress(`${left} s left, ${tally.sessions} sessions`);
  }
  return { tally, finding: undefined };
}

/** Plays one script again and says what comes of it. */
export async function replay(script: Script, transports: readonly string[]): Promise<Result> {
  const tally = new Tally();
  for (const transport of transports) {
    const finding = await siege(transport, [script].values(), tally, PATIENCE);
    if (finding !== undefined) return { tally, finding };
  }
  return { tally, finding: undefined };
}

async function playRound(
  { seed, corpus }: Plan,
  transport: string,
  streams: Streams,
  tally: Tally,
  endMs: number,
): Promise<Finding | undefined> {
  const decodersEnd = performance.now() + (endMs - performance.now()) * DECODER_SHARE;
  while (performance.now() < decodersEnd) {
    for (let call = 0; call < DECODER_BATCH; call++) {
      const what = tryDecoder(new Random(seed, streams.nextDecoder), corpus);
      streams.nextDecoder += 2;
      tally.decoded += 1;
      if (what !== undefined) return { kind: 'decoder', what, transport: 'none', suspects: [] };
    }
  }
  return siege(transport, scripts(seed, corpus, streams, endMs), tally, PATIENCE);
}

function* scripts(
  seed: number,
  corpus: readonly Script[],
  streams: Streams,
  endMs: number,
): Generator<Script> {
  while (performance.now() < endMs) {
    yield makeScript(new Random(seed, streams.nextScript), corpus);
    streams.nextScript += 2;
  }
}

/** With the fewest and shortest scripts that show it. */
async function minimised(finding: Finding): Promise<Finding> {
  const shows = async (scripts: readonly Script[]) => {
    const again = await siege(finding.transport, scripts.values(), new Tally(), LESS_PATIENCE);
    return again?.kind === finding.kind;
  };
  return { ...finding, suspects: await minimise(finding.suspects, shows, MINIMISE_LIMIT_MS) };
}
