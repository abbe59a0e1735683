// Translates a command line of srelay into our settings.
import { existsSync } from 'node:fs';
import type { DropInHost } from '../daemon/host/dropin.ts';
import { asNobody, type TranslatedLine } from './translate.ts';

/** A command line that has been read. */
export interface SrelayOptions {
  readonly flags: ReadonlySet<string>;
  /** By letter; the last value counts. */
  readonly values: ReadonlyMap<string, string>;
  /** Each -i. */
  readonly listen: readonly string[];
  /** Each -a. */
  readonly logins: readonly string[];
}

/** The folder that srelay looks in by default, and that of packages. */
const FOLDERS = ['/usr/local/etc', '/etc'];

const PID_FILE = '/var/run/srelay.pid';

/** srelay has one time limit for the handshake, connecting and BIND. */
const PATIENCE = '30s';

/** The settings of a command line, and the defaults of srelay that differ from ours. */
export function linesOf(said: SrelayOptions, host: DropInHost): readonly TranslatedLine[] {
  return [
    ...servingLines(said),
    ...filesOf(said),
    ...leavingLines(said),
    ...loginLines(said),
    ...processLines(said, host),
    ...asNobody(host),
  ];
}

/** Whether clients have to log in. An `n` in a -a takes back what stood before; srelay knows no other letters. */
export function needsLogin({ logins }: SrelayOptions): boolean {
  const last = logins.findLastIndex((letters) => letters.includes('n'));
  return logins.slice(last + 1).some((letters) => letters.includes('p'));
}

function servingLines({ flags, values, listen }: SrelayOptions): readonly TranslatedLine[] {
  return [
    ...listen.map((address): TranslatedLine => ['listen', address === ':' ? '*:1080' : address, '-i']),
    ...(flags.has('t') && values.has('m') ? [['maxconn', values.get('m') ?? '', '-m'] as const] : []),
    ['idle-timeout', `${values.get('o') ?? '0'}m`, '-o'],
    ['handshake-timeout', PATIENCE, 'srelay'],
    ['connect-timeout', PATIENCE, 'srelay'],
    ['bind-timeout', PATIENCE, 'srelay'],
    ['bind-ports', flags.has('b') ? '1-65535' : '600-65535', '-b'],
  ];
}

/** Default files are read when they exist; a named one must exist. */
function filesOf({ values }: SrelayOptions): readonly TranslatedLine[] {
  const routes = values.get('c') ?? usualFile('srelay.conf');
  const logins = values.get('u') ?? usualFile('srelay.passwd');
  return [
    ...(routes === undefined ? [] : [['routes', routes, '-c'] as const]),
    ...(logins === undefined ? [] : [['proxy-auth', logins, '-u'] as const]),
  ];
}

function usualFile(name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find((file) => existsSync(file));
}

/** -x is for IPv4 only: the system chooses the source of IPv6. */
function leavingLines({ flags, values }: SrelayOptions): readonly TranslatedLine[] {
  const [device, source] = [values.get('J'), values.get('x')];
  return [
    ...(device === undefined ? [] : [['device', device, '-J'] as const]),
    ...(source === undefined ? [] : [['source', `${source},::`, '-x'] as const]),
    ...(flags.has('g') ? [['source', 'client', '-g'] as const] : []),
  ];
}

function loginLines(said: SrelayOptions): readonly TranslatedLine[] {
  const users = said.values.get('U');
  const wrappers: readonly TranslatedLine[] = [
    ['tcp-wrappers', 'yes', '-w'],
    ['tcp-wrappers-name', 'srelay', '-w'],
  ];
  const auth: TranslatedLine =
    users === undefined ? ['auth', 'shadow:', '-a'] : ['auth', `htpasswd:${users}`, '-U'];
  return [...(needsLogin(said) ? [auth] : []), ...(said.flags.has('w') ? wrappers : [])];
}

function processLines({ flags, values }: SrelayOptions, { isRoot }: DropInHost): readonly TranslatedLine[] {
  const level = flags.has('q') ? 'warn' : flags.has('v') ? 'debug' : 'info';
  const log: TranslatedLine[] = [
    ['loglevel', level, '-q'],
    ['log-names', flags.has('r') ? 'yes' : 'no', '-r'],
  ];
  if (flags.has('I')) return [['inetd', 'yes', '-I'], ...log];
  // Not in the foreground: no program looks for it there, and a second instance could not start beside the first.
  const pidFile = values.get('p') ?? (isRoot && !flags.has('f') ? PID_FILE : undefined);
  const isTold = flags.has('f') && !flags.has('s');
  return [
    ['nofork', flags.has('f') ? 'yes' : 'no', '-f'],
    ['logmode', isTold ? 'stderr' : 'syslog', '-s'],
    ...(pidFile === undefined ? [] : [['pidfile', pidFile, '-p'] as const]),
    ...log,
  ];
}
