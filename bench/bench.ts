// What a run needs and where it leaves its numbers; how one measurement ends, well or not.
import type { Amounts } from './amounts.ts';
import type { Target } from './load.ts';
import type { Peer } from './peers.ts';
import type { Step } from './progress.ts';
import { addReadings, type Readings, type Samples } from './samples.ts';
import { startServer, stopServer, type Server } from './server.ts';

export interface Bench {
  readonly target: Target;
  /** For configuration files; removed at the end. */
  readonly folder: string;
  readonly amounts: Amounts;
  /** Part of the names of the only steps that are wanted. */
  readonly workload: string | undefined;
  /** The peers that start here, found out by the first steps. */
  readonly startable: Peer[];
  readonly samples: Samples;
  /** Says what could not be measured, and why. */
  readonly note: (text: string) => void;
}

export interface PlannedStep extends Step {
  readonly title: string;
  readonly run: () => Promise<void>;
}

/** Whether a step of that name is wanted in this run. */
export function isWanted({ workload = '' }: Pick<Bench, 'workload'>, name: string): boolean {
  return name.toLowerCase().includes(workload.toLowerCase());
}

/** Whether a peer takes part in a step of that name. */
export function takesPart({ only = '' }: Pick<Peer, 'only'>, name: string): boolean {
  return name.includes(only);
}

/** A measurement that fails leaves a note and no number; the others go on. */
export async function measure(
  bench: Bench,
  peer: string,
  what: string,
  read: () => Promise<Readings>,
): Promise<void> {
  try {
    addReadings(bench.samples, peer, await read());
  } catch (error) {
    bench.note(`${peer}: ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Of a server that is started for it and ended after it. */
export async function measureAlone(
  bench: Bench,
  peer: Peer,
  what: string,
  read: (server: Server) => Promise<Readings>,
): Promise<void> {
  await measure(bench, peer.name, what, async () => {
    const server = await startServer(peer, bench.folder);
    return whileRunning([server], () => read(server));
  });
}

/** Ends the servers when the work is over, however it ends. */
export async function whileRunning<Result>(
  servers: readonly Server[],
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } finally {
    for (const server of servers) await stopServer(server);
  }
}
