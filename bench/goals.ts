// What was promised about figures, and what each promise is measured against.
import type { FigureName } from './figures.ts';

/** The best of all rivals that were measured, for each figure by itself. */
export const RIVALS = 'the best of all';

export interface Goal {
  readonly figure: FigureName;
  /** RIVALS, or the name of a peer; undefined: the figure itself is compared with the limit. */
  readonly against: string | undefined;
  readonly bound: 'at most' | 'at least';
  readonly limit: number;
}

const BULK = ['down1', 'up1', 'down16', 'up16'] as const;
const TLS = ['tlsDown1Rate', 'tlsUp1Rate', 'tlsDown16Rate', 'tlsUp16Rate'] as const;
const UDP = ['udp64', 'udp1400'] as const;

export const GOALS: readonly Goal[] = [
  ...['hev', RIVALS].flatMap((against) => [
    ...BULK.map((flow) => atMost(`${flow}Cpu`, 0.6, against)),
    ...BULK.map((flow) => atLeast(`${flow}Rate`, 1.2, against)),
  ]),
  ...BULK.map((flow) => atMost(`${flow}Cpu`, 1.25, 'floor')),
  ...BULK.map((flow) => atMost(`${flow}All`, 1, 'copier')),
  atMost('connect64Cpu', 0.75, RIVALS),
  atMost('connect64Cpu', 1.2, 'floor'),
  atMost('coldCpu', 1.05, RIVALS),
  atLeast('connect64PerSecond', 1.25, RIVALS),
  atMost('echo64Cpu', 0.75, RIVALS),
  atMost('echo1P50', 1.05, RIVALS),
  atMost('echo1P99', 1, RIVALS),
  atLeast('loginRatio', 0.9),
  atLeast('workers2Ratio', 1),
  atMost('workers2CpuRatio', 1.1),
  ...['hev', 'danted'].flatMap((against) => [
    ...UDP.map((flow) => atMost(`${flow}Cpu`, 0.5, against)),
    ...UDP.map((flow) => atLeast(`${flow}PerSecond`, 1.5, against)),
  ]),
  atMost('httpDown16Ratio', 1.1),
  atMost('tlsFrontDown1Cpu', 1.2, 'tls.Server'),
  atMost('tlsFrontUp1Cpu', 1.2, 'tls.Server'),
  ...TLS.map((figure) => atLeast(figure, 1, 'picosocks5-streams')),
  atMost('idleKiB', 0.25),
  atLeast('heldSessions', 20_000),
  atLeast('heldAnswered', 100),
  atMost('stalledMiB', 1),
  atMost('restMiB', 48),
  atMost('readyMs', 300),
  atMost('systemCalls', 21),
];

function atMost(figure: FigureName, limit: number, against?: string): Goal {
  return { figure, against, bound: 'at most', limit };
}

function atLeast(figure: FigureName, limit: number, against?: string): Goal {
  return { figure, against, bound: 'at least', limit };
}
