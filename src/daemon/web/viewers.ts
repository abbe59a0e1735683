// Who may see the page: everyone who reaches it on this host, or users of a file, who log in by HTTP Basic (RFC 7617). Over TLS they
// log in to see the metrics as well, and are watched.
import { loadUsers, type Users } from '../../auth/files/users.ts';
import type { LoginChecker } from '../../auth/login.ts';
import { displayText } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { Config } from '../../config/model/config.ts';
import type { PageChoice } from '../../config/model/webaddress.ts';
import { formatProblem } from '../../config/values/problem.ts';
import { credentialsOf } from '../../protocol/http/basic.ts';
import { fieldValues, type Field } from '../../protocol/http/httphead.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import type { Watch } from './watch.ts';
import { plainAnswer, type WebAnswer } from './webanswer.ts';

/** Checks a request for the page: the answer that refuses it; undefined: it is allowed. */
export type Doorman = (fields: readonly Field[], client: Endpoint) => Promise<WebAnswer | undefined>;

const CHALLENGE: Field = { name: 'WWW-Authenticate', value: 'Basic realm="picosocks5", charset="UTF-8"' };

const AGAIN: Field = { name: 'Retry-After', value: '60' };

export interface Checks {
  readonly checker: LoginChecker;
  /** Of clients who come over a network; undefined: they are of this host. */
  readonly watch: Watch | undefined;
}

/** To be called as root, for a file that only root may read. Throws StartFailure. */
export async function openDoorman(
  { metrics, chroot }: Config,
  page: PageChoice,
  checks: Checks,
): Promise<Doorman> {
  const isNamed = metrics?.kind === 'endpoint';
  if (page.kind === 'anybody')
    return (fields) => Promise.resolve(isNamed && !isOfThisHost(fields) ? strangeName() : undefined);
  const users = usersOf(page.file);
  checks.checker.load();
  if (chroot !== undefined) await checks.checker.prestart();
  return (fields, client) => letIn(users, checks, fields, client);
}

/** For a rehearsal of the start. Throws StartFailure where nobody could log in. */
export function tryViewers({ page }: Config): void {
  if (page?.kind === 'users') usersOf(page.file);
}

function usersOf(file: string): Users {
  const { users, problems } = loadUsers([{ format: 'htpasswd', file, origin: {} }], 'refuse');
  const errors = problems.filter(({ severity }) => severity === 'error').map(formatProblem);
  if (users.usable.length === 0)
    errors.push(`${file}: has no user with a password; make one with "pis5user add -c ${file} NAME"`);
  if (errors.length > 0)
    throw new StartFailure(EXIT.CONFIG, errors.map((each) => `page: ${each}`).join('\n'));
  return users;
}

async function letIn(
  users: Users,
  { checker, watch }: Checks,
  fields: readonly Field[],
  client: Endpoint,
): Promise<WebAnswer | undefined> {
  const given = fieldValues(fields, 'authorization').map((value) => ({ name: 'Proxy-Authorization', value }));
  const credentials = credentialsOf(given);
  if (credentials.kind !== 'basic')
    return plainAnswer('401 Unauthorized', 'log in to see the page', [CHALLENGE]);
  // It may have come before it was banned.
  if (watch?.isBanned(client.ip) === true) return plainAnswer('403 Forbidden', 'banned');
  if (watch?.begin(client.ip) === false)
    return plainAnswer('429 Too Many Requests', 'too many wrong passwords within a minute', [AGAIN]);
  const { user, password } = credentials.login;
  try {
    await checker.check(users, user, password, client.ip);
    watch?.succeeded(client.ip);
    return undefined;
  } catch (failure) {
    if (!(failure instanceof Fault)) throw failure;
    if (failure.code === 'LOGIN_BUSY' || failure.code === 'LOGIN_UNCHECKED') {
      watch?.succeeded(client.ip);
      return plainAnswer('503 Service Unavailable', 'the password cannot be checked now');
    }
    watch?.failed(client, displayText(user), failure);
    return plainAnswer('401 Unauthorized', 'the login is wrong', [CHALLENGE]);
  }
}

const OF_THIS_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** DNS rebinding: a foreign page whose name resolves to this host sends that name as Host. */
function isOfThisHost(fields: readonly Field[]): boolean {
  const hosts = fieldValues(fields, 'host');
  return hosts.length === 1 && OF_THIS_HOST.test(hosts[0] ?? '');
}

function strangeName(): WebAnswer {
  return plainAnswer(
    '403 Forbidden',
    'the page is for this host: ask for it by 127.0.0.1, [::1] or localhost',
  );
}
