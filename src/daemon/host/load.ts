// Everything that a start or a reload reads: the configuration and the files of users, all problems at once.
import { joinGiven } from '../../auth/files/given.ts';
import type { KeptAccounts } from '../../auth/files/shadowfile.ts';
import { loadUsers, type Users } from '../../auth/files/users.ts';
import { displayText } from '../../base/bytes.ts';
import type { AuthChoice, AuthSource, Config, Problem } from '../../config/model/config.ts';
import { filesOf } from '../../config/values/authsource.ts';
import { readContent } from '../../config/reading/contents.ts';
import { environmentSettings } from '../../config/reading/environment.ts';
import { loadConfig, type Action } from '../../config/reading/load.ts';
import { interfaceAddresses } from '../../net/native/hostaddresses.ts';
import type { TlsSettings } from '../../net/tls/tlssettings.ts';
import { loadAuthorities, type Trust } from '../files/authorities.ts';
import { loadDoorKeys, type KeptPairs } from '../files/doorkeys.ts';
import { NOTHING_TRANSLATED, type Translated } from './dropin.ts';
import { checkHostsAccess, hostsFilesOf } from './hostsaccess.ts';
import { loadPac } from '../files/pac.ts';
import { checkProxyAuth } from './proxyauth.ts';
import { findLoops } from './routeloops.ts';
import { checkSources } from './sources.ts';

/** Kept for this process, since a reload reads again what its start has read. */
const keptPairs: KeptPairs = new Map();

/** Everything that a daemon runs on. */
export interface Usable {
  readonly config: Config;
  readonly users: Users;
  readonly trust: Trust;
  /** Text of the PAC file. */
  readonly pac?: string | undefined;
  /** undefined: no listener speaks TLS. */
  readonly tls: TlsSettings | undefined;
  /** undefined: `metrics` speaks none. */
  readonly webTls?: TlsSettings | undefined;
}

export interface Loaded {
  readonly action: Action;
  /** The question of the action `explain`, or the file of `convert`. */
  readonly query: string | undefined;
  /** undefined when there are errors among the problems. */
  readonly usable: Usable | undefined;
  readonly problems: readonly Problem[];
  /** Absolute paths of all files that a reload has to read again, users included. */
  readonly files: readonly string[];
}

/**
 * Reads the configuration of `argv` and the environment, after the settings `translated` from another program's command line;
 * relative paths start at `baseDir`. `kept` has the accounts of this host for the next time, when they can be out of reach. Never
 * throws because of an operator's text.
 */
export function loadAll(
  argv: readonly string[],
  baseDir: string,
  kept: KeptAccounts = new Map(),
  { settings, given, problems: foreign }: Translated = NOTHING_TRANSLATED,
): Loaded {
  const {
    action,
    query,
    config,
    users: asked,
    files,
    problems,
  } = loadConfig(argv, readUtf8OrLatin1, baseDir, {
    earlier: settings,
    environment: environmentSettings(process.env, baseDir),
  });
  const sources = filesToRead(asked.auth, given);
  const loaded = loadUsers(sources, asked.allowPlaintext ? 'accept' : 'refuse', kept);
  const named = config && loadNamed(config);
  const all = [...foreign, ...problems, ...loaded.problems, ...(named?.problems ?? [])];
  const users = given === undefined ? loaded.users : joinGiven(loaded.users, given);
  const hasErrors = all.some(({ severity }) => severity === 'error');
  return {
    action,
    query,
    usable: named === undefined || hasErrors ? undefined : { ...named.usable, users },
    problems: all,
    files: [
      ...files,
      ...sources.filter(({ format }) => format !== 'shadow').map(({ file }) => file),
      ...(named?.files ?? []),
    ],
  };
}

interface NamedFiles extends Pick<Loaded, 'problems' | 'files'> {
  readonly usable: Omit<Usable, 'users'>;
}

/** The files that the configuration names beside those of users, and what does not fit the addresses of this host. */
function loadNamed(config: Config): NamedFiles {
  const wrappers = config.tcpWrappers
    ? checkHostsAccess(hostsFilesOf(config.tcpWrappersName))
    : { files: [], problems: [] };
  const { proxyAuth } = config;
  const atProxies =
    proxyAuth === undefined
      ? { files: [], problems: [] }
      : { files: [proxyAuth], problems: checkProxyAuth(proxyAuth) };
  const authorities = loadAuthorities(config);
  const pac = loadPac(config);
  const { tls, webTls, ...doorKeys } = loadDoorKeys(config, keptPairs);
  const parts = [wrappers, atProxies, authorities, pac, doorKeys];
  return {
    usable: { config, trust: authorities.trust, pac: pac.text, tls, webTls },
    problems: [...parts.flatMap(({ problems }) => problems), ...checkHost(config)],
    files: parts.flatMap(({ files }) => files),
  };
}

/** The files of users without the one that `given` stands for: its place among them, and not one that an operator has named beside it. */
function filesToRead(auth: readonly AuthChoice[], given: Translated['given']): readonly AuthSource[] {
  const files = filesOf(auth);
  const standIn = files.findIndex(({ file }) => file === given?.file);
  return files.filter((_, at) => at !== standIn);
}

/** Settings that do not fit the addresses of this host. */
function checkHost(config: Config): readonly Problem[] {
  const addresses = new Set(interfaceAddresses());
  return [...findLoops(config, (ip) => addresses.has(ip)), ...checkSources(config, addresses)];
}

/** A file that is not UTF-8 is Latin-1, as names of users that are not UTF-8 are shown. */
function readUtf8OrLatin1(file: string): string {
  return displayText(readContent(file));
}
