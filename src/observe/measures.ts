// Counters since the start. A new measure needs one row here: `pis5ctl status`, the control protocol, `counters` in the log and the
// metrics read this table.
import type { SessionEvent, SessionFacts } from '../session/events.ts';

type EventKind = SessionEvent['kind'];
type Events = { readonly [Kind in EventKind]: Extract<SessionEvent, { readonly kind: Kind }> };

/** One family of the metrics, or a part of it. */
export interface MeasureMetric {
  /** Without `picosocks5_`. */
  readonly name: string;
  readonly help: string;
  /** The label of a measure that is a part of its family. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Splits the measure by a closed list of words, never by what clients choose. */
  readonly by?: {
    readonly label: string;
    readonly of: { readonly [Kind in EventKind]?: WordOf<Kind> };
    /** A second label, of events that are about a session. */
    readonly beside?: { readonly label: string; readonly of: (session: SessionFacts) => string };
  };
}

type WordOf<Kind extends EventKind> = (event: Events[Kind]) => string;

export interface Measure {
  /** Its name in the `counters` record of the log. */
  readonly field: string;
  readonly metric: MeasureMetric;
  /** The amount that an event of each kind adds; absent: none. */
  readonly adds: { readonly [Kind in EventKind]?: (event: Events[Kind]) => number };
}

const one = (): number => 1;

const BYTES = {
  name: 'bytes_total',
  help: 'Bytes that were relayed, those of live sessions included; up: from clients to targets.',
} as const;

/** By name in the control protocol, in the order in which they are shown. */
export const MEASURES = {
  accepted: {
    field: 'accepted',
    metric: { name: 'accepted_total', help: 'Clients that were accepted.' },
    adds: { accepted: one },
  },
  refused: {
    field: 'refused',
    metric: {
      name: 'refused_total',
      help: 'Sessions that were refused, by fault (docs/logging.md).',
      by: { label: 'fault', of: { refused: ({ fault }) => fault.code } },
    },
    adds: { refused: one },
  },
  ended: {
    field: 'ended',
    metric: {
      name: 'ended_total',
      help: 'Sessions that ended after their reply, by cause.',
      by: { label: 'by', of: { ended: ({ endedBy }) => endedBy } },
    },
    adds: { ended: one },
  },
  turnedAway: {
    field: 'turned-away',
    metric: {
      name: 'turned_away_total',
      help: 'Clients that were closed without a session, by fault.',
      by: { label: 'fault', of: { turnedAway: ({ fault }) => fault.code } },
    },
    adds: { turnedAway: ({ count }) => count },
  },
  loginsFailed: {
    field: 'logins-failed',
    metric: {
      name: 'logins_total',
      help: 'Clients that came in as a user (ok), and logins that failed, by fault; and how they logged in.',
      by: {
        label: 'result',
        of: { loginFailed: ({ fault }) => fault.code },
        beside: { label: 'method', of: ({ method = 'none' }) => method },
      },
    },
    adds: { loginFailed: one },
  },
  bytesUp: {
    field: 'up',
    metric: { ...BYTES, labels: { direction: 'up' } },
    adds: { ended: ({ bytesUp }) => bytesUp },
  },
  bytesDown: {
    field: 'down',
    metric: { ...BYTES, labels: { direction: 'down' } },
    adds: { ended: ({ bytesDown }) => bytesDown },
  },
} as const satisfies Record<string, Measure>;

export type MeasureName = keyof typeof MEASURES;

export const MEASURE_NAMES = Object.keys(MEASURES) as readonly MeasureName[];

/** Sums since the start. */
export type Totals = Readonly<Record<MeasureName, number>>;

type Addition = readonly [name: MeasureName, amount: (event: SessionEvent) => number];

/** The measures that events of one kind add to. */
export function additionsOf(kind: EventKind): readonly Addition[] {
  return MEASURE_NAMES.flatMap((name) => {
    const { adds }: Measure = MEASURES[name];
    const amount = adds[kind] as Addition[1] | undefined;
    return amount === undefined ? [] : [[name, amount] as const];
  });
}

/** A record with one value for each measure. */
export function eachMeasure<Value>(valueOf: (name: MeasureName) => Value): Record<MeasureName, Value> {
  return Object.fromEntries(MEASURE_NAMES.map((name) => [name, valueOf(name)])) as Record<MeasureName, Value>;
}
