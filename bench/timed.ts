// One measurement: the load generator at work, and what the server and the whole machine have spent meanwhile.
import { setTimeout as delay } from 'node:timers/promises';
import type { Amounts, Work } from './amounts.ts';
import { runLoad, type LoadOptions, type LoadResult, type Target } from './load.ts';
import { busySeconds, cpuSeconds } from './proc.ts';
import type { Server } from './server.ts';

/** The generator ends with the last answer; the server gets a moment to end its last sessions. */
export const SETTLE_MS = 100;

/** Whom a workload drives, with what. */
export interface Drive {
  readonly server: Server;
  readonly target: Target;
  readonly amounts: Amounts;
}

export interface Measured {
  readonly amount: number;
  readonly result: LoadResult;
  /** CPU seconds of the server. */
  readonly cpu: number;
  /** CPU seconds of all programs and of the kernel. */
  readonly all: number;
}

export interface Measurement {
  /** Of the pace at which the amount goes: one for each figure. */
  readonly name: string;
  readonly mode: 'connect' | 'bulk' | 'echo' | 'udp';
  readonly work: Work;
}

export async function timed(drive: Drive, measurement: Measurement, options: LoadOptions): Promise<Measured> {
  const { server, amounts } = drive;
  const { mode, work } = measurement;
  const name = `${server.peer.name} ${measurement.name}`;
  const amount = amounts.next(name, work);
  const [own, everybody] = [cpuSeconds(server.pid), busySeconds()];
  const unit = mode === 'bulk' ? 'bytes' : 'total';
  const result = await runLoad(mode, { proxy: server.port, [unit]: amount, ...options });
  amounts.learn(name, amount, result['seconds']!);
  await delay(SETTLE_MS);
  return { amount, result, cpu: cpuSeconds(server.pid) - own, all: busySeconds() - everybody };
}

/** Of a measurement in bytes. */
export interface Bulk {
  readonly rate: number;
  readonly cpuPerGb: number;
  readonly allPerGb: number;
}

interface BulkMeasurement {
  readonly name: string;
  readonly work: 'bytes' | 'bytesOfTls';
  /** `http`: by CONNECT. */
  readonly dialect?: 'socks' | 'http';
}

/** `streams` down from the source, or up to the sink. */
export async function timedBulk(
  drive: Drive,
  { dialect = 'socks', ...measurement }: BulkMeasurement,
  streams: number,
  direction: 'down' | 'up',
): Promise<Bulk> {
  const target = direction === 'down' ? drive.target.source : drive.target.sink;
  const options = { target, 'at-once': streams, direction, dialect };
  const { amount, result, cpu, all } = await timed(drive, { ...measurement, mode: 'bulk' }, options);
  const gigabytes = amount / 1e9;
  return {
    rate: result['bytesPerSecond']! / 1e9,
    cpuPerGb: cpu / gigabytes,
    allPerGb: all / gigabytes,
  };
}
