// Every figure that is measured, in the order of the report. What was promised about them: goals.ts.

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

/** One GB is 10^9 bytes. */
export const FIGURES = {
  connect64PerSecond: { label: 'connections, 64 at a time', ...perSecond },
  connect64Cpu: { label: 'CPU per connection, 64 at a time', ...cpuUs },
  coldCpu: { label: 'CPU per connection, cold', ...cpuUs },
  connect1PerSecond: { label: 'connections, 1 at a time', ...perSecond },
  connect1Cpu: { label: 'CPU per connection, 1 at a time', ...cpuUs },
  workers1PerSecond: { label: 'one process, beside workers: connections', ...perSecond },
  workers1Cpu: { label: 'one process, beside workers: CPU per connection', ...cpuUs },
  workers2PerSecond: { label: '2 workers: connections', ...perSecond },
  workers2Cpu: { label: '2 workers: CPU per connection', ...cpuUs },
  workers4PerSecond: { label: '4 workers: connections', ...perSecond },
  workers4Cpu: { label: '4 workers: CPU per connection', ...cpuUs },
  workers2Ratio: {
    label: '2 workers against one process: connections',
    unit: 'x',
    better: 'higher',
    digits: 2,
  },
  workers2CpuRatio: {
    label: '2 workers against one process: CPU per connection',
    unit: 'x',
    better: 'lower',
    digits: 2,
  },
  systemCalls: { label: 'system calls per connection', unit: '', better: 'lower', digits: 1 },
  down1Rate: { label: 'one stream, down', ...rate },
  down1Cpu: { label: 'one stream, down: CPU per GB', ...cpuPerGb },
  down1All: { label: 'one stream, down: CPU per GB of all', ...cpuPerGb },
  up1Rate: { label: 'one stream, up', ...rate },
  up1Cpu: { label: 'one stream, up: CPU per GB', ...cpuPerGb },
  up1All: { label: 'one stream, up: CPU per GB of all', ...cpuPerGb },
  down16Rate: { label: '16 streams, down', ...rate },
  down16Cpu: { label: '16 streams, down: CPU per GB', ...cpuPerGb },
  down16All: { label: '16 streams, down: CPU per GB of all', ...cpuPerGb },
  up16Rate: { label: '16 streams, up', ...rate },
  up16Cpu: { label: '16 streams, up: CPU per GB', ...cpuPerGb },
  up16All: { label: '16 streams, up: CPU per GB of all', ...cpuPerGb },
  httpDown16Rate: { label: 'HTTP CONNECT, 16 streams, down', ...rate },
  httpDown16Cpu: { label: 'HTTP CONNECT, 16 streams, down: CPU per GB', ...cpuPerGb },
  httpDown16Ratio: {
    label: 'HTTP CONNECT against SOCKS5: CPU per GB',
    unit: 'x',
    better: 'lower',
    digits: 2,
  },
  tlsDown1Rate: { label: 'TLS to a proxy, one stream, down', ...rate },
  tlsDown1Cpu: { label: 'TLS to a proxy, one stream, down: CPU per GB', ...cpuPerGb },
  tlsUp1Rate: { label: 'TLS to a proxy, one stream, up', ...rate },
  tlsUp1Cpu: { label: 'TLS to a proxy, one stream, up: CPU per GB', ...cpuPerGb },
  tlsDown16Rate: { label: 'TLS to a proxy, 16 streams, down', ...rate },
  tlsDown16Cpu: { label: 'TLS to a proxy, 16 streams, down: CPU per GB', ...cpuPerGb },
  tlsUp16Rate: { label: 'TLS to a proxy, 16 streams, up', ...rate },
  tlsUp16Cpu: { label: 'TLS to a proxy, 16 streams, up: CPU per GB', ...cpuPerGb },
  tlsFrontDown1Rate: { label: 'TLS in front, one stream, down', ...rate },
  tlsFrontDown1Cpu: { label: 'TLS in front, one stream, down: CPU per GB', ...cpuPerGb },
  tlsFrontUp1Rate: { label: 'TLS in front, one stream, up', ...rate },
  tlsFrontUp1Cpu: { label: 'TLS in front, one stream, up: CPU per GB', ...cpuPerGb },
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
  stalledMiB: { label: 'memory per stalled reader, pipes too', unit: 'MiB', better: 'lower', digits: 3 },
  readyMs: { label: 'exec to ready', unit: 'ms', better: 'lower', digits: 1 },
  restMiB: { label: 'memory at rest (Pss)', unit: 'MiB', better: 'lower', digits: 1 },
  restRssMiB: { label: 'memory at rest (Rss)', unit: 'MiB', better: 'lower', digits: 1 },
} as const satisfies Record<string, Figure>;

export type FigureName = keyof typeof FIGURES;
