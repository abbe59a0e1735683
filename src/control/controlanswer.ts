// Answers over the control socket: one JSON object on one line, described in docs/control.md. `ok` says whether the request was
// understood and carried out; the result stands beside it.
import type { LogLevel } from '../config/model/config.ts';
import type { Parsed } from '../config/values/parsed.ts';
import { eachMeasure, type Totals } from '../observe/measures.ts';
import { CONTROL_VERSION, type ControlCommand } from './controlmessage.ts';
import { FLEET, type FleetStatus } from './fleetstatus.ts';
import { flag, list, maybe, number, object, readJson, text, whole, type ShapeReader } from './shape.ts';
import { SOURCE, type SourceStatus } from './sourcestatus.ts';
import { WAY, type WayStatus } from './waystatus.ts';
import { WORKER, type WorkerStatus } from './workerstatus.ts';

export type { WayStatus } from './waystatus.ts';

export interface ReloadReport {
  /** When it ended, RFC 3339. */
  readonly at: string;
  /** Whether the new configuration holds. */
  readonly reloaded: boolean;
  /** Errors and warnings, as the log has them. */
  readonly problems: readonly string[];
  /** Live sessions that the new rules would refuse, and the action on them; absent with `keep`. */
  readonly recheck: { readonly refused: number; readonly what: string } | undefined;
}

export interface DaemonStatus {
  /** The version of the program. */
  readonly release: string;
  readonly pid: number;
  /** `serving` or `draining`. */
  readonly state: string;
  readonly uptimeSeconds: number;
  readonly transport: string;
  readonly account: string;
  readonly listen: readonly string[];
  readonly users: number;
  readonly bans: number;
  readonly logLevel: string;
  /** Live sessions. */
  readonly live: number;
  /** Live sessions that relay no bytes yet. */
  readonly handshakes: number;
  /** Live sessions by the command of their request. */
  readonly commands: Readonly<Record<SessionWord, number>>;
  /** Bytes of live sessions included. */
  readonly totals: Totals;
  /** Resident memory of the process; absent where the system does not tell, as the descriptors. */
  readonly memoryBytes: number | undefined;
  readonly descriptors: number | undefined;
  /** Absent: unlimited. */
  readonly descriptorLimit: number | undefined;
  readonly lastReload: ReloadReport | undefined;
  /** Why the state file is not written; absent: it is, or there is none. */
  readonly stateFailure: string | undefined;
  /** The first MAX_WAYS_LISTED; absent: no route has a proxy. */
  readonly ways: readonly WayStatus[] | undefined;
  /** In the order of `auth`; absent: all users are in files. */
  readonly sources?: readonly SourceStatus[] | undefined;
  /** Absent: one process serves. */
  readonly workers?: readonly WorkerStatus[] | undefined;
  /** Absent: it is in none. */
  readonly fleet?: FleetStatus | undefined;
  /** `config-version`. */
  readonly configVersion?: string | undefined;
}

/** Commands of clients, in the words of the log. */
export type SessionWord = 'connect' | 'bind' | 'assoc' | 'resolve';

/** One live session; a field that is unknown as yet, or does not apply, is absent. */
export interface SessionReport {
  readonly id: number;
  readonly client: string;
  readonly user: string | undefined;
  readonly group: string | undefined;
  /** The user id that a SOCKS4 client claims. */
  readonly userid: string | undefined;
  readonly command: string | undefined;
  readonly dest: string | undefined;
  readonly dialled: string | undefined;
  readonly seconds: number;
  readonly up: number;
  readonly down: number;
}

export interface BanReport {
  /** `client` or `user`. */
  readonly kind: string;
  /** An address, `ADDRESS/64`, or the name of the user. */
  readonly name: string;
  readonly secondsLeft: number;
}

export type ControlAnswer =
  /** `code`: bad-request, busy, not-serving. `message` is for people. */
  | { readonly ok: false; readonly code: string; readonly message: string }
  | { readonly ok: true; readonly command: 'status'; readonly status: DaemonStatus }
  | {
      readonly ok: true;
      readonly command: 'sessions';
      /** All that fit; `sessions` may be fewer. */
      readonly matching: number;
      readonly sessions: readonly SessionReport[];
    }
  | { readonly ok: true; readonly command: 'kick'; readonly kicked: number }
  /**
   * `live`: sessions that the client has and keeps; `exempt`: ban-allow lets all of it in all the same; `spared`: blocks of
   * ban-allow of which that is so for a part.
   */
  | {
      readonly ok: true;
      readonly command: 'ban';
      readonly name: string;
      readonly seconds: number;
      readonly live: number;
      readonly exempt: boolean;
      readonly spared?: readonly string[] | undefined;
    }
  | {
      readonly ok: true;
      readonly command: 'unban';
      readonly kind: string;
      readonly name: string;
      readonly unbanned: boolean;
      /** Banned blocks in which it still is. */
      readonly within?: readonly string[] | undefined;
    }
  /** `known`: whether auth-once knew it. */
  | { readonly ok: true; readonly command: 'forget'; readonly name: string; readonly known: boolean }
  | { readonly ok: true; readonly command: 'bans'; readonly bans: readonly BanReport[] }
  | { readonly ok: true; readonly command: 'reload'; readonly reload: ReloadReport }
  | {
      readonly ok: true;
      readonly command: 'drain';
      readonly sessions: number;
      readonly seconds: number;
      /** Seconds until it begins; absent: at once. */
      readonly announce?: number | undefined;
    }
  | { readonly ok: true; readonly command: 'loglevel'; readonly level: LogLevel };

/** The answer to a request of one command. */
export type AnswerTo<Command extends ControlCommand> = Extract<ControlAnswer, { command: Command }>;

/** An answer as one line with its end. */
export function encodeAnswer(answer: ControlAnswer): string {
  return `${JSON.stringify({ version: CONTROL_VERSION, ...answer })}\n`;
}

/** Reads the answer to a request of this command from a line without its end. */
export function decodeAnswer(command: ControlCommand, line: string): Parsed<ControlAnswer> {
  return readJson(line, (found, where) => {
    VERSIONED(found, where);
    return readAnswer(command)(found, where);
  });
}

/** The same without its version. */
export function readAnswer(command: ControlCommand): ShapeReader<ControlAnswer> {
  return (found, where) => {
    const { ok } = HEAD(found, where);
    if (!ok) return { ok, ...REFUSAL(found, where) };
    return { ok, command, ...ANSWERS[command](found, where) } as ControlAnswer;
  };
}

const count = whole(0);
/** Longer than any name that a client or a file can give, with room for escapes. */
const words = text(65_536);

const VERSIONED = object({ version: whole(CONTROL_VERSION, CONTROL_VERSION) });
const HEAD = object({ ok: flag });
const REFUSAL = object({ code: words, message: words });

const RELOAD: ShapeReader<ReloadReport> = object({
  at: words,
  reloaded: flag,
  problems: list(words),
  recheck: maybe(object({ refused: count, what: words })),
});

const STATUS: ShapeReader<DaemonStatus> = object({
  release: words,
  pid: count,
  state: words,
  uptimeSeconds: number(0),
  transport: words,
  account: words,
  listen: list(words),
  users: count,
  bans: count,
  logLevel: words,
  live: count,
  handshakes: count,
  commands: object({ connect: count, bind: count, assoc: count, resolve: count }),
  totals: object(eachMeasure(() => count)),
  memoryBytes: maybe(count),
  descriptors: maybe(count),
  descriptorLimit: maybe(count),
  lastReload: maybe(RELOAD),
  stateFailure: maybe(words),
  ways: maybe(list(WAY)),
  sources: maybe(list(SOURCE)),
  workers: maybe(list(WORKER)),
  fleet: maybe(FLEET),
  configVersion: maybe(words),
});

const SESSION: ShapeReader<SessionReport> = object({
  id: count,
  client: words,
  user: maybe(words),
  group: maybe(words),
  userid: maybe(words),
  command: maybe(words),
  dest: maybe(words),
  dialled: maybe(words),
  seconds: number(0),
  up: count,
  down: count,
});

type Details<Command extends ControlCommand> = Omit<AnswerTo<Command>, 'ok' | 'command'>;

const ANSWERS: { readonly [Command in ControlCommand]: ShapeReader<Details<Command>> } = {
  status: object({ status: STATUS }),
  sessions: object({ matching: count, sessions: list(SESSION) }),
  kick: object({ kicked: count }),
  ban: object({ name: words, seconds: count, live: count, exempt: flag, spared: maybe(list(words)) }),
  unban: object({ kind: words, name: words, unbanned: flag, within: maybe(list(words)) }),
  forget: object({ name: words, known: flag }),
  bans: object({ bans: list(object({ kind: words, name: words, secondsLeft: number(0) })) }),
  reload: object({ reload: RELOAD }),
  drain: object({ sessions: count, seconds: number(0), announce: maybe(number(0)) }),
  loglevel: object({ level: words as ShapeReader<LogLevel> }),
};
