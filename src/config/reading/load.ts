// The whole configuration from a command line and the files that it names. All errors are found in one pass.
import type { Config, Problem } from '../model/config.ts';
import type { Setting } from '../options/setting.ts';
import type { PortOf } from '../values/hostport.ts';
import { error } from '../values/problem.ts';
import { parseServices, SERVICES_FILE } from '../values/services.ts';
import { systemReason } from '../values/systemreason.ts';
import { type Action, parseArguments } from './arguments.ts';
import { buildConfig } from './build.ts';
import { NO_ENVIRONMENT, type Environment } from './environment.ts';
import { expandFiles, type Library, type ReadFile } from './files.ts';

export type { Action } from './arguments.ts';

export interface LoadedConfig {
  readonly action: Action;
  /** The question of the action `explain`, or the file of `convert`. */
  readonly query: string | undefined;
  /** undefined when there is an error among the problems, or the action needs no configuration. */
  readonly config: Config | undefined;
  /** The settings about users, even with errors elsewhere: user files are checked in the same pass. */
  readonly users: Pick<Config, 'auth' | 'allowPlaintext'>;
  readonly problems: readonly Problem[];
  /** Every file that was read, or could not be, in order. */
  readonly files: readonly string[];
}

/** Settings that neither the command line nor its files have. */
interface Elsewhere {
  readonly earlier?: readonly Setting[];
  readonly environment?: Environment;
}

/**
 * Reads the configuration of `argv` (without the program). Relative file names on the command line count from `folder`, those in
 * a file from the folder of that file. `earlier` settings count before all of them, the environment after the files that the
 * command line names and before the rest of it. Never throws for what an operator wrote.
 */
export function loadConfig(
  argv: readonly string[],
  readFile: ReadFile,
  folder = '.',
  { earlier = [], environment = NO_ENVIRONMENT }: Elsewhere = {},
): LoadedConfig {
  const { action, query, settings, problems } = parseArguments(argv, folder);
  if (action === 'help' || action === 'version') return { ...NOTHING, action };
  if (action === 'convert') return { ...NOTHING, action, query, problems };
  const library: Library = { readFile, files: new Set(), problems: [...problems, ...environment.problems] };
  const entries = [...earlier, ...withEnvironment(settings, environment)];
  const built = buildConfig(expandFiles(entries, library), servicesOf(library));
  const all = [...library.problems, ...built.problems];
  const hasErrors = all.some(({ severity }) => severity === 'error');
  const config = hasErrors ? undefined : built.config;
  return { action, query, config, users: built.users, problems: all, files: [...library.files] };
}

/** After the last file: a source closer to the start of the daemon wins. */
function withEnvironment(settings: readonly Setting[], environment: Environment): readonly Setting[] {
  const behind = settings.findLastIndex(({ option }) => option.kind === 'include') + 1;
  return [...settings.slice(0, behind), ...environment.settings, ...settings.slice(behind)];
}

const NOTHING = {
  query: undefined,
  config: undefined,
  users: { auth: [], allowPlaintext: false },
  problems: [],
  files: [],
};

/** Reads /etc/services when the first name is asked for. */
function servicesOf(library: Library): PortOf {
  let services: ReadonlyMap<string, number> | undefined;
  return (name) => {
    services ??= loadServices(library);
    return services.get(name);
  };
}

function loadServices({ readFile, files, problems }: Library): ReadonlyMap<string, number> {
  files.add(SERVICES_FILE);
  try {
    return parseServices(readFile(SERVICES_FILE));
  } catch (cause) {
    problems.push(
      error({ file: SERVICES_FILE }, `cannot be read for a port by name: ${systemReason(cause)}`),
    );
    return new Map();
  }
}
