// The command line of microsocks: `-1 -q -i ADDRESS -p PORT -u USER -P PASSWORD -b ADDRESS -w ADDRESSES`.
import { lookup } from 'node:dns/promises';
import { givenUser, type GivenUsers } from '../auth/files/given.ts';
import { parseIp } from '../base/ip.ts';
import { quote } from '../config/values/parsed.ts';
import type { DropIn, DropInHost, ToldText, Translation } from '../daemon/host/dropin.ts';
import { readOptionWords, tally, type OptionTally } from './getopt.ts';
import {
  asNobody,
  listenAt,
  toldFailure,
  settingsOfLines,
  warnOfOutsiders,
  type TranslatedLine,
} from './translate.ts';

const LETTERS = '1qb:i:p:u:P:w:';
const FAILURE = 1;

const USAGE = `usage: microsocks -1 -q -i listenip -p port -u user -P password -b bindaddr -w ips
all arguments are optional.
by default listenip is 0.0.0.0 and port 1080.

option -q disables logging.
option -b says which address outgoing connections come from.
option -w is a comma-separated list of addresses that need no user and password.
option -1 lets an address in without user and password once it has logged in.
this is picosocks5; see docs/drop-in.md for what differs.
`;

const NOT_UTF8 =
  'the command line is not UTF-8, and /proc/self/cmdline does not tell its bytes: put the user into a file (pis5user) and name it by `auth`';

/** The longest time that an option of ours can hold; microsocks never forgets. */
const ALWAYS = '24d';

/** The user file that --print-config names; it is not read. */
const USER_FILE = '/etc/picosocks5/users';

/** The longest user name and password (RFC 1929). */
const MAX_BYTES = 255;

export const MICROSOCKS: DropIn = { name: 'microsocks', failure: FAILURE, translate };

async function translate(_argv: readonly string[], host: DropInHost): Promise<Translation> {
  if (host.argumentBytes === undefined) return toldError(NOT_UTF8);
  // Byte by byte, as clients send user and password.
  const said = tally(readOptionWords(host.argumentBytes, LETTERS));
  if (said.wrong?.kind === 'missing')
    return toldError(`option -${said.wrong.letter} requires an operand`, USAGE);
  if (said.wrong?.kind === 'unknown') return toldFailure(USAGE, FAILURE);
  const why = whyWrongOptions(said);
  return why === undefined ? microsocksSettings(said, host) : toldError(why);
}

function toldError(why: string, usage = ''): ToldText {
  return toldFailure(`error: ${why}\n${usage}`, FAILURE);
}

function whyWrongOptions({ flags, values }: OptionTally): string | undefined {
  if (values.get('i') === '') return '-i: an empty text is no address';
  const user = values.get('u');
  const password = values.get('P');
  if ((user === undefined) !== (password === undefined)) return 'user and pass must be used together';
  if (user === undefined && (flags.includes('1') || values.has('w'))) {
    return '-1/-w options must be used together with user/pass';
  }
  const isUnfit = [user, password].some((text) => text !== undefined && !fitsField(text));
  return isUnfit ? `user and pass must have 1 to ${MAX_BYTES} bytes each` : undefined;
}

function fitsField(text: string): boolean {
  return text.length > 0 && text.length <= MAX_BYTES;
}

async function microsocksSettings(said: OptionTally, host: DropInHost): Promise<Translation> {
  const { flags, values } = said;
  const given = givenUsers(said);
  const source = await firstAddressesOf(values.get('b') ?? '');
  const whitelist = await firstAddressesOf(values.get('w') ?? '');
  if (typeof source === 'string') return toldError(`-b: ${source}`);
  if (typeof whitelist === 'string') return toldError(`-w: ${whitelist}`);
  const lines: TranslatedLine[] = [
    ['listen', listenOf(values), '-i -p'],
    ['nofork', 'yes', 'microsocks'],
    ['logmode', 'stderr', 'microsocks'],
    ['method-order', 'client', 'microsocks'],
    ...source.map((ip): TranslatedLine => ['source', ip, '-b']),
    ...(given === undefined ? [] : [['auth', given.file, '-u'] as const]),
    ...whitelist.map((ip): TranslatedLine => ['whitelist', ip, '-w']),
    ...(flags.includes('1') ? [['auth-once', ALWAYS, '-1'] as const] : []),
    ...(flags.includes('q') ? [['loglevel', 'none', '-q'] as const] : []),
    ...asNobody(host),
  ];
  return {
    kind: 'settings',
    settings: settingsOfLines(lines, host),
    given,
    problems: given === undefined ? warnOfOutsiders('microsocks', host) : [],
    unprinted: given === undefined ? [] : [howToWrite(given)],
  };
}

function givenUsers({ values }: OptionTally): GivenUsers | undefined {
  const user = values.get('u');
  const password = values.get('P');
  if (user === undefined || password === undefined) return undefined;
  return { file: USER_FILE, users: [givenUser(latin1Bytes(user), latin1Bytes(password))] };
}

function latin1Bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** `::` is every address of both families, as it is there; a port may be a service. */
function listenOf(values: OptionTally['values']): string {
  const host = values.get('i') ?? '0.0.0.0';
  const port = values.get('p') ?? '1080';
  return listenAt(parseIp(host) === '::' ? '*' : host, port);
}

/** The first address of each item; a string is the error of an item. */
async function firstAddressesOf(list: string): Promise<readonly string[] | string> {
  const addresses: string[] = [];
  for (const item of list.split(',').filter((each) => each !== '')) {
    const address = parseIp(item) ?? (await firstAddress(item));
    if (address === undefined) return `failed to resolve ${item}`;
    addresses.push(address);
  }
  return addresses;
}

async function firstAddress(name: string): Promise<string | undefined> {
  try {
    return (await lookup(name)).address;
  } catch {
    return undefined;
  }
}

function howToWrite({ file, users }: GivenUsers): string {
  const names = users.map(({ user }) => quote(user.name)).join(' ');
  return `The password of -P is not printed. Write the user into the file: pis5user add -c ${file} ${names}`;
}
