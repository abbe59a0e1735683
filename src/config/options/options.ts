// THE table: every option, declared once. The command line, files, --help, --print-config, the manuals, the sample
// file and the warning about changes that need a restart are all derived from it.
import { ACCESS, USERS } from './access.ts';
import { BANS } from './bans.ts';
import { CONFIGURATION } from './configuration.ts';
import { HTTP } from './http.ts';
import { LIMITS } from './limits.ts';
import { LISTENING, OUTGOING } from './listening.ts';
import { KERBEROS, LOGINS } from './logins.ts';
import type { Option } from './option.ts';
import { LOGGING, OBSERVING, PROCESS } from './process.ts';
import { ROUTES } from './routes.ts';
import { TLS } from './tls.ts';
import { BALANCERS, FLEET } from './together.ts';
import { TRANSPORT } from './transport.ts';
import { UDP } from './udp.ts';

/** The options by topic, in the order in which documents print them. */
export const TOPICS: readonly { readonly title: string; readonly options: readonly Option[] }[] = [
  { title: 'Configuration', options: CONFIGURATION },
  { title: 'Listening', options: [...LISTENING, ...BALANCERS] },
  { title: 'TLS', options: TLS },
  { title: 'Users', options: [...USERS, ...LOGINS, ...KERBEROS] },
  { title: 'Access', options: ACCESS },
  { title: 'HTTP', options: HTTP },
  { title: 'Brute force', options: BANS },
  { title: 'Limits', options: LIMITS },
  { title: 'Outgoing connections and BIND', options: OUTGOING },
  { title: 'Routes', options: ROUTES },
  { title: 'UDP', options: UDP },
  { title: 'Transport', options: TRANSPORT },
  { title: 'Process', options: PROCESS },
  { title: 'Fleet', options: FLEET },
  { title: 'Logging', options: LOGGING },
  { title: 'Metrics and accounting', options: OBSERVING },
];

export const OPTIONS: readonly Option[] = TOPICS.flatMap(({ options }) => options);

/** Options that may stand on the command line, by keyword. */
export const BY_ARGUMENT: ReadonlyMap<string, Option> = new Map(
  OPTIONS.filter(({ kind }) => kind !== 'base').map((option) => [option.keyword, option]),
);

/** Options that may stand in a file outside every section, by key. */
export const BY_KEY: ReadonlyMap<string, Option> = new Map(
  OPTIONS.flatMap((option) => {
    const key = fileKeyOf(option);
    return key === undefined || option.kind === 'base' ? [] : [[key, option]];
  }),
);

/** Options that may stand in a `[section]`, by key. */
export const BY_SECTION_KEY: ReadonlyMap<string, Option> = new Map(
  OPTIONS.filter(({ kind }) => kind === 'base' || kind === 'rules' || kind === 'source').map((option) => [
    option.keyword,
    option,
  ]),
);

/** The key of an option in a file; undefined when it is for the command line only. */
export function fileKeyOf(option: Option): string | undefined {
  if (option.kind === 'action' || option.kind === 'dropin') return undefined;
  return option.kind === 'include' ? option.fileKeyword : option.keyword;
}
