// Everything that a start or a reload reads: the configuration and the files of users, all problems at once.
import { readFileSync } from 'node:fs';
import { loadUsers, type Users } from '../auth/users.ts';
import type { Config, Problem } from '../config/config.ts';
import { loadConfig, type Action } from '../config/load.ts';

export interface Loaded {
  readonly action: Action;
  /** undefined: there are errors among the problems. */
  readonly usable: { readonly config: Config; readonly users: Users } | undefined;
  readonly problems: readonly Problem[];
  /** Absolute paths of all files that were read, users included. */
  readonly files: readonly string[];
}

/** Reads what `argv` names; relative paths start at `baseDir`. Never throws for what an operator wrote. */
export function loadAll(argv: readonly string[], baseDir: string): Loaded {
  const { action, config, files, problems } = loadConfig(argv, (path) => readFileSync(path, 'utf8'), baseDir);
  const sources = config?.auth ?? [];
  const { users, problems: userProblems } = loadUsers(
    sources,
    config?.allowPlaintext === true ? 'accept' : 'refuse',
  );
  const all = [...problems, ...userProblems];
  const hasErrors = all.some(({ severity }) => severity === 'error');
  return {
    action,
    usable: config === undefined || hasErrors ? undefined : { config, users },
    problems: all,
    files: [...files, ...sources.map(({ file }) => file)],
  };
}
