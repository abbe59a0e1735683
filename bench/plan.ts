// The order of things: which peers can be started, the interleaved rounds, then what is measured once.
import {
  isWanted,
  measure,
  measureAlone,
  takesPart,
  whileRunning,
  type Bench,
  type PlannedStep,
} from './bench.ts';
import type { Peer } from './peers.ts';
import { planRound } from './rounds.ts';
import { startServer } from './server.ts';
import { heldSessions, memoryAtRest, stalledReaders, systemCalls } from './standing.ts';

/** `wanted` are the peers that are tried; those that cannot be started leave a note. */
export function planRun(bench: Bench, wanted: readonly Peer[], rounds: number): PlannedStep[] {
  return [
    ...wanted.map((peer) => planStart(bench, peer)),
    ...Array.from({ length: rounds }, (_, round) => planRound(bench, wanted, round)).flat(),
    ...wanted.flatMap((peer) => planOnce(bench, peer)),
  ];
}

/** Memory at rest is read from each while no other runs. */
function planStart(bench: Bench, peer: Peer): PlannedStep {
  const name = 'memory at rest';
  const isRead = isWanted(bench, name) && takesPart(peer, name);
  const run = (): Promise<void> =>
    measure(bench, peer.name, 'skipped', async () => {
      const server = await startServer(peer, bench.folder);
      bench.startable.push(peer);
      return whileRunning([server], async () => (isRead ? memoryAtRest(server) : {}));
    });
  return { name, title: `${name}: ${peer.name}`, seconds: isRead ? 5 : 0.2, run };
}

/** Figures that hardly vary: each peer alone, once. */
function planOnce(bench: Bench, peer: Peer): PlannedStep[] {
  const { target, folder } = bench;
  const all = [
    { name: 'system calls', seconds: 6, read: systemCalls },
    { name: 'held sessions', seconds: 18, read: heldSessions },
    { name: 'stalled readers', seconds: 6, read: stalledReaders },
  ] as const;
  return all
    .filter(({ name }) => isWanted(bench, name) && takesPart(peer, name))
    .map(({ name, seconds, read }) => ({
      name,
      title: `${name}: ${peer.name}`,
      seconds,
      run: async () => {
        if (!bench.startable.includes(peer)) return;
        await measureAlone(bench, peer, name, (server) => read(server, target, folder));
      },
    }));
}
