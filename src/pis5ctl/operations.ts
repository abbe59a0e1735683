// The commands of pis5ctl: words of the command line become a request to the daemon.
import type { Cidr, Ip } from '../base/ip.ts';
import { parseDuration } from '../base/units.ts';
import { parseClientIp, parseZonedCidr } from '../base/zoned.ts';
import type { LogLevel } from '../config/model/config.ts';
import { oneOf } from '../config/values/parsed.ts';
import { didYouMean } from '../config/values/suggest.ts';
import {
  LOG_LEVELS,
  MAX_ANNOUNCE_SECONDS,
  MAX_SESSIONS_LISTED,
  SORT_KEYS,
  type ControlRequest,
  type Selection,
} from '../control/controlmessage.ts';
import { usage } from './failure.ts';

/** Options with a value. */
export interface OptionValues {
  readonly sort?: string;
  readonly user?: string;
  readonly client?: string;
  readonly limit?: string;
  readonly announce?: string;
  readonly wait?: string;
}

interface Operation {
  /** Its options beside the common ones. */
  readonly options: readonly (keyof OptionValues)[];
  /** Throws a Pis5ctlFailure of usage. */
  readonly request: (operands: readonly string[], values: OptionValues) => ControlRequest;
}

const LIST: readonly (keyof OptionValues)[] = ['sort', 'user', 'client', 'limit'];
const DEFAULT_LIMIT = 1000;
const DEFAULT_BAN = '1h';

/** By word on the command line. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['status', bareOperation('status')],
  [
    'sessions',
    { options: LIST, request: (operands, values) => sessionsRequest('sessions', operands, values, 'id') },
  ],
  ['top', { options: LIST, request: (operands, values) => sessionsRequest('top', operands, values, 'down') }],
  ['kick', { options: [], request: kickRequest }],
  ['ban', { options: [], request: banRequest }],
  ['unban', { options: [], request: unbanRequest }],
  ['bans', bareOperation('bans')],
  ['forget', { options: [], request: forgetRequest }],
  ['reload', bareOperation('reload')],
  ['drain', { options: ['announce', 'wait'], request: drainRequest }],
  ['loglevel', { options: [], request: logLevelRequest }],
]);

function bareOperation(command: 'status' | 'bans' | 'reload'): Operation {
  const request = (operands: readonly string[]): ControlRequest => {
    mustCount(command, operands, 0, 0);
    return { command };
  };
  return { options: [], request };
}

function sessionsRequest(
  name: string,
  operands: readonly string[],
  { sort = '', user, client, limit }: OptionValues,
  fallback: 'id' | 'down',
): ControlRequest {
  mustCount(name, operands, 0, 0);
  const key = SORT_KEYS.find((each) => each === (sort === '' ? fallback : sort));
  if (key === undefined) throw usage(`--sort ${sort}: not ${oneOf(SORT_KEYS)}${didYouMean(sort, SORT_KEYS)}`);
  const of: Selection = {
    id: undefined,
    user,
    client: client === undefined ? undefined : blockOperand(client),
  };
  return {
    command: 'sessions',
    of,
    sort: key,
    limit: limit === undefined ? DEFAULT_LIMIT : limitOperand(limit),
  };
}

function kickRequest(operands: readonly string[]): ControlRequest {
  mustCount('kick', operands, 1, 1, 'ID, user=NAME or client=ADDRESS[/BITS]');
  const [kind, text] = splitOperand(operands[0] ?? '', 'id');
  const nobody: Selection = { id: undefined, user: undefined, client: undefined };
  switch (kind) {
    case 'id':
      if (!/^[1-9]\d{0,14}$/.test(text))
        throw usage(`kick: "${text}" is no number of a session, nor user=NAME or client=ADDRESS`);
      return { command: 'kick', of: { ...nobody, id: Number(text) } };
    case 'user':
      return { command: 'kick', of: { ...nobody, user: text } };
    case 'client':
      return { command: 'kick', of: { ...nobody, client: blockOperand(text) } };
  }
}

function banRequest(operands: readonly string[]): ControlRequest {
  mustCount('ban', operands, 1, 2, 'ADDRESS[/BITS] [TIME]');
  const [address = '', time = DEFAULT_BAN] = operands;
  const milliseconds = parseDuration(time) ?? 0;
  if (milliseconds < 1000)
    throw usage(`ban: "${time}" is not a time of a second or more, such as 90s, 30m, 12h or 7d`);
  const client = bannedOf('ban', address);
  if (client.bits === 0)
    throw usage(`ban: "${address}" is everybody; to serve nobody stop the daemon (pis5ctl drain)`);
  return { command: 'ban', client, seconds: Math.round(milliseconds / 1000) };
}

function unbanRequest(operands: readonly string[]): ControlRequest {
  mustCount('unban', operands, 1, 1, 'ADDRESS[/BITS] or user=NAME');
  const [kind, text] = splitOperand(operands[0] ?? '', 'client');
  if (kind === 'id') throw usage('unban: sessions are not banned; name an ADDRESS[/BITS] or user=NAME');
  if (kind === 'user') return { command: 'unban', who: { kind, name: text } };
  return { command: 'unban', who: { kind, block: bannedOf('unban', text) } };
}

function forgetRequest(operands: readonly string[]): ControlRequest {
  mustCount('forget', operands, 1, 1, 'ADDRESS');
  return { command: 'forget', client: clientOperand('forget', operands[0] ?? '') };
}

function drainRequest(operands: readonly string[], { announce }: OptionValues): ControlRequest {
  mustCount('drain', operands, 0, 0);
  if (announce === undefined) return { command: 'drain' };
  const seconds = Math.round((parseDuration(announce) ?? 0) / 1000);
  if (seconds >= 1 && seconds <= MAX_ANNOUNCE_SECONDS) return { command: 'drain', announce: seconds };
  throw usage(`--announce ${announce}: not a time from a second to a day, such as 10s`);
}

function logLevelRequest(operands: readonly string[]): ControlRequest {
  mustCount('loglevel', operands, 1, 1, LOG_LEVELS.join(', '));
  const [word = ''] = operands;
  const level: LogLevel | undefined = LOG_LEVELS.find((each) => each === word);
  if (level === undefined)
    throw usage(`loglevel: "${word}" is not ${oneOf(LOG_LEVELS)}${didYouMean(word, LOG_LEVELS)}`);
  return { command: 'loglevel', level };
}

/** `user=alice` in two; a word without a kind is of kind `otherwise`. */
function splitOperand(
  operand: string,
  otherwise: 'id' | 'client',
): readonly ['id' | 'user' | 'client', string] {
  const [, kind, text = operand] = /^(id|user|client)=(.*)$/s.exec(operand) ?? [];
  return [(kind ?? otherwise) as 'id' | 'user' | 'client', text];
}

function mustCount(name: string, operands: readonly string[], least: number, most: number, what = ''): void {
  if (operands.length < least) throw usage(`${name}: which? ${what}`);
  if (operands.length > most) throw usage(`${name}: too many arguments: "${operands.slice(most).join(' ')}"`);
}

function blockOperand(text: string): Cidr {
  const block = parseZonedCidr(text);
  if (block === undefined) throw usage(`"${text}" is neither an IP address nor ADDRESS/BITS`);
  return block;
}

function bannedOf(name: string, text: string): Cidr {
  const block = parseZonedCidr(text);
  if (block === undefined) throw usage(`${name}: "${text}" is neither an IP address nor ADDRESS/BITS`);
  return block;
}

/** A client of IPv6 also in the form in which it is told of: `2001:db8::/64`. */
function clientOperand(name: string, text: string): Ip {
  return addressOperand(name, text.replace(/\/64$/, ''));
}

function addressOperand(name: string, text: string): Ip {
  const ip = parseClientIp(text);
  if (ip === undefined) throw usage(`${name}: "${text}" is not an IP address`);
  return ip;
}

function limitOperand(text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_SESSIONS_LISTED) return limit;
  throw usage(`--limit ${text}: not a number from 1 to ${MAX_SESSIONS_LISTED}`);
}
