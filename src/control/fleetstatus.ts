// The fleet of a daemon, in the answer to `status`.
import { list, maybe, number, object, text, whole, type ShapeReader } from './shape.ts';

export interface FleetStatus {
  readonly fleet: string;
  /** The name of this member. */
  readonly member: string;
  /** `joined`, or why it serves alone: `joining`, `away`, `full`, `refused`, `name-taken`. */
  readonly state: string;
  /** In that state. */
  readonly seconds: number;
  /** What the store said, or the system. */
  readonly why: string | undefined;
  readonly store: string;
  /** Those that are there, this one among them. */
  readonly members: readonly string[];
  /** What this member tells is heard by the others after that time; absent: not known. */
  readonly lagMs: number | undefined;
  /** Messages since the start. */
  readonly sent: number;
  readonly heard: number;
}

const words = text(4096);
const count = whole(0);

export const FLEET: ShapeReader<FleetStatus> = object({
  fleet: words,
  member: words,
  state: words,
  seconds: number(0),
  why: maybe(words),
  store: words,
  members: list(words),
  lagMs: maybe(number(0)),
  sent: count,
  heard: count,
});
