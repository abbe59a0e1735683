// Several workers under one parent (`--workers`), beside the same server of one process: connections of the same minute, and what one
// costs over all processes.
import { whileRunning } from './bench.ts';
import type { Readings } from './samples.ts';
import { startServer } from './server.ts';
import { timed, type Drive } from './timed.ts';
import { microseconds, warmUp } from './workloads.ts';

interface Rate {
  readonly perSecond: number;
  readonly cpu: number;
}

export async function crewRates(alone: Drive, folder: string): Promise<Readings> {
  const one = await rateOf(alone, 1);
  const [two, four] = [await rateOfCrew(alone, folder, 2), await rateOfCrew(alone, folder, 4)];
  return {
    ...{ workers1PerSecond: one.perSecond, workers1Cpu: one.cpu },
    ...{ workers2PerSecond: two.perSecond, workers2Cpu: two.cpu },
    ...{ workers4PerSecond: four.perSecond, workers4Cpu: four.cpu },
    ...{ workers2Ratio: two.perSecond / one.perSecond, workers2CpuRatio: two.cpu / one.cpu },
  };
}

async function rateOfCrew(drive: Drive, folder: string, workers: number): Promise<Rate> {
  const server = await startServer(drive.server.peer, folder, ['--workers', `${workers}`]);
  return whileRunning([server], async () => {
    // As much for each of them as the one has had.
    for (let worker = 0; worker < workers; worker++) await warmUp(server, drive.target);
    return rateOf({ ...drive, server }, workers);
  });
}

async function rateOf(drive: Drive, workers: number): Promise<Rate> {
  const kind = { name: `workers${workers}`, mode: 'connect', work: 'connections' } as const;
  const measured = await timed(drive, kind, { target: drive.target.echo, 'at-once': 64 });
  return { perSecond: measured.result['perSecond']!, cpu: microseconds(measured) };
}
