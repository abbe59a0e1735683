// Every figure that is measured, and what was promised about it.

export interface Figure {
  readonly label: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly digits: number;
}

const perSecond = { unit: '/s', better: 'higher', digits: 0 } as const;
const cpuUs = { unit: 'us', better: 'lower', digits: 1 } as const;
const rate = { unit: 'GB/s', better: 'higher', digits: 2 } as const;
const cpuPerGb = { unit: 's/GB', better: 'lower', digits: 3 } as const;
const latency = { unit: 'us', better: 'lower', digits: 1 } as const;

/** In the order of the report. One GB is 10^9 bytes. */
export const FIGURES = {
  connect64PerSecond: { label: 'connections, 64 at a time', ...perSecond },
  connect64Cpu: { label: 'CPU per connection, 64 at a time', ...cpuUs },
  connect1PerSecond: { label: 'connections, 1 at a time', ...perSecond },
  connect1Cpu: { label: 'CPU per connection, 1 at a time', ...cpuUs },
  systemCalls: { label: 'system calls per connection', unit: '', better: 'lower', digits: 1 },
  down1Rate: { label: 'down, 1 stream', ...rate },
  down1Cpu: { label: 'CPU per GB down, 1 stream', ...cpuPerGb },
  up1Rate: { label: 'up, 1 stream', ...rate },
  up1Cpu: { label: 'CPU per GB up, 1 stream', ...cpuPerGb },
  down16Rate: { label: 'down, 16 streams', ...rate },
  down16Cpu: { label: 'CPU per GB down, 16 streams', ...cpuPerGb },
  up16Rate: { label: 'up, 16 streams', ...rate },
  up16Cpu: { label: 'CPU per GB up, 16 streams', ...cpuPerGb },
  echo1P50: { label: 'echo latency p50, 1 stream', ...latency },
  echo1P99: { label: 'echo latency p99, 1 stream', ...latency },
  echo1Cpu: { label: 'CPU per echo message, 1 stream', ...cpuUs },
  echo64P50: { label: 'echo latency p50, 64 streams', ...latency },
  echo64P99: { label: 'echo latency p99, 64 streams', ...latency },
  echo64Cpu: { label: 'CPU per echo message, 64 streams', ...cpuUs },
  udp64PerSecond: { label: 'UDP echoes, 64 bytes, 16 associations', ...perSecond },
  udp64Cpu: { label: 'CPU per datagram, 64 bytes, 16 associations', ...cpuUs },
  udp1400PerSecond: { label: 'UDP echoes, 1400 bytes, 16 associations', ...perSecond },
  udp1400Cpu: { label: 'CPU per datagram, 1400 bytes, 16 associations', ...cpuUs },
  udp1P50: { label: 'UDP latency p50, 64 bytes, 1 association', ...latency },
  udp1P99: { label: 'UDP latency p99, 64 bytes, 1 association', ...latency },
  udp1Cpu: { label: 'CPU per datagram, 64 bytes, 1 association', ...cpuUs },
  loginPerSecond: { label: 'connections with login, 64 at a time', ...perSecond },
  loginRatio: { label: 'with login against without', unit: 'x', better: 'higher', digits: 2 },
  idleKiB: { label: 'memory per idle session', unit: 'KiB', better: 'lower', digits: 2 },
  heldSessions: { label: 'sessions held at once', unit: '', better: 'higher', digits: 0 },
  heldAnswered: { label: 'held sessions that answered', unit: '%', better: 'higher', digits: 2 },
  readyMs: { label: 'exec to ready', unit: 'ms', better: 'lower', digits: 1 },
  restMiB: { label: 'memory at rest (Pss)', unit: 'MiB', better: 'lower', digits: 1 },
  restRssMiB: { label: 'memory at rest (Rss)', unit: 'MiB', better: 'lower', digits: 1 },
} as const satisfies Record<string, Figure>;

export type FigureName = keyof typeof FIGURES;

/** `against` undefined: the figure itself is compared with the limit. */
export interface Goal {
  readonly figure: FigureName;
  readonly against: 'rivals' | 'floor' | undefined;
  readonly bound: 'at most' | 'at least';
  readonly limit: number;
}

/** The best of the rivals, for each figure by itself, is what a rivals goal is measured against. */
export const GOALS: readonly Goal[] = [
  { figure: 'connect64Cpu', against: 'rivals', bound: 'at most', limit: 0.8 },
  { figure: 'connect64PerSecond', against: 'rivals', bound: 'at least', limit: 1.2 },
  { figure: 'down16Cpu', against: 'rivals', bound: 'at most', limit: 0.6 },
  { figure: 'up16Cpu', against: 'rivals', bound: 'at most', limit: 0.6 },
  { figure: 'down16Rate', against: 'rivals', bound: 'at least', limit: 1.8 },
  { figure: 'up16Rate', against: 'rivals', bound: 'at least', limit: 1.8 },
  { figure: 'echo64Cpu', against: 'rivals', bound: 'at most', limit: 0.85 },
  { figure: 'echo1P50', against: 'rivals', bound: 'at most', limit: 1.05 },
  { figure: 'echo1P99', against: 'rivals', bound: 'at most', limit: 1.05 },
  { figure: 'udp64Cpu', against: 'rivals', bound: 'at most', limit: 0.5 },
  { figure: 'udp1400Cpu', against: 'rivals', bound: 'at most', limit: 0.5 },
  { figure: 'idleKiB', against: undefined, bound: 'at most', limit: 1 },
  { figure: 'heldSessions', against: undefined, bound: 'at least', limit: 20_000 },
  { figure: 'heldAnswered', against: undefined, bound: 'at least', limit: 100 },
  { figure: 'restMiB', against: undefined, bound: 'at most', limit: 48 },
  { figure: 'readyMs', against: undefined, bound: 'at most', limit: 300 },
  { figure: 'loginRatio', against: undefined, bound: 'at least', limit: 0.9 },
  { figure: 'systemCalls', against: undefined, bound: 'at most', limit: 21 },
  { figure: 'connect64Cpu', against: 'floor', bound: 'at most', limit: 1.2 },
  { figure: 'down16Cpu', against: 'floor', bound: 'at most', limit: 1.1 },
  { figure: 'up16Cpu', against: 'floor', bound: 'at most', limit: 1.1 },
];
