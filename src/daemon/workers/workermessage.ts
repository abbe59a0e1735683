// What a worker tells its parent: one JSON object on a line. The reader is pure and takes nothing for granted, because a worker
// parses bytes that clients choose.
import type { Parsed } from '../../config/values/parsed.ts';
import {
  list,
  maybe,
  Misfit,
  object,
  oneWordOf,
  readJson,
  text,
  whole,
  type ShapeReader,
} from '../../control/shape.ts';
import { eachMeasure, type Totals } from '../../observe/measures.ts';
import { CHILD_ORDER, type ChildOrder } from './childmessage.ts';
import { FACTS, type Facts } from './factmessage.ts';
import { TICKET_QUESTION, type TicketQuestion } from './ticketmessage.ts';
import { FAMILIES, type FigureFamily } from './figuremessage.ts';

/** Longest line of a worker: the longest answer to pis5ctl, and some more. */
export const MAX_WORKER_LINE = 16_777_216;

export type WorkerMessage =
  /** It can serve, and waits for `open`. `confined` and `transport` as in the `started` record. */
  | {
      readonly kind: 'ready';
      readonly transport: string;
      readonly because: string;
      readonly confined: string;
      readonly lacks: string | undefined;
    }
  | { readonly kind: 'failed'; readonly status: number; readonly message: string }
  | { readonly kind: 'warn'; readonly text: string }
  /** It still runs; asked for each second. `totals`: without those of live sessions. */
  | { readonly kind: 'pong'; readonly sessions: number; readonly totals: Totals }
  | { readonly kind: 'facts'; readonly facts: Facts }
  /** It stood still for so long that it takes the others for gone: it has to hear everything anew. */
  | { readonly kind: 'behind' }
  /** Half of its session ids are used. */
  | { readonly kind: 'more-ids' }
  /** `answer`: a line of the control protocol. */
  | { readonly kind: 'answer'; readonly number: number; readonly answer: string }
  | { readonly kind: 'figures'; readonly number: number; readonly families: readonly FigureFamily[] }
  | ({ readonly kind: 'child' } & ChildOrder)
  | ({ readonly kind: 'ticket' } & TicketQuestion)
  /** Records for accounts, in the form in which they are kept. */
  | { readonly kind: 'records'; readonly lines: readonly string[] }
  /** It could take the configuration; `why`: it could not. */
  | { readonly kind: 'prepared'; readonly number: number; readonly why: string | undefined }
  | {
      readonly kind: 'committed';
      readonly number: number;
      readonly recheck: { readonly refused: number; readonly what: string } | undefined;
      readonly problems: readonly string[];
    };

/** What a worker says of its own state, and not of what it does. */
export type AboutItself = Extract<WorkerMessage, { kind: (typeof ABOUT_ITSELF)[number] }>;

const ABOUT_ITSELF = ['ready', 'failed', 'warn', 'pong', 'more-ids'] as const;

export function isAboutItself(message: WorkerMessage): message is AboutItself {
  return (ABOUT_ITSELF as readonly string[]).includes(message.kind);
}

const words = text(65_536);
const count = whole(0);

/** A record is a line, whatever a worker says. */
const line: ShapeReader<string> = (found, where) => {
  const read = words(found, where);
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f]/.test(read)) throw new Misfit(`${where}: not one line`);
  return read;
};

const READERS: {
  readonly [Kind in WorkerMessage['kind']]: ShapeReader<Omit<Extract<WorkerMessage, { kind: Kind }>, 'kind'>>;
} = {
  ready: object({ transport: words, because: words, confined: words, lacks: maybe(words) }),
  failed: object({ status: whole(1, 255), message: words }),
  warn: object({ text: words }),
  pong: object({ sessions: count, totals: object(eachMeasure(() => count)) }),
  facts: object({ facts: FACTS }),
  behind: object({}),
  'more-ids': object({}),
  answer: object({ number: count, answer: text(MAX_WORKER_LINE) }),
  figures: object({ number: count, families: FAMILIES }),
  child: CHILD_ORDER,
  ticket: TICKET_QUESTION,
  records: object({ lines: list(line) }),
  prepared: object({ number: count, why: maybe(words) }),
  committed: object({
    number: count,
    recheck: maybe(object({ refused: count, what: words })),
    problems: list(words),
  }),
};

const KINDS = Object.keys(READERS) as readonly WorkerMessage['kind'][];
const HEAD = object({ kind: oneWordOf(KINDS) });

/** Reads a line without its end. */
export function decodeWorkerMessage(line: string): Parsed<WorkerMessage> {
  return readJson(line, (found, where) => {
    const { kind } = HEAD(found, where);
    return { kind, ...READERS[kind](found, where) } as WorkerMessage;
  });
}
