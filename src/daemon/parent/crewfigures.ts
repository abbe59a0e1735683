// The figures of all workers as those of one daemon. Counters never fall: what a worker has told that has ended still counts, and of one
// that does not answer its last answer does.
import type { Registry } from 'prom-client';
import type { Prom } from '../../observe/figures/promclient.ts';
import type { Figures } from '../web/measuring.ts';
import { familiesOf, type FigureFamily } from '../workers/figuremessage.ts';
import type { Asking } from './asking.ts';
import type { Hand } from './hand.ts';

/** Time for the workers to answer. */
const PATIENCE_MS = 2000;

interface Whom {
  readonly asking: Asking;
  readonly crew: { readonly hands: readonly Hand[] };
}

type Families = readonly FigureFamily[];

export class CrewFigures {
  readonly #prom: Prom;
  readonly #own: Registry;
  readonly #last = new Map<Hand, Families>();
  #answered: ReadonlySet<Hand> = new Set();
  /** Of workers that have ended. */
  #past: Promise<Families> = Promise.resolve([]);

  /** `own`: the figures of the parent, in which all families stand. */
  constructor(prom: Prom, own: Registry) {
    this.#prom = prom;
    this.#own = own;
  }

  /** Whether it has answered the last question. */
  hasAnswered(hand: Hand): boolean {
    return this.#answered.has(hand);
  }

  async ask({ asking, crew }: Whom): Promise<Registry> {
    const answers = await asking.all((hand, number) => hand.tell({ kind: 'figures', number }), PATIENCE_MS);
    for (const [hand, answer] of answers) {
      if (answer.kind === 'figures') this.#last.set(hand, answer.families);
      // It has answered and ended since.
      if (!crew.hands.includes(hand)) this.lose(hand);
    }
    this.#answered = new Set(answers.keys());
    const own = await this.#own.getMetricsAsJSON();
    return this.#sum(own, [await this.#past, ...this.#last.values()]);
  }

  lose(hand: Hand): void {
    const last = this.#last.get(hand);
    this.#last.delete(hand);
    if (last !== undefined) this.#past = this.#past.then((past) => this.#keep(past, last));
  }

  async #keep(past: Families, last: Families): Promise<Families> {
    const own = await this.#own.getMetricsAsJSON();
    const lasting = own.filter(({ type }) => LASTING.includes(String(type)));
    const none = lasting.map((family) => ({ ...family, values: [] }));
    return familiesOf(await this.#sum(none, [past, last]).getMetricsAsJSON());
  }

  #sum(own: Figures, told: readonly Families[]): Registry {
    return this.#prom.AggregatorRegistry.aggregate([own, ...told.map((families) => dressed(own, families))]);
  }
}

/** Gauges end with their worker. */
const LASTING: readonly string[] = ['counter', 'histogram'];

/** The values that were told, in families that the parent has; others are ignored. */
function dressed(own: Figures, told: Families): object[] {
  const byName = new Map(told.map((family) => [family.name, family.values]));
  return own.flatMap((family) => {
    const values = byName.get(family.name);
    if (values === undefined || family.aggregator === 'first') return [];
    const parts = [undefined, ...PARTS.map((part) => family.name + part)];
    return [{ ...family, values: values.filter(({ metricName }) => parts.includes(metricName)) }];
  });
}

/** Of a histogram. */
const PARTS = ['_bucket', '_sum', '_count'] as const;
