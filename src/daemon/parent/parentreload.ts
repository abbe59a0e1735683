// A reload over all workers, in two phases: each reads, checks and opens what is new, and the configuration takes effect only
// when all could.
import { formatPlace } from '../../net/layer.ts';
import { takeContents } from '../../config/reading/contents.ts';
import type { Config } from '../../config/model/config.ts';
import { formatProblem } from '../../config/values/problem.ts';
import type { ReloadReport } from '../../control/controlanswer.ts';
import type { Addon } from '../../net/native/addon.ts';
import type { Log } from '../../observe/log.ts';
import type { KeptAccounts } from '../../auth/files/shadowfile.ts';
import type { TicketKeys } from '../../net/tls/ticketkeys.ts';
import type { Loaded, Usable } from '../host/load.ts';
import type { Following } from '../listeners/following.ts';
import type { Covers } from '../listeners/covers.ts';
import type { StandingListeners } from '../listeners/doors.ts';
import {
  coveredOf,
  openListeners,
  steadyOf,
  wantedListeners,
  type WantedListener,
} from '../listeners/listen.ts';
import { changeRights } from '../listeners/rights.ts';
import { tellRestartOnly, UNCHANGED } from '../running/reload.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import type { Asking } from './asking.ts';
import type { Crew } from './crew.ts';
import type { Hand } from './hand.ts';
import type { HeldListeners } from './heldlisteners.ts';
import { passPlaces, type Read } from './present.ts';

/** Time for all workers to take a configuration; hashing threads may have to start. */
const PREPARE_MS = 10_000;

export interface ParentReloadParts {
  readonly load: () => Promise<Loaded>;
  readonly kept: KeptAccounts;
  /** Of TLS sessions. */
  readonly keys: TicketKeys;
  readonly log: Log;
  readonly addon: Addon;
  readonly listeners: HeldListeners;
  readonly covers: Covers;
  readonly following: Following;
  readonly standing: StandingListeners;
  readonly crew: Crew;
  readonly asking: Asking;
  /** Workers that are started from now on get these. */
  readonly adopt: (read: Read) => void;
  /** What was read, over what was read before. */
  readonly over: (read: Read) => Read;
}

export interface ParentReloaded {
  /** undefined: nothing has changed. */
  readonly taken: Usable | undefined;
  readonly report: ReloadReport;
}

export async function reloadAll(parts: ParentReloadParts, before: Config): Promise<ParentReloaded> {
  const { log, load, kept } = parts;
  takeContents();
  const { usable, problems } = await load();
  const read = parts.over({ contents: takeContents(), kept, ticketKeys: ticketKeysFor(parts, usable) });
  const told = problems.map(formatProblem);
  for (const problem of problems) {
    log.write(problem.severity === 'error' ? 'err' : 'warn', 'config', {}, formatProblem(problem));
  }
  if (usable === undefined) return failed(log, told, 'the configuration has errors');
  try {
    const recheck = await changeOver(parts, before, usable.config, read);
    told.push(...tellRestartOnly(log, before, usable.config));
    log.configure(usable.config.logLevel, usable.config.logFormat);
    log.write('notice', 'reloaded', { users: usable.users.byName.size });
    return { taken: usable, report: { at: now(), reloaded: true, problems: told, recheck } };
  } catch (error) {
    if (error instanceof StartFailure) return failed(log, told, error.message);
    throw error;
  }
}

function ticketKeysFor({ keys }: ParentReloadParts, usable: Usable | undefined): Uint8Array | undefined {
  return usable?.tls && keys.for(usable.tls);
}

/** Rejects with StartFailure where nothing has changed. */
async function changeOver(
  parts: ParentReloadParts,
  present: Config,
  config: Config,
  read: Read,
): Promise<ReloadReport['recheck']> {
  const { listeners, covers, following, standing, asking } = parts;
  const before = new Set(listeners.listening);
  const wanted = await wantedListeners(config, standing.inherited);
  await openListeners(listeners, wanted, standing.inherited);
  const closeNew = (): void => {
    for (const place of listeners.listening) if (!before.has(place)) listeners.unlisten(place);
    listeners.takeChanges();
  };
  const undoRights = changeRights(listeners, { before: present.listen, after: config.listen }, closeNew);
  const coveredBefore = covers.covered;
  covers.follow(coveredOf(wanted));
  const why = await prepareAll(parts, read, keptOf(standing, wanted));
  if (why !== undefined) {
    undoRights();
    closeNew();
    covers.follow(coveredBefore);
    throw new StartFailure(EXIT.OS_ERROR, why);
  }
  const kept = keptOf(standing, wanted);
  for (const place of listeners.listening) if (!kept.has(place)) listeners.unlisten(place);
  listeners.takeChanges();
  following.follow(config.listen, [...standing.inherited, ...steadyOf(wanted)]);
  const answers = await asking.all((hand, number) => hand.tell({ kind: 'commit', number }), PREPARE_MS);
  const rechecks = [...answers.values()].flatMap((each) =>
    each.kind === 'committed' ? (each.recheck ?? []) : [],
  );
  const [first] = rechecks;
  return first && { ...first, refused: rechecks.reduce((sum, { refused }) => sum + refused, 0) };
}

function keptOf({ inherited }: StandingListeners, wanted: readonly WantedListener[]): ReadonlySet<string> {
  return new Set([...inherited, ...wanted.map(formatPlace)]);
}

/** Why one of them cannot take it; undefined: all can, and wait for the word. */
async function prepareAll(
  { addon, listeners, crew, asking, adopt }: ParentReloadParts,
  read: Read,
  kept: ReadonlySet<string>,
): Promise<string | undefined> {
  const { added } = listeners.takeChanges();
  const hands = new Set(crew.hands);
  const prepare = (hand: Hand, number: number): void => {
    const places = passPlaces({ addon, listeners }, hand, added, (place) => kept.has(formatPlace(place)));
    hand.prepare(number, { ...read, places });
  };
  const answers = await asking.all(prepare, PREPARE_MS);
  const whyNot = [...answers.values()].flatMap((each) => (each.kind === 'prepared' ? (each.why ?? []) : []));
  const silent = [...hands].filter((hand) => crew.hands.includes(hand) && !answers.has(hand));
  const [why] = [
    ...whyNot,
    ...silent.map(({ slot }) => `worker ${slot} has not answered within ${PREPARE_MS / 1000} s`),
  ];
  if (why === undefined) {
    adopt(read);
    // A worker that came meanwhile has the old configuration; the one that replaces it has the new.
    for (const hand of crew.hands) if (!answers.has(hand)) hand.kill();
    return undefined;
  }
  crew.tell({ kind: 'cancel' });
  return why;
}

function failed(log: Log, told: readonly string[], why: string): ParentReloaded {
  const sentence = `${why}${UNCHANGED}`;
  log.write('err', 'reload-failed', {}, sentence);
  const report = { at: now(), reloaded: false, problems: [...told, sentence], recheck: undefined };
  return { taken: undefined, report };
}

function now(): string {
  return new Date().toISOString();
}
