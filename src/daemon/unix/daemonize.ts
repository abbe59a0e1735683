// Going to the background, the side of the launcher: daemonize2 starts the process (own session, no stdio), and the
// launcher stays until that process has said how its start ended (docs/decisions/010-daemonize.md).
import { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { FIRST_MODULE, type ChildMessage } from './background-child.ts';
import { EXIT, StartFailure } from './exit.ts';

/** Long enough for slow name servers and user databases, short enough for an init script. */
const START_LIMIT_MS = 30_000;

/** The program to run in the background. */
export interface Detached {
  /** The URL of a module. */
  readonly program: string;
  readonly argv: readonly string[];
  /** The folder where relative paths in `argv` start; the process itself starts in `/`. */
  readonly folder: string;
}

/**
 * Runs a program in the background. Resolves when it has called backgroundChild().ready(); its output before that goes to our
 * stderr. Throws the StartFailure that it reported, or one (71) of our own when it died without a word, or was killed because it
 * said none within `limitMs`.
 */
export async function launchInBackground(detached: Detached, limitMs = START_LIMIT_MS): Promise<void> {
  const child = startDetached(detached);
  const ending = await relayOutput(child, limitMs);
  switch (ending.kind) {
    case 'ready':
      return;
    case 'failed':
      throw new StartFailure(ending.status, ending.message);
    case 'died':
      throw backgroundFailure(`the background process died without a word (${ending.how})`);
    case 'late':
      child.kill('SIGKILL');
      throw backgroundFailure(
        `the background process was not ready within ${limitMs / 1000} s and was killed`,
      );
  }
}

/** The part of daemonize2 that is used; it comes without types. */
interface Daemonize2 {
  setup(options: Readonly<Record<string, unknown>>): NodeJS.EventEmitter & { start(): void };
}

/** The method that child_process.spawn() calls on its object; the types leave it out. */
interface Spawning {
  spawn: (this: Spawning, options: unknown) => number;
}

function startDetached(detached: Detached): ChildProcess {
  let child: ChildProcess | undefined;
  // daemonize2 keeps its child to itself, so it is seen on its way. Node 18 has no diagnostics channel for that.
  const prototype: Spawning = ChildProcess.prototype as never;
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    child = this as unknown as ChildProcess;
    return spawn.call(this, options);
  };
  try {
    // require(): it looks for the module that required it, and finds none when imported.
    const daemonize2 = createRequire(import.meta.url)('daemonize2') as Daemonize2;
    const daemon = daemonize2.setup(daemonOptions(detached));
    // Its errors repeat less exactly what we hear from the child, but unheard they would be thrown.
    daemon.on('error', () => undefined);
    daemon.start();
  } catch (error) {
    throw backgroundFailure(`cannot start the background process: ${(error as Error).message}`, error);
  } finally {
    prototype.spawn = spawn;
  }
  if (child === undefined) throw new Error('daemonize2 started no process');
  return child;
}

function daemonOptions({ program, argv, folder }: Detached): Readonly<Record<string, unknown>> {
  return {
    main: FIRST_MODULE,
    program,
    name: 'picosocks5',
    args: process.execArgv,
    argv,
    // Without `cwd` it goes to `/`: the folder may be one that this user may not enter, or be gone.
    folder,
    umask: 0o027,
    // It would overwrite a file of its own choice; daemon/unix/pidfile.ts does that part.
    pidfile: '/dev/null',
    silent: true,
  };
}

type Ending =
  | Exclude<ChildMessage, { kind: 'print' }>
  | { readonly kind: 'died'; readonly how: string }
  | { readonly kind: 'late' };

/** Passes on what the child prints until it ends its start, in whatever way. */
async function relayOutput(child: ChildProcess, limitMs: number): Promise<Ending> {
  let timer: NodeJS.Timeout | undefined;
  const ending = await new Promise<Ending>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'late' }), limitMs);
    child.on('message', (word: ChildMessage) => {
      if (word.kind === 'print') process.stderr.write(word.text);
      else resolve(word);
    });
    const onEnd = (): void => {
      // Both must have come: before the channel has closed there may be a word in it still.
      if (!child.connected && hasExited(child)) resolve({ kind: 'died', how: describeExit(child) });
    };
    child.on('exit', onEnd).on('disconnect', onEnd);
    child.on('error', (error) => resolve({ kind: 'died', how: error.message }));
  });
  clearTimeout(timer);
  // daemonize2 would hold the launcher for 100 ms more, to see whether the child lives.
  child.removeAllListeners();
  if (child.connected) child.disconnect();
  return ending;
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function describeExit(child: ChildProcess): string {
  return child.signalCode === null
    ? `exit status ${child.exitCode ?? 'unknown'}`
    : `killed by ${child.signalCode}`;
}

function backgroundFailure(message: string, cause?: unknown): StartFailure {
  return new StartFailure(EXIT.OS_ERROR, `${message}; start with --nofork to see all that it prints`, cause);
}
