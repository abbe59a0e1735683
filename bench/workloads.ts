// The timed measurements: each drives one running server and reads its CPU time before and after.
import { setTimeout as delay } from 'node:timers/promises';
import { onOneCpu } from './affinity.ts';
import { runLoad, type LoadOptions, type LoadResult, type Target } from './load.ts';
import { cpuSeconds, processTree } from './proc.ts';
import type { Readings } from './samples.ts';
import type { Server } from './server.ts';

/** How much work one measurement is. The CPU clock ticks every 10 ms: half a second of work is 2 % exact. */
export interface Sizes {
  readonly connections64: number;
  readonly connections1: number;
  readonly bytes: number;
  readonly messages64: number;
  readonly messages1: number;
  readonly datagrams16: number;
  readonly datagrams1: number;
}

export const FULL: Sizes = {
  connections64: 12_000,
  connections1: 4000,
  bytes: 3e9,
  messages64: 150_000,
  messages1: 20_000,
  datagrams16: 200_000,
  datagrams1: 20_000,
};

export const QUICK: Sizes = {
  connections64: 5000,
  connections1: 1500,
  bytes: 1e9,
  messages64: 50_000,
  messages1: 8000,
  datagrams16: 80_000,
  datagrams1: 8000,
};

export interface Workload {
  readonly name: string;
  readonly run: (server: Server, target: Target, sizes: Sizes) => Promise<Readings>;
}

export const WORKLOADS: readonly Workload[] = [
  { name: '64 connections at a time', run: connect64 },
  { name: '1 connection at a time', run: alone(connect1) },
  { name: 'bulk, 1 stream', run: bulk1 },
  { name: 'bulk, 16 streams', run: bulk16 },
  { name: 'echo, 1 stream', run: alone(echo1) },
  { name: 'echo, 64 streams', run: echo64 },
  { name: 'UDP, 1 association', run: associated(alone(udp1)) },
  { name: 'UDP, 16 associations', run: associated(udp16) },
];

export const LOGIN = { user: 'bench', password: 'correct horse battery' } as const;

/** A server that runs for months is measured as it then is: a compiler at run time has done its work by now. */
const WARM_UP = 20_000;

/** Fills caches, compiles hot code, and lets a server that forks by demand fork. */
export async function warmUp(server: Server, target: Target, login: LoadOptions = {}): Promise<void> {
  await runLoad('connect', {
    proxy: server.port,
    target: target.echo,
    total: WARM_UP,
    'at-once': 64,
    ...login,
  });
}

/** The same for UDP, of a server that has it. */
export async function warmUpUdp(server: Server, target: Target): Promise<void> {
  if (server.peer.relaysUdp !== true) return;
  await runLoad('udp', { proxy: server.port, target: target.udp, total: WARM_UP, 'at-once': 16, window: 8 });
}

/** Connections per second of a server that asks for a login, and their share of what it does without one. */
export async function loginRate(
  open: Server,
  withUsers: Server,
  target: Target,
  total: number,
): Promise<Readings> {
  const options = { target: target.echo, total, 'at-once': 64 };
  const anonymous = await runLoad('connect', { proxy: open.port, ...options });
  const login = await runLoad('connect', { proxy: withUsers.port, ...options, ...LOGIN });
  return {
    loginPerSecond: login['perSecond']!,
    loginRatio: login['perSecond']! / anonymous['perSecond']!,
  };
}

/** For work that takes turns; see affinity.ts. */
function alone(run: Workload['run']): Workload['run'] {
  return (server, target, sizes) =>
    onOneCpu([target.pid, ...processTree(server.pid)], () => run(server, target, sizes));
}

async function connect64(server: Server, target: Target, sizes: Sizes): Promise<Readings> {
  const total = sizes.connections64;
  const { result, cpu } = await timed(server, 'connect', { target: target.echo, total, 'at-once': 64 });
  return { connect64PerSecond: result['perSecond']!, connect64Cpu: (cpu / total) * 1e6 };
}

async function connect1(server: Server, target: Target, sizes: Sizes): Promise<Readings> {
  const total = sizes.connections1;
  const { result, cpu } = await timed(server, 'connect', { target: target.echo, total, 'at-once': 1 });
  return { connect1PerSecond: result['perSecond']!, connect1Cpu: (cpu / total) * 1e6 };
}

async function bulk1(server: Server, target: Target, sizes: Sizes): Promise<Readings> {
  const down = await bulk(server, target, { bytes: sizes.bytes, 'at-once': 1, direction: 'down' });
  const up = await bulk(server, target, { bytes: sizes.bytes, 'at-once': 1, direction: 'up' });
  return { down1Rate: down.rate, down1Cpu: down.cpuPerGb, up1Rate: up.rate, up1Cpu: up.cpuPerGb };
}

async function bulk16(server: Server, target: Target, sizes: Sizes): Promise<Readings> {
  const down = await bulk(server, target, { bytes: sizes.bytes, 'at-once': 16, direction: 'down' });
  const up = await bulk(server, target, { bytes: sizes.bytes, 'at-once': 16, direction: 'up' });
  return { down16Rate: down.rate, down16Cpu: down.cpuPerGb, up16Rate: up.rate, up16Cpu: up.cpuPerGb };
}

async function bulk(
  server: Server,
  target: Target,
  options: { readonly bytes: number; readonly 'at-once': number; readonly direction: 'up' | 'down' },
): Promise<{ readonly rate: number; readonly cpuPerGb: number }> {
  const port = options.direction === 'down' ? target.source : target.sink;
  const { result, cpu } = await timed(server, 'bulk', { target: port, ...options });
  return { rate: result['bytesPerSecond']! / 1e9, cpuPerGb: cpu / (options.bytes / 1e9) };
}

async function echo1(server: Server, target: Target, sizes: Sizes): Promise<Readings> {
  const total = sizes.messages1;
  const { result, cpu } = await timed(server, 'echo', { target: target.echo, total, 'at-once': 1 });
  return { echo1P50: result['p50Us']!, echo1P99: result['p99Us']!, echo1Cpu: (cpu / total) * 1e6 };
}

async function echo64(server: Server, target: Target, sizes: Sizes): Promise<Readings> {
  const total = sizes.messages64;
  const { result, cpu } = await timed(server, 'echo', { target: target.echo, total, 'at-once': 64 });
  return { echo64P50: result['p50Us']!, echo64P99: result['p99Us']!, echo64Cpu: (cpu / total) * 1e6 };
}

/** For a server that has UDP ASSOCIATE; another gets no figures, and no note about it. */
function associated(run: Workload['run']): Workload['run'] {
  return async (server, target, sizes) => (server.peer.relaysUdp === true ? run(server, target, sizes) : {});
}

async function udp1(server: Server, target: Target, sizes: Sizes): Promise<Readings> {
  const total = sizes.datagrams1;
  const { result, cpu } = await udp(server, target, { total, 'at-once': 1, window: 1, size: 64 });
  return { udp1P50: result['p50Us']!, udp1P99: result['p99Us']!, udp1Cpu: cpu };
}

async function udp16(server: Server, target: Target, sizes: Sizes): Promise<Readings> {
  const flow = { total: sizes.datagrams16, 'at-once': 16, window: 8 };
  const small = await udp(server, target, { ...flow, size: 64 });
  const large = await udp(server, target, { ...flow, size: 1400 });
  return {
    udp64PerSecond: small.result['perSecond']!,
    udp64Cpu: small.cpu,
    udp1400PerSecond: large.result['perSecond']!,
    udp1400Cpu: large.cpu,
  };
}

/** An echo is two datagrams for the server; `cpu` is in microseconds for one. */
async function udp(
  server: Server,
  target: Target,
  options: LoadOptions & { readonly total: number },
): Promise<{ readonly result: LoadResult; readonly cpu: number }> {
  const { result, cpu } = await timed(server, 'udp', { target: target.udp, ...options });
  return { result, cpu: (cpu / (2 * options.total)) * 1e6 };
}

/** The generator ends with the last answer; the server gets a moment to end its last sessions. */
async function timed(
  server: Server,
  mode: string,
  options: LoadOptions,
): Promise<{ readonly result: LoadResult; readonly cpu: number }> {
  const before = cpuSeconds(server.pid);
  const result = await runLoad(mode, { proxy: server.port, ...options });
  await delay(100);
  return { result, cpu: cpuSeconds(server.pid) - before };
}
