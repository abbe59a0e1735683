// The command line: chooses the action and the process that does it. Code that a daemon does not need is loaded on demand, or it
// would stay in its memory (docs/decisions/021-speed.md).
import { availableParallelism } from 'node:os';
import type { KeptAccounts } from '../../auth/files/shadowfile.ts';
import { renderHelp } from '../../config/documents/help.ts';
import { renderConfig } from '../../config/documents/print.ts';
import type { Config, Problem } from '../../config/model/config.ts';
import { formatProblem, isUsageError } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { VERSION } from '../../control/version.ts';
import type { Explanation } from '../ask/explain.ts';
import { dressUp, type Guise, type LoadDropIns, type ToldText, type Translated } from '../host/dropin.ts';
import { loadAll, type Loaded, type Usable } from '../host/load.ts';
import { hasPassedSockets } from '../listeners/passed.ts';
import { backgroundChild, type BackgroundChild } from '../unix/background-child.ts';
import { complain, isStderrClient } from '../unix/complain.ts';
import { launchInBackground, type Detached } from '../unix/daemonize.ts';
import { EXIT, StartFailure, type ExitStatus } from '../unix/exit.ts';
import { print as printAll } from '../unix/output.ts';
import { isWorker } from '../workers/station.ts';
import type { Call } from '../parent/staff.ts';
import { runDaemon } from './daemon.ts';

/**
 * Does what `argv` asks for; `program` is the URL of the main module, `loadDropIns` gives the programs whose command lines are
 * understood. Never rejects: a bug has a status too.
 */
export async function runCommandLine(
  argv: readonly string[],
  program: string,
  loadDropIns: LoadDropIns,
): Promise<number> {
  if (isWorker()) return (await import('../worker/worker.ts')).runWorker(runDaemon);
  const background = backgroundChild();
  let failure: number | undefined;
  try {
    const folder = background?.folder ?? currentFolder();
    const guise = await dressUp(argv, folder, loadDropIns);
    failure = guise.dropIn?.failure;
    return await runInvocation({ argv, program, folder, guise }, background);
  } catch (error) {
    const { message, status } = error instanceof StartFailure ? error : bug(error);
    if (background === undefined) complain(message);
    else background.failed(message, status);
    return status === EXIT.SOFTWARE ? status : (failure ?? status);
  }
}

function bug(error: unknown): StartFailure {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new StartFailure(EXIT.SOFTWARE, `this is a bug, please report it: ${what}`, error);
}

/** The command line of this process. */
interface Invocation {
  readonly argv: readonly string[];
  readonly program: string;
  readonly folder: string;
  readonly guise: Guise;
}

async function runInvocation(call: Invocation, background: BackgroundChild | undefined): Promise<number> {
  const { argv, program, folder, guise } = call;
  const translation = await guise.translate();
  if (translation.kind === 'told') return tellAs(translation);
  const kept: KeptAccounts = new Map();
  const loaded = loadAll(argv, folder, kept, translation);
  const { action, query = '', problems, usable } = loaded;
  if (action === 'help') return printAnswer(renderHelp());
  if (action === 'version') return printAnswer(`picosocks5 ${VERSION}\n`);
  if (action === 'convert' && problems.length === 0) {
    const { convertFile } = await import('../ask/convert.ts');
    return printExplanation(convertFile(query, folder, complain));
  }
  // The launcher has told the warnings already.
  if (background === undefined) for (const warning of ofSeverity(problems, 'warning')) complain(warning);
  if (usable === undefined) throw badConfiguration(problems);
  const load = async (known = kept): Promise<Loaded> =>
    loadAll(argv, folder, known, await guise.retranslate());
  if (action === 'check') {
    const { rehearse } = await import('./rehearsal.ts');
    await rehearse({ usable, files: loaded.files, load, warn: complain });
    return printAnswer('the configuration is valid\n');
  }
  const told = await tellInstead(loaded, usable, translation);
  if (told !== undefined) return told;
  if (background === undefined && goesToBackground(usable.config)) {
    await goToBackground({ program, argv, folder });
    return EXIT.OK;
  }
  return serveLoaded({ loaded, load: () => load(), call: { argv, folder, kept } }, background);
}

/** Runs an action that needs a valid configuration instead of serving; undefined when there is none. */
async function tellInstead(
  { action, query = '' }: Loaded,
  usable: Usable,
  { unprinted }: Translated,
): Promise<ExitStatus | undefined> {
  if (action === 'explain') {
    const { explain } = await import('../ask/explain.ts');
    return printExplanation(await explain(query, usable));
  }
  if (action === 'print') return printAnswer(asComment(unprinted) + renderConfig(usable.config));
  if (action === 'healthcheck') {
    const { checkHealth } = await import('../ask/healthcheck.ts');
    return printExplanation(await checkHealth(usable.config));
  }
  return undefined;
}

async function goToBackground(detached: Detached): Promise<void> {
  if (hasPassedSockets()) {
    const why =
      'systemd has passed sockets, which a process in the background does not get: start with --nofork';
    throw new StartFailure(EXIT.USAGE, why);
  }
  await launchInBackground(detached);
}

/** The folder where relative paths start. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    const why = `cannot tell the current folder: ${systemReason(error)}; it may be gone: change to another one`;
    throw new StartFailure(EXIT.OS_ERROR, why, error);
  }
}

interface Serving {
  readonly loaded: Loaded;
  readonly load: () => Promise<Loaded>;
  readonly call: Omit<Call, 'workers'>;
}

async function serveLoaded(
  { loaded, load, call }: Serving,
  background: BackgroundChild | undefined,
): Promise<ExitStatus> {
  const warn = (sentence: string): void => {
    if (background === undefined) complain(`warning: ${sentence}`);
    else background.print(`picosocks5: warning: ${sentence}\n`);
  };
  const launch = { loaded, load, warn, ready: () => background?.ready() };
  const { inetd = false, workers: asked = 1 } = loaded.usable?.config ?? {};
  const workers = asked === 0 ? availableParallelism() : asked;
  if (inetd) return (await import('./inetd.ts')).runInetd(launch);
  if (workers === 1) return runDaemon(launch);
  return (await import('../parent/parent.ts')).runParent(launch, { ...call, workers });
}

/** Records on stderr need a terminal or a supervisor to read them. */
function goesToBackground(config: Config): boolean {
  return !config.foreground && config.logMode === 'syslog';
}

/** All errors at once, with what they come to. */
function badConfiguration(problems: readonly Problem[]): StartFailure {
  const errors = ofSeverity(problems, 'error');
  const count = errors.length === 1 ? 'one error' : `${errors.length} errors`;
  return problems.some(isUsageError)
    ? new StartFailure(EXIT.USAGE, [...errors, `${count}; "picosocks5 --help" lists the options`].join('\n'))
    : new StartFailure(
        EXIT.CONFIG,
        [...errors, `${count} in the configuration; nothing was started`].join('\n'),
      );
}

function ofSeverity(problems: readonly Problem[], severity: Problem['severity']): string[] {
  return problems.filter((problem) => problem.severity === severity).map(formatProblem);
}

function printAnswer(text: string): ExitStatus {
  printAll('picosocks5', text);
  return EXIT.OK;
}

function printExplanation({ text, status }: Explanation): ExitStatus {
  printAnswer(text);
  return status;
}

/** In the words of the other program, without a name in front; but not to a client of inetd(8). */
function tellAs({ text, stream, status }: ToldText): number {
  if (isStderrClient) complain(text.trimEnd());
  else if (stream === 'stdout') printAnswer(text);
  else process.stderr.write(text);
  return status;
}

function asComment(sentences: readonly string[]): string {
  return sentences.map((sentence) => `# ${sentence}\n`).join('');
}
