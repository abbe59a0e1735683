// Everything that a start or a reload reads: the configuration and the files of users, all problems at once.
import { readFileSync } from 'node:fs';
import type { KeptAccounts } from '../auth/shadowfile.ts';
import { loadUsers, type Users } from '../auth/users.ts';
import type { Config, Problem } from '../config/config.ts';
import { loadConfig, type Action } from '../config/load.ts';
import { interfaceAddresses } from '../net/hostaddresses.ts';
import { checkHostsAccess } from './hostsaccess.ts';
import { checkProxyAuth } from './proxyauth.ts';
import { findLoops } from './routeloops.ts';
import { checkSources } from './sources.ts';

export interface Loaded {
  readonly action: Action;
  /** What the action `explain` is asked. */
  readonly query: string | undefined;
  /** undefined: there are errors among the problems. */
  readonly usable: { readonly config: Config; readonly users: Users } | undefined;
  readonly problems: readonly Problem[];
  /** Absolute paths of all files that a reload has to read again, users included. */
  readonly files: readonly string[];
  /** For the next time: the accounts of this host, which can then be out of reach. */
  readonly kept: KeptAccounts;
}

/**
 * Reads what `argv` names; relative paths start at `baseDir`. `kept` is what was read before. Never throws for what an
 * operator wrote.
 */
export function loadAll(argv: readonly string[], baseDir: string, kept: KeptAccounts = new Map()): Loaded {
  const { action, query, config, users: asked, files, problems } = loadConfig(argv, readText, baseDir);
  const loaded = loadUsers(asked.auth, asked.allowPlaintext ? 'accept' : 'refuse', kept);
  const wrappers = config?.tcpWrappers ? checkHostsAccess() : { files: [], problems: [] };
  const proxyAuth = config?.proxyAuth;
  const atProxies = proxyAuth === undefined ? [] : checkProxyAuth(proxyAuth);
  const aboutHost = config === undefined ? [] : checkHost(config);
  const all = [...problems, ...loaded.problems, ...wrappers.problems, ...atProxies, ...aboutHost];
  const hasErrors = all.some(({ severity }) => severity === 'error');
  return {
    action,
    query,
    usable: config === undefined || hasErrors ? undefined : { config, users: loaded.users },
    problems: all,
    files: [
      ...files,
      ...asked.auth.filter(({ format }) => format !== 'shadow').map(({ file }) => file),
      ...wrappers.files,
      ...(proxyAuth === undefined ? [] : [proxyAuth]),
    ],
    kept,
  };
}

/** What does not fit the addresses of this host. */
function checkHost(config: Config): readonly Problem[] {
  const addresses = new Set(interfaceAddresses());
  return [...findLoops(config, addresses), ...checkSources(config, addresses)];
}

function readText(file: string): string {
  return readFileSync(file, 'utf8');
}
