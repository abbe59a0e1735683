// The parent of workers, from the configuration to its end. It does what only one process can do for the daemon, above all what needs
// root; it serves nobody, and its workers are born as the service account.
import { monotonicMs } from '../../base/clock.ts';
import { takeContents } from '../../config/reading/contents.ts';
import type { Layer } from '../../net/layer.ts';
import { openOwn } from '../../net/native/hostaddresses.ts';
import { TicketKeys } from '../../net/tls/ticketkeys.ts';
import type { AccountBook } from '../../observe/figures/accounting.ts';
import type { BanRules } from '../../policy/access/bans.ts';
import { Usage } from '../../policy/limits/quota.ts';
import { Sources } from '../../policy/rules/sources.ts';
import { rememberBy } from '../../session/logins.ts';
import { banRulesOf } from '../../session/snapshot.ts';
import { openConfinement } from '../account/confinement.ts';
import { keepControl } from '../control/control.ts';
import type { Ask } from '../control/controlconversation.ts';
import { Handover } from '../control/handover.ts';
import { findNative } from '../host/transport.ts';
import { Covers } from '../listeners/covers.ts';
import { openDoors } from '../listeners/doors.ts';
import { Following } from '../listeners/following.ts';
import { keepPidFile, steadyFacts, succeed, warnerOf, warnOfUnreadable } from '../running/duties.ts';
import type { Launch } from '../running/launch.ts';
import { Lifecycle } from '../running/lifecycle.ts';
import { becomeAccount, exitOnBugs, findAccount, openDaemonLog } from '../running/startup.ts';
import { keepState } from '../running/stateparts.ts';
import { supervise } from '../running/supervision.ts';
import { refuseUnit } from '../takeover/takeovertrust.ts';
import { raiseLimitForSessions } from '../unix/descriptors.ts';
import { EXIT, StartFailure, type ExitStatus } from '../unix/exit.ts';
import { openBook } from '../running/bookkeeping.ts';
import { keepWeb } from '../web/metricsport.ts';
import { openNotify } from '../unix/systemd.ts';
import type { Ready } from './crew.ts';
import type { Known } from './hub.ts';
import { HeldListeners } from './heldlisteners.ts';
import { holdingTransport } from './holding.ts';
import { askStatus, createParentDesk } from './parentdesk.ts';
import { reloadAll } from './parentreload.ts';
import { ParentRunning } from './parentrunning.ts';
import { provide } from './provided.ts';
import { Staff, type Call } from './staff.ts';

/** Runs until a signal ends it. Rejects with StartFailure when it cannot start. */
export async function runParent(asked: Launch, call: Call): Promise<ExitStatus> {
  const start = await openAsRoot({ ...asked, warn: once(asked.warn) }, call);
  const { launch, config, users, log, lifecycle, listeners } = start;
  const known = { ...rememberBy(Date.now), usage: new Usage(Date.now) };
  const state = await keepState(config.stateFile, known.usage, known, warnerOf(log, launch, lifecycle));
  const book = config.accounting && (await openBook(start));
  const present = { config };
  const keys = new TicketKeys();
  const banRules = (): BanRules => banRulesOf(present.config);
  const staff = staffOf(start, call, { known: { ...known, banRules }, keys, book });
  const ready = await staff.crew.start();
  // The workers have all of these; later changes are told to them.
  listeners.takeChanges();
  await start.openLast();
  staff.spread();

  const following = follow(start);
  const reloading = {
    ...start,
    crew: staff.crew,
    asking: staff.asking,
    adopt: staff.adopt,
    over: staff.over,
    load: launch.load,
    kept: call.kept,
    keys,
    following,
  };
  const supervision = supervise(start.notify, () => statusLine(staff, listeners));
  const running: ParentRunning = new ParentRunning({
    ...start,
    users: users.byName.size,
    crew: staff.crew,
    following,
    book,
    state,
    supervision,
    reload: async (before) => {
      const reloaded = await reloadAll(reloading, before);
      present.config = reloaded.taken?.config ?? present.config;
      return reloaded;
    },
    askStatus: () => askStatus(desk),
    look: () => staff.look(),
  });
  const facts = steadyFacts(ready.transport, start.account);
  const desk = { steering: running, crew: staff.crew, asking: staff.asking, listeners, ...known, log, facts };
  start.measuring?.follow(desk);
  tellStarted(start, ready, call);
  start.confirmPidFile();
  launch.ready();
  supervision.ready();
  staff.crew.serve();
  following.follow(config.listen, start.standing.steady);
  serveControl(start, running, staff, createParentDesk(desk));
  if (start.predecessor !== undefined) await succeed(start.predecessor, log);
  return running.ended;
}

interface Books {
  readonly known: Omit<Known, 'sources'>;
  readonly keys: TicketKeys;
  readonly book: AccountBook | undefined;
}

function staffOf(start: Start, call: Call, { known, keys, book }: Books): Staff {
  const tls = start.loaded.usable?.tls;
  const sources = new Sources(monotonicMs, Math.random, Date.now);
  return new Staff({
    ...start,
    call,
    warn: start.launch.warn,
    known: { ...known, sources },
    read: { contents: start.contents, kept: call.kept, ticketKeys: tls && keys.for(tls) },
    book,
    onLost: (hand) => start.measuring?.lose(hand),
  });
}

/** What a parent has when it has become the service account. */
type Start = Awaited<ReturnType<typeof openAsRoot>>;

async function openAsRoot(launch: Launch, call: Call) {
  takeContents();
  // Loads once more, this time with the bytes of all files, for the workers.
  const loaded = await launch.load();
  const contents = takeContents();
  if (loaded.usable === undefined) throw new StartFailure(EXIT.CONFIG, CHANGED);
  const { config, users } = loaded.usable;
  const lifecycle = new Lifecycle(() => process.exit());
  process.umask(0o027);
  refuseUnit(config, loaded.files);
  const account = findAccount(config, launch);
  const native = findNative();
  const { addon, reason } = native;
  if (addon === undefined) {
    const why = `workers = ${call.workers} needs the native addon, but ${reason}`;
    throw new StartFailure(EXIT.OS_ERROR, why);
  }
  const notify = openNotify(addon, launch.warn);
  const log = await openDaemonLog(config, account, native, launch);
  exitOnBugs(log);
  const confinement = openConfinement(config, native);
  const provided = await provide(config, log);
  const checks = await keepWeb(config, account, provided.measuring);
  raiseLimitForSessions(config.maxSessions, launch.warn);
  const covers = new Covers(UNSPOKEN);
  const listeners = new HeldListeners(holdingTransport(addon, config), covers);
  const asker = { native, account, warn: launch.warn };
  const doors = await openDoors({ server: listeners, covers }, config, asker);
  const { pid, control: inherited } = doors.predecessor ?? {};
  const pidFile = keepPidFile(config, pid);
  const control = await keepControl(config.control, account, inherited);
  const identity = becomeAccount(account, config, confinement);
  warnOfUnreadable({ ...launch, loaded });
  confinement.closeWithPrograms();
  const { release: releasePidFile, confirm: confirmPidFile } = pidFile;
  const ofHost = { account, addon, native, notify, log, checks, control, identity };
  return {
    ...ofHost,
    ...provided,
    releasePidFile,
    confirmPidFile,
    ...doors,
    launch,
    loaded,
    contents,
    config,
    users,
    lifecycle,
    listeners,
    covers,
  };
}

/** Workers have the real one: here it only tells which listeners it is for. */
const UNSPOKEN: Layer = {
  name: 'tls',
  cover: () => Promise.reject(new Error('a parent serves nobody')),
};

const CHANGED = 'the configuration has changed while it was read; start again';

function follow({ addon, listeners, covers, log, lifecycle }: Start): Following {
  const own = openOwn(addon, (why) => log.write('warn', 'own-addresses', {}, why));
  return new Following({
    server: listeners,
    log,
    planFor: (...asked) => covers.planFor(...asked),
    isHere: (ip) => own.delivers(ip),
    isServing: () => lifecycle.state === 'serving',
  });
}

function serveControl(
  { listeners, log, addon, control }: Start,
  steering: ParentRunning,
  { crew }: Staff,
  desk: Ask,
): void {
  const server = {
    get bound() {
      return listeners.bound;
    },
    get descriptors() {
      return listeners.descriptors;
    },
    leaveFiles: () => listeners.leaveFiles(),
    get registry() {
      return { size: crew.sessions };
    },
  };
  control.serve(desk, new Handover({ server, log, addon, steering, control }));
}

function tellStarted({ log, listeners, identity }: Start, ready: Ready, { workers }: Call): void {
  const { transport, because, confined, lacks } = ready;
  const listen = listeners.bound.join(',');
  log.write('notice', 'started', { listen, transport, because, as: identity, confined, workers }, lacks);
}

/** One line for "systemctl status". */
function statusLine({ crew }: Staff, { bound }: HeldListeners): string {
  const sessions = crew.sessions === 1 ? '1 session' : `${crew.sessions} sessions`;
  return `${sessions} of ${crew.hands.length} workers; serving on ${bound.join(', ') || 'nothing any more'}`;
}

/** Every worker, and the parent, would warn of the same. */
function once(warn: (sentence: string) => void): (sentence: string) => void {
  const told = new Set<string>();
  return (sentence) => {
    if (told.has(sentence) || told.size >= MOST_WARNINGS) return;
    told.add(sentence);
    warn(sentence);
  };
}

const MOST_WARNINGS = 256;
