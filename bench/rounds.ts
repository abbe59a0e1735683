// The order of things: which peers can be started, the interleaved rounds, then what is measured once.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import type { Target } from './load.ts';
import type { Peer } from './peers.ts';
import { addReadings, type Readings, type Samples } from './samples.ts';
import { startServer, stopServer, type Server } from './server.ts';
import { heldSessions, memoryAtRest, readiness, systemCalls } from './standing.ts';
import { LOGIN, loginRate, warmUp, warmUpUdp, WORKLOADS, type Sizes } from './workloads.ts';

/** What a run needs and where it leaves its numbers. */
export interface Bench {
  readonly target: Target;
  /** For configuration files; removed at the end. */
  readonly folder: string;
  readonly sizes: Sizes;
  /** Part of the names of the only workloads that are wanted. */
  readonly workload: string | undefined;
  readonly samples: Samples;
  /** Says what could not be measured, and why. */
  readonly note: (text: string) => void;
  /** Says what is being done. */
  readonly progress: (text: string) => void;
}

/** The peers that start here; memory at rest is read from each while no other runs. */
export async function startablePeers(bench: Bench, peers: readonly Peer[]): Promise<Peer[]> {
  const startable: Peer[] = [];
  for (const peer of peers) {
    bench.progress(`${peer.name}: starting`);
    await measure(bench, peer.name, 'skipped', async () => {
      const server = await startServer(peer, bench.folder);
      startable.push(peer);
      return whileRunning([server], () => memoryAtRest(server));
    });
  }
  return startable;
}

/** One round: all peers run, and each workload goes round them, so that a slow minute hits all alike. */
export async function runRound(bench: Bench, peers: readonly Peer[], round: number): Promise<void> {
  const turn = round % peers.length;
  const rotated = [...peers.slice(turn), ...peers.slice(0, turn)];
  if (bench.workload === undefined) await measureReadiness(bench, rotated);
  const servers: Server[] = [];
  await whileRunning(servers, async () => {
    for (const peer of rotated) {
      await measure(bench, peer.name, `round ${round + 1}`, async () => {
        servers.push(await startServer(peer, bench.folder));
        return {};
      });
    }
    for (const server of servers) {
      await measure(bench, server.peer.name, 'warm-up', async () => {
        await warmUp(server, bench.target);
        await warmUpUdp(server, bench.target);
        // What V8 has learnt from datagrams makes it compile some of the rest once more.
        await warmUp(server, bench.target);
        return {};
      });
    }
    for (const workload of WORKLOADS.filter(({ name }) => name.includes(bench.workload ?? ''))) {
      bench.progress(`round ${round + 1}: ${workload.name}`);
      for (const server of servers) {
        await measure(bench, server.peer.name, workload.name, () =>
          workload.run(server, bench.target, bench.sizes),
        );
      }
    }
    if (bench.workload !== undefined) return;
    bench.progress(`round ${round + 1}: logins`);
    for (const server of servers) await measureLogins(bench, server);
  });
}

async function measureReadiness(bench: Bench, peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) await measure(bench, peer.name, 'readiness', () => readiness(peer, bench.folder));
}

/** Figures that hardly vary: each peer alone, once. Not a workload. */
export async function measureOnce(bench: Bench, peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) {
    bench.progress(`${peer.name}: system calls, held sessions`);
    await measureAlone(bench, peer, 'system calls', (server) =>
      systemCalls(server, bench.target, bench.folder),
    );
    await measureAlone(bench, peer, 'held sessions', (server) => heldSessions(server, bench.target));
  }
}

async function measureAlone(
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

/** A server with users beside the one without, both kinds of connection in turn: the ratio is of one minute. */
async function measureLogins(bench: Bench, open: Server): Promise<void> {
  if (open.peer.withUsers === undefined) return;
  await measure(bench, open.peer.name, 'logins', async () => {
    const login = await startServer(open.peer, bench.folder, writeUsers(bench.folder));
    return whileRunning([login], async () => {
      await warmUp(login, bench.target, LOGIN);
      return loginRate(open, login, bench.target, bench.sizes.connections64);
    });
  });
}

/** An htpasswd file with one bcrypt entry of cost 10, as `htpasswd -B -C 10` writes it. */
function writeUsers(folder: string): string {
  const file = join(folder, 'users');
  const hash = bcrypt.hashSync(LOGIN.password, 10).replace(/^\$2b\$/, '$2y$');
  writeFileSync(file, `${LOGIN.user}:${hash}\n`, { mode: 0o600 });
  return file;
}

/** A measurement that fails leaves a note and no number; the others go on. */
async function measure(
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

/** Ends the servers that are in the list when the work is over, however it ends. */
async function whileRunning<Result>(
  servers: readonly Server[],
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } finally {
    for (const server of servers) await stopServer(server);
  }
}
