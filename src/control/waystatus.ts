// Ways of the routes, in the answer to `status`.
import { maybe, number, object, text, whole, type ShapeReader } from './shape.ts';

/** A way of the routes, or an earlier one that carries sessions or is down. */
export interface WayStatus {
  /** Its proxies in the form of the log, or `direct`. */
  readonly via: string;
  /** `untried`, `up` or `down`. */
  readonly state: string;
  /** Time in that state; absent: untried. */
  readonly seconds: number | undefined;
  readonly sessions: number;
  /** Until a client tries it first again; absent: it is not down. */
  readonly retrySeconds: number | undefined;
  /** The last failure: its fault code and its text. */
  readonly failure:
    { readonly why: string; readonly detail: string | undefined; readonly secondsAgo: number } | undefined;
}

const words = text(65_536);
const count = whole(0);

export const WAY: ShapeReader<WayStatus> = object({
  via: words,
  state: words,
  seconds: maybe(number(0)),
  sessions: count,
  retrySeconds: maybe(number(0)),
  failure: maybe(object({ why: words, detail: maybe(words), secondsAgo: number(0) })),
});
