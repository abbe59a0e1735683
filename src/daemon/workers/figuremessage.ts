// Figures as they travel from a worker to its parent, who adds them up: only numbers are believed, and names that the parent has itself.
import { list, maybe, Misfit, number, object, text, type ShapeReader } from '../../control/shape.ts';
import type { Figures } from '../web/measuring.ts';

export interface Figure {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a part of a histogram; absent: that of the family. */
  readonly metricName?: string | undefined;
}

export interface FigureFamily {
  readonly name: string;
  readonly values: readonly Figure[];
}

const MOST_LABELS = 4;
const MOST_VALUES = 50_000;
const word = text(256);
/** Of the configuration: a way may have several proxies. */
const labelValue = text(8192);

const LABELS: ShapeReader<Readonly<Record<string, string>>> = (found, where) => {
  object({})(found, where);
  const fields = Object.entries(found as object);
  if (fields.length > MOST_LABELS) throw new Misfit(`${where}: more than ${MOST_LABELS} labels`);
  return Object.fromEntries(
    fields.map(([name, value]) => {
      if (!/^[a-z_]{1,32}$/.test(name)) throw new Misfit(`${where}: no name of a label`);
      return [name, labelValue(value, `${where}.${name}`)];
    }),
  );
};

const VALUES: ShapeReader<readonly Figure[]> = (found, where) => {
  const values = list(object<Figure>({ labels: LABELS, value: number(0), metricName: maybe(word) }))(
    found,
    where,
  );
  if (values.length > MOST_VALUES) throw new Misfit(`${where}: more than ${MOST_VALUES} values`);
  return values;
};

export const FAMILIES: ShapeReader<readonly FigureFamily[]> = list(object({ name: word, values: VALUES }));

/** Of a worker. */
export function familiesOf(figures: Figures): readonly FigureFamily[] {
  return figures.map((family) => ({
    name: family.name,
    values: ('values' in family ? family.values : []).map(({ labels, value, ...more }) => ({
      labels: Object.fromEntries(Object.entries(labels).map(([name, of]) => [name, String(of)])),
      value,
      ...('metricName' in more && typeof more.metricName === 'string' && { metricName: more.metricName }),
    })),
  }));
}
