// The metrics of one server in a registry of prom-client: counters of events, durations of sessions, and readings at each
// request. Nothing of it is loaded or called unless metrics are on.
import type { Aggregator, Counter, Registry } from 'prom-client';
import { FAULTS } from '../../base/fault.ts';
import type { Report, SessionEvent } from '../../session/events.ts';
import { MEASURE_NAMES, MEASURES, type Measure, type MeasureMetric, type MeasureName } from '../measures.ts';
import type { Family } from './families.ts';
import type { MetricsRegistry, Prom } from './promclient.ts';
import { SessionFamilies } from './sessionfamilies.ts';
import type { Vitals } from './vitals.ts';

const PREFIX = 'picosocks5_';

/** In the words of prom-client. A parent comes first. */
const AGGREGATORS = { max: 'max', parent: 'first' } as const;

/** Counts one event. */
type Hear = (event: SessionEvent) => void;

export class Metrics {
  readonly sessions: SessionFamilies;
  readonly #prom: Prom;
  readonly #registry: MetricsRegistry;
  readonly #names: string[] = [];
  readonly #hears = new Map<SessionEvent['kind'], Hear[]>();
  #vitals: Vitals | undefined;

  /** Throws TypeError where `registry` has metrics of another server. */
  constructor(prom: Prom, registry: MetricsRegistry, families: readonly Family[]) {
    this.#prom = prom;
    this.#registry = registry;
    const counters = new Map<string, Counter>();
    for (const name of MEASURE_NAMES) this.#addMeasure(name, counters);
    for (const family of families) this.#addFamily(family);
    const logins = counters.get('logins_total');
    this.sessions = new SessionFamilies(
      prom,
      (name) => this.#placeFor(name),
      (method) => logins?.inc({ result: 'ok', method }),
    );
  }

  /** From now on its readings are those of `vitals`. */
  follow(vitals: Vitals): void {
    this.#vitals = vitals;
  }

  /** Counts, then passes each event on to `next`. */
  hearing(next: Report): Report {
    return (event) => {
      for (const hear of this.#hears.get(event.kind) ?? []) hear(event);
      this.sessions.hear(event);
      next(event);
    };
  }

  /** Takes its metrics out of the registry. */
  remove(): void {
    for (const name of this.#names) this.#registry.removeSingleMetric(name);
  }

  /** The name of a metric, and the registry that it goes to. */
  #placeFor(name: string): { readonly name: string; readonly registers: Registry[] } {
    const full = PREFIX + name;
    if (this.#registry.getSingleMetric(full) !== undefined)
      throw new TypeError(
        `metrics: this registry has ${full} already; give each server a registry of its own`,
      );
    this.#names.push(full);
    return { name: full, registers: [this.#registry as unknown as Registry] };
  }

  #addMeasure(name: MeasureName, counters: Map<string, Counter>): void {
    const { metric }: Measure = MEASURES[name];
    if (counters.has(metric.name)) return;
    const counter = metric.by === undefined ? this.#absolute(metric) : this.#split(name, metric, metric.by);
    counters.set(metric.name, counter);
  }

  /** A family of sums since the start, by the labels of its measures. */
  #absolute({ name, help, labels = {} }: MeasureMetric): Counter {
    const parts = MEASURE_NAMES.filter((each) => MEASURES[each].metric.name === name);
    const read = (): Vitals['totals'] extends () => infer T ? T | undefined : never => this.#vitals?.totals();
    return new this.#prom.Counter({
      ...this.#placeFor(name),
      help,
      labelNames: Object.keys(labels),
      collect() {
        const totals = read();
        if (totals === undefined) return;
        this.reset();
        for (const each of parts) {
          const { metric }: Measure = MEASURES[each];
          this.inc(metric.labels ?? {}, totals[each]);
        }
      },
    });
  }

  #split(name: MeasureName, metric: MeasureMetric, by: NonNullable<MeasureMetric['by']>): Counter {
    const { label, of, beside } = by;
    const { adds }: Measure = MEASURES[name];
    const counter = new this.#prom.Counter({
      ...this.#placeFor(metric.name),
      help: metric.help,
      labelNames: beside === undefined ? [label] : [label, beside.label],
    });
    // Begins with 0, so that the first fault shows as an increase.
    if (label === 'fault') for (const fault of Object.keys(FAULTS)) counter.inc({ [label]: fault }, 0);
    for (const [kind, wordOf] of Object.entries(of) as [
      SessionEvent['kind'],
      (event: SessionEvent) => string,
    ][]) {
      const amountOf = adds[kind] as (event: SessionEvent) => number;
      this.#on(kind, (event) => {
        const more = beside && 'session' in event ? { [beside.label]: beside.of(event.session) } : {};
        counter.inc({ [label]: wordOf(event), ...more }, amountOf(event));
      });
    }
    return counter;
  }

  #on(kind: SessionEvent['kind'], hear: Hear): void {
    this.#hears.set(kind, [...(this.#hears.get(kind) ?? []), hear]);
  }

  #addFamily({ type, name, help, labels = [], over, read }: Family): void {
    const samples = (): ReturnType<Family['read']> => (this.#vitals === undefined ? [] : read(this.#vitals));
    const aggregator: Aggregator = over === undefined ? 'sum' : AGGREGATORS[over];
    const plan = { ...this.#placeFor(name), help, labelNames: labels, aggregator };
    const Kind = type === 'counter' ? this.#prom.Counter : this.#prom.Gauge;
    new Kind({
      ...plan,
      collect(this: Pick<Counter, 'reset' | 'inc' | 'remove'>) {
        this.reset();
        const known = samples().filter(({ value }) => value !== undefined);
        // Without labels prom-client reports 0 for a value that was never set.
        if (known.length === 0 && labels.length === 0) this.remove();
        for (const { labels: of = {}, value } of known) this.inc(of, value);
      },
    });
  }
}
