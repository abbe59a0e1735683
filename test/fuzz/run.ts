// A whole run: rounds of decoders and sieges, over each transport in turn, until the time is up or something is found.
import { tryDecoder } from './decoders.ts';
import type { Finding } from './finding.ts';
import { measureMemory } from './level.ts';
import { minimise } from './minimise.ts';
import { makeScript } from './mutate.ts';
import { Random } from './random.ts';
import type { Script } from './script.ts';
import { siege } from './siege.ts';
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
  readonly findings: readonly Finding[];
}

const ROUND_MS = 10_000;
/** So many rounds at least, so that a short run visits each transport twice. */
const LEAST_ROUNDS = 2;
/** Part of a round that decoders get. */
const DECODER_SHARE = 0.1;
const DECODER_BATCH = 500;
const MINIMISE_LIMIT_MS = 60_000;

/** Rounds after which the memory must not grow any more: by then caches are full and code is compiled. */
const MEMORY_WARM_UP_ROUNDS = 4;
const MEMORY_ALLOWANCE_BYTES = 32 * 1_048_576;

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
    const findings = await playRound(plan, transport, streams, tally, roundEnd);
    const grown = findings.length === 0 ? memory.growth() : undefined;
    if (grown !== undefined) findings.push({ kind: 'memory', what: grown, transport, suspects: [] });
    if (findings.length > 0) {
      for (const { kind, what } of findings) onProgress(`${kind}: ${what}`);
      return { tally, findings: await minimiseAll(findings) };
    }
    onProgress(
      `${Math.max(0, Math.round((end - performance.now()) / 1000))} s left, ${tally.sessions} sessions`,
    );
  }
  return { tally, findings: [] };
}

/** Plays one script again and says what comes of it. */
export async function replay(script: Script, transports: readonly string[]): Promise<Result> {
  const tally = new Tally();
  const findings: Finding[] = [];
  for (const transport of transports) findings.push(...(await siege(transport, [script].values(), tally)));
  return { tally, findings };
}

async function playRound(
  { seed, corpus }: Plan,
  transport: string,
  streams: Streams,
  tally: Tally,
  endMs: number,
): Promise<Finding[]> {
  const decodersEnd = performance.now() + (endMs - performance.now()) * DECODER_SHARE;
  while (performance.now() < decodersEnd) {
    for (let call = 0; call < DECODER_BATCH; call++) {
      const what = tryDecoder(new Random(seed, streams.nextDecoder), corpus);
      streams.nextDecoder += 2;
      tally.decoded += 1;
      if (what !== undefined) return [{ kind: 'decoder', what, transport: 'none', suspects: [] }];
    }
  }
  return [...(await siege(transport, scripts(seed, corpus, streams, endMs), tally))];
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

/** The first of each kind, with the fewest and shortest scripts that show it. */
async function minimiseAll(findings: readonly Finding[]): Promise<readonly Finding[]> {
  const kinds = new Map(findings.toReversed().map((finding) => [finding.kind, finding]));
  const minimised: Finding[] = [];
  for (const finding of kinds.values()) {
    const shows = async (scripts: readonly Script[]) => {
      const again = await siege(finding.transport, scripts.values(), new Tally());
      return again.some(({ kind }) => kind === finding.kind);
    };
    minimised.push({ ...finding, suspects: await minimise(finding.suspects, shows, MINIMISE_LIMIT_MS) });
  }
  return minimised;
}

class MemoryWatch {
  #rounds = 0;
  #start = 0;

  /** Called after each round; says by how much there is too much. */
  growth(): string | undefined {
    this.#rounds += 1;
    const now = measureMemory();
    if (this.#rounds <= MEMORY_WARM_UP_ROUNDS) this.#start = now;
    const grown = now - this.#start;
    return grown > MEMORY_ALLOWANCE_BYTES ? `${grown} bytes more than after the first rounds` : undefined;
  }
}
