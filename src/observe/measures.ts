// Counters since the start. A new measure needs one row here: `pis5ctl status`, the control protocol and `counters` in the log
// read this table.
import type { SessionEvent } from '../session/events.ts';

type EventKind = SessionEvent['kind'];
type Events = { readonly [Kind in EventKind]: Extract<SessionEvent, { readonly kind: Kind }> };

interface Measure {
  /** In the `counters` record of the log. */
  readonly field: string;
  /** The amount that an event of each kind adds; absent: none. */
  readonly adds: { readonly [Kind in EventKind]?: (event: Events[Kind]) => number };
}

const one = (): number => 1;

/** By name in the control protocol, in the order in which they are shown. */
export const MEASURES = {
  accepted: { field: 'accepted', adds: { accepted: one } },
  refused: { field: 'refused', adds: { refused: one } },
  ended: { field: 'ended', adds: { ended: one } },
  turnedAway: { field: 'turned-away', adds: { turnedAway: ({ count }) => count } },
  loginsFailed: { field: 'logins-failed', adds: { loginFailed: one } },
  bytesUp: { field: 'up', adds: { ended: ({ bytesUp }) => bytesUp } },
  bytesDown: { field: 'down', adds: { ended: ({ bytesDown }) => bytesDown } },
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
