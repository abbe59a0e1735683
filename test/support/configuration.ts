// Configurations in tests: a command line and files that exist nowhere else.
import type { Config } from '../../src/config/model/config.ts';
import { loadConfig, type LoadedConfig } from '../../src/config/reading/load.ts';
import { formatProblem } from '../../src/config/values/problem.ts';
import { systemError } from './systemerror.ts';

type Files = Readonly<Record<string, string>>;

/** loadConfig() over the files given by name; every other one does not exist. */
export function load(argv: readonly string[], files: Files = {}, folder?: string): LoadedConfig {
  const texts = new Map(Object.entries(files));
  const readFile = (file: string): string => {
    const text = texts.get(file);
    if (text === undefined) throw systemError('ENOENT');
    return text;
  };
  return loadConfig(argv, readFile, folder);
}

/** The configuration of one file. */
export function loadFile(text: string): LoadedConfig {
  return load(['-c', 'x.conf'], { 'x.conf': text });
}

/** The configuration, which must be there. */
export function configOf(loaded: LoadedConfig): Config {
  if (loaded.config === undefined) throw new Error(problemsOf(loaded).join('\n'));
  return loaded.config;
}

export function problemsOf({ problems }: LoadedConfig): string[] {
  return problems.map(formatProblem);
}

/** The same without the places where settings stood. */
export function withoutOrigins(config: Config): unknown {
  return JSON.parse(
    JSON.stringify(config, (key, value: unknown) => {
      if (key === 'origin') return undefined;
      return value instanceof Map ? [...(value as Map<string, unknown>)] : value;
    }),
  );
}
