// Sources of users that are asked, in the answer to `status`.
import { maybe, number, object, text, whole, type ShapeReader } from './shape.ts';

/** A source that is asked about users that no file has. */
export interface SourceStatus {
  /** As the log names it. */
  readonly name: string;
  /** `untried`, `up` or `down`. */
  readonly state: string;
  /** Time in that state; absent: untried. */
  readonly seconds: number | undefined;
  /** Questions since the start, those of them that got no answer, and logins that wait for their question now. */
  readonly asked: number;
  readonly unanswered: number;
  readonly waiting: number;
  /** Why it is down. */
  readonly detail: string | undefined;
}

const count = whole(0);
const words = text(65_536);

export const SOURCE: ShapeReader<SourceStatus> = object({
  name: words,
  state: words,
  seconds: maybe(number(0)),
  asked: count,
  unanswered: count,
  waiting: count,
  detail: maybe(words),
});
