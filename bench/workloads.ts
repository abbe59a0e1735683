// The timed measurements: each drives one running server.
import { setTimeout as delay } from 'node:timers/promises';
import { onOneCpu } from './affinity.ts';
import { runLoad, type LoadOptions, type Target } from './load.ts';
import type { Peer } from './peers.ts';
import { cpuSeconds, processTree } from './proc.ts';
import type { Readings } from './samples.ts';
import type { Server } from './server.ts';
import { SETTLE_MS, timed, timedBulk, type Drive, type Measured } from './timed.ts';

export interface Workload {
  readonly name: string;
  /** How many it takes in turn. */
  readonly measurements: number;
  /** Whom it is for; everybody else gets no figures, and no note about it. */
  readonly suits: (peer: Peer) => boolean;
  readonly run: (drive: Drive) => Promise<Readings>;
}

export const WORKLOADS: readonly Workload[] = [
  { name: '64 connections at a time', measurements: 1, suits: any, run: connect64 },
  { name: '1 connection at a time', measurements: 1, suits: any, run: alone(connect1) },
  { name: 'bulk, 1 stream', measurements: 2, suits: any, run: bulk1 },
  { name: 'bulk, 16 streams', measurements: 2, suits: any, run: bulk16 },
  { name: 'HTTP, 16 streams', measurements: 2, suits: speaksHttp, run: http16 },
  { name: 'echo, 1 stream', measurements: 1, suits: any, run: alone(echo1) },
  { name: 'echo, 64 streams', measurements: 1, suits: any, run: echo64 },
  { name: 'UDP, 1 association', measurements: 1, suits: relaysUdp, run: alone(udp1) },
  { name: 'UDP, 16 associations', measurements: 2, suits: relaysUdp, run: udp16 },
];

export const LOGIN = { user: 'bench', password: 'correct horse battery' } as const;

/** A server that runs for months is measured as it then is: a compiler at run time has done its work by now. */
const WARM_UP = 20_000;
/** Of a rival, which has none. Some bind the port of each connection, and all of them are in use for a minute after 28,000. */
const WARM_UP_OF_RIVAL = 2000;

/** Fills caches, compiles hot code, and lets a server that forks by demand fork. */
export async function warmUp(server: Server, target: Target, login: LoadOptions = {}): Promise<void> {
  const total = server.peer.role === 'rival' ? WARM_UP_OF_RIVAL : WARM_UP;
  await runLoad('connect', { ...connections(server, target), total, ...login });
}

function connections(server: Server, target: Target): LoadOptions {
  return { proxy: server.port, target: target.echo, 'at-once': 64 };
}

/** The first connections of a server that has just been started, as many with each. */
export async function cold({ server, target }: Drive): Promise<Readings> {
  const before = cpuSeconds(server.pid);
  await runLoad('connect', { ...connections(server, target), total: WARM_UP });
  await delay(SETTLE_MS);
  return { coldCpu: ((cpuSeconds(server.pid) - before) / WARM_UP) * 1e6 };
}

/** The same for UDP, of a server that has it. */
export async function warmUpUdp(server: Server, target: Target): Promise<void> {
  if (!relaysUdp(server.peer)) return;
  await runLoad('udp', { proxy: server.port, target: target.udp, total: WARM_UP, 'at-once': 16, window: 8 });
}

/** Connections per second of a server that asks for a login, and their share of what it does without one. */
export async function loginRate(open: Drive, withUsers: Server): Promise<Readings> {
  const flow = { target: open.target.echo, 'at-once': 64 };
  const kind = { mode: 'connect', work: 'connections' } as const;
  const anonymous = await timed(open, { ...kind, name: 'anonymous' }, flow);
  const login = await timed(
    { ...open, server: withUsers },
    { ...kind, name: 'login' },
    { ...flow, ...LOGIN },
  );
  const perSecond = login.result['perSecond']!;
  return { loginPerSecond: perSecond, loginRatio: perSecond / anonymous.result['perSecond']! };
}

function any(): boolean {
  return true;
}

function speaksHttp({ role }: Peer): boolean {
  return role === 'product' || role === 'fallback';
}

function relaysUdp(peer: Peer): boolean {
  return peer.relaysUdp === true;
}

/** For work that takes turns; see affinity.ts. */
function alone(run: Workload['run']): Workload['run'] {
  return (drive) => onOneCpu([drive.target.pid, ...processTree(drive.server.pid)], () => run(drive));
}

async function connect64(drive: Drive): Promise<Readings> {
  const kind = { name: 'connect64', mode: 'connect', work: 'connections' } as const;
  const measured = await timed(drive, kind, { target: drive.target.echo, 'at-once': 64 });
  return { connect64PerSecond: measured.result['perSecond']!, connect64Cpu: microseconds(measured) };
}

async function connect1(drive: Drive): Promise<Readings> {
  const kind = { name: 'connect1', mode: 'connect', work: 'connectionsAlone' } as const;
  const measured = await timed(drive, kind, { target: drive.target.echo, 'at-once': 1 });
  return { connect1PerSecond: measured.result['perSecond']!, connect1Cpu: microseconds(measured) };
}

async function bulk1(drive: Drive): Promise<Readings> {
  const down = await timedBulk(drive, { name: 'down1', work: 'bytes' }, 1, 'down');
  const up = await timedBulk(drive, { name: 'up1', work: 'bytes' }, 1, 'up');
  return {
    ...{ down1Rate: down.rate, down1Cpu: down.cpuPerGb, down1All: down.allPerGb },
    ...{ up1Rate: up.rate, up1Cpu: up.cpuPerGb, up1All: up.allPerGb },
  };
}

async function bulk16(drive: Drive): Promise<Readings> {
  const down = await timedBulk(drive, { name: 'down16', work: 'bytes' }, 16, 'down');
  const up = await timedBulk(drive, { name: 'up16', work: 'bytes' }, 16, 'up');
  return {
    ...{ down16Rate: down.rate, down16Cpu: down.cpuPerGb, down16All: down.allPerGb },
    ...{ up16Rate: up.rate, up16Cpu: up.cpuPerGb, up16All: up.allPerGb },
  };
}

/** Beside SOCKS5, in the same minute: the relay is the same. */
async function http16(drive: Drive): Promise<Readings> {
  const socks = await timedBulk(drive, { name: 'down16 beside HTTP', work: 'bytes' }, 16, 'down');
  const http = await timedBulk(drive, { name: 'httpDown16', work: 'bytes', dialect: 'http' }, 16, 'down');
  const ratio = http.cpuPerGb / socks.cpuPerGb;
  return { httpDown16Rate: http.rate, httpDown16Cpu: http.cpuPerGb, httpDown16Ratio: ratio };
}

async function echo1(drive: Drive): Promise<Readings> {
  const kind = { name: 'echo1', mode: 'echo', work: 'messagesAlone' } as const;
  const measured = await timed(drive, kind, { target: drive.target.echo, 'at-once': 1 });
  const { p50Us, p99Us } = measured.result;
  return { echo1P50: p50Us!, echo1P99: p99Us!, echo1Cpu: microseconds(measured) };
}

async function echo64(drive: Drive): Promise<Readings> {
  const kind = { name: 'echo64', mode: 'echo', work: 'messages' } as const;
  const measured = await timed(drive, kind, { target: drive.target.echo, 'at-once': 64 });
  const { p50Us, p99Us } = measured.result;
  return { echo64P50: p50Us!, echo64P99: p99Us!, echo64Cpu: microseconds(measured) };
}

async function udp1(drive: Drive): Promise<Readings> {
  const kind = { name: 'udp1', mode: 'udp', work: 'datagramsAlone' } as const;
  const flow = { target: drive.target.udp, 'at-once': 1, window: 1, size: 64 };
  const measured = await timed(drive, kind, flow);
  const { p50Us, p99Us } = measured.result;
  return { udp1P50: p50Us!, udp1P99: p99Us!, udp1Cpu: microseconds(measured) / 2 };
}

/** An echo is two datagrams for the server. */
async function udp16(drive: Drive): Promise<Readings> {
  const kind = { mode: 'udp', work: 'datagrams' } as const;
  const flow = { target: drive.target.udp, 'at-once': 16, window: 8 };
  const small = await timed(drive, { ...kind, name: 'udp64' }, { ...flow, size: 64 });
  const large = await timed(drive, { ...kind, name: 'udp1400' }, { ...flow, size: 1400 });
  return {
    udp64PerSecond: small.result['perSecond']!,
    udp64Cpu: microseconds(small) / 2,
    udp1400PerSecond: large.result['perSecond']!,
    udp1400Cpu: microseconds(large) / 2,
  };
}

/** CPU time of the server for one connection, message or echo. */
export function microseconds({ cpu, amount }: Measured): number {
  return (cpu / amount) * 1e6;
}
