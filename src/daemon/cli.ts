// The command line: what was asked for, and in which process it is done.
import type { Config, Problem } from '../config/config.ts';
import { formatProblem, isUsageError } from '../config/problem.ts';
import { systemReason } from '../config/systemreason.ts';
import { renderConfig, renderHelp } from '../config/render.ts';
import { backgroundChild, type BackgroundChild } from './background-child.ts';
import { runDaemon } from './daemon.ts';
import { launchInBackground } from './daemonize.ts';
import { explain, type Explanation } from './explain.ts';
import { EXIT, StartFailure, type ExitStatus } from './exit.ts';
import { loadAll, type Loaded } from './load.ts';
import { VERSION } from './version.ts';

/** Does what `argv` asks for; `program` is the URL of the main module. Never rejects: a bug has a status too. */
export async function runCommandLine(argv: readonly string[], program: string): Promise<ExitStatus> {
  const background = backgroundChild();
  try {
    return await run(argv, program, background);
  } catch (error) {
    const { message, status } = error instanceof StartFailure ? error : bug(error);
    if (background === undefined) complain(message);
    else background.failed(message, status);
    return status;
  }
}

function bug(error: unknown): StartFailure {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new StartFailure(EXIT.SOFTWARE, `this is a bug, please report it: ${what}`, error);
}

async function run(
  argv: readonly string[],
  program: string,
  background: BackgroundChild | undefined,
): Promise<ExitStatus> {
  const baseDir = currentFolder();
  const loaded = loadAll(argv, baseDir);
  const { action, query = '', problems, usable } = loaded;
  if (action === 'help') return print(renderHelp());
  if (action === 'version') return print(`picosocks5 ${VERSION}\n`);
  // The launcher has told the warnings already.
  if (background === undefined) for (const warning of ofSeverity(problems, 'warning')) complain(warning);
  if (usable === undefined) throw badConfiguration(problems);
  if (action === 'check') return print('the configuration is valid\n');
  if (action === 'explain') return tell(await explain(query, usable));
  if (action === 'print') return print(renderConfig(usable.config));
  if (background === undefined && goesToBackground(usable.config)) {
    await launchInBackground(program, argv);
    return EXIT.OK;
  }
  return serve(argv, baseDir, loaded, background);
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    const why = `cannot tell the current folder: ${systemReason(error)}; it may be gone: change to another one`;
    throw new StartFailure(EXIT.OS_ERROR, why, error);
  }
}

function serve(
  argv: readonly string[],
  baseDir: string,
  loaded: Loaded,
  background: BackgroundChild | undefined,
): Promise<ExitStatus> {
  const warn = (sentence: string): void => {
    if (background === undefined) complain(`warning: ${sentence}`);
    else background.print(`picosocks5: warning: ${sentence}\n`);
  };
  return runDaemon({ argv, baseDir, loaded, warn, ready: () => background?.ready() });
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

function print(text: string): ExitStatus {
  process.stdout.write(text);
  return EXIT.OK;
}

function tell({ text, status }: Explanation): ExitStatus {
  print(text);
  return status;
}

function complain(text: string): void {
  for (const line of text.split('\n')) process.stderr.write(`picosocks5: ${line}\n`);
}
