// The sources of users that are asked, as the configuration names them: opened at the start, before root is given up, and followed by
// reloads as far as these can.
import { Programs } from '../../auth/sources/programs.ts';
import { Saslauthd } from '../../auth/sources/saslauthd.ts';
import type { Children } from '../../auth/sources/place.ts';
import type { LoginSource, SourceLog } from '../../auth/sources/source.ts';
import { monotonicMs } from '../../base/clock.ts';
import type { AskedSource, Config } from '../../config/model/config.ts';
import { formatOrigin } from '../../config/values/problem.ts';
import { resolveAccount, type UnixAccount } from '../account/accounts.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { openLdap } from './directories.ts';
import { startStarter } from './starterlink.ts';

/** Whether programs may still be started: at the start only. */
export type Moment = 'start' | 'reload';

export type OpenSource = typeof openSource;

/** Where a source has its programs from. */
export interface Means {
  readonly moment: Moment;
  /** Of a worker: programs that its parent has started for it, as another account. */
  readonly childrenOf: ((command: readonly string[]) => Children) | undefined;
}

/** Rejects with StartFailure where that cannot be. */
export function openSource(
  source: AskedSource,
  config: Config,
  log: SourceLog,
  means: Means,
): Promise<LoginSource> {
  switch (source.format) {
    case 'helper':
      return openProgram(source, config, log, means);
    case 'saslauthd': {
      const plan = {
        path: source.path,
        timeoutMs: config.authTimeoutMs,
        service: config.saslauthdService,
        realm: config.saslauthdRealm ?? '',
      };
      return Promise.resolve(new Saslauthd(plan, log, monotonicMs));
    }
    case 'ldap':
      return openLdap(source, config, log);
  }
}

async function openProgram(
  { command, origin }: AskedSource & { format: 'helper' },
  config: Config,
  log: SourceLog,
  { moment, childrenOf }: Means,
): Promise<LoginSource> {
  const [program = ''] = command;
  const name = `helper:${program}`;
  if (moment === 'reload') {
    const why = 'programs are started before root and the right to start any are given up';
    throw new StartFailure(
      EXIT.CONFIG,
      `auth = ${name} at ${formatOrigin(origin)} is new, and a reload cannot start it: ${why}; restart the daemon`,
    );
  }
  const limits = {
    timeoutMs: config.authTimeoutMs,
    maxChildren: config.helperChildren,
    channels: config.helperConcurrency,
  };
  const children =
    config.helperAs !== undefined && childrenOf !== undefined
      ? childrenOf(command)
      : await startStarter(command, accountOf(config, name));
  return new Programs(name, children, limits, log, monotonicMs);
}

/**
 * The account of programs; undefined: ours. Throws StartFailure when a program would run as root without the operator's
 * word.
 */
export function accountOf({ helperAs, user, group }: Config, name: string): UnixAccount | undefined {
  if (process.geteuid?.() !== 0) {
    if (helperAs === undefined) return undefined;
    const why = `only root may run ${name} as another account (helper-as = ${helperAs}): start as root, or leave helper-as out`;
    throw new StartFailure(EXIT.NO_PERMISSION, why);
  }
  if (helperAs === 'root') return undefined;
  const account = resolveAccount(helperAs ?? user, helperAs === undefined ? group : undefined)?.account;
  if (account !== undefined) return account;
  const why =
    'which this daemon stays: name an account with user, or with helper-as, or write helper-as = root';
  throw new StartFailure(EXIT.NO_PERMISSION, `${name} would run as root, ${why}`);
}
