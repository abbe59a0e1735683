// Requests over the control socket: one JSON object on one line, `{"version":1,"command":"status"}`. docs/control.md describes
// each command for authors of programs; the answers are in controlanswer.ts.
import { formatCidr, ipFromBytes, type Cidr, type Ip } from '../base/ip.ts';
import { MAX_DURATION_MS } from '../base/units.ts';
import { isUnixZone } from '../base/unixclient.ts';
import { inZone, parseClientIp, parseZonedCidr } from '../base/zoned.ts';
import type { LogLevel } from '../config/model/config.ts';
import { wrong, type Parsed } from '../config/values/parsed.ts';
import {
  exactly,
  flag,
  maybe,
  Misfit,
  object,
  readJson,
  text,
  whole,
  oneWordOf,
  type ShapeReader,
} from './shape.ts';

/** Raised when a program written for an older version could misunderstand. */
export const CONTROL_VERSION = 1;

/** The size of one request, line end included. */
export const MAX_REQUEST_BYTES = 4096;

/** Most sessions in one answer, which is made in one go while clients wait. */
export const MAX_SESSIONS_LISTED = 10_000;
const DEFAULT_SESSIONS_LISTED = 1000;

export const SORT_KEYS = ['id', 'age', 'up', 'down', 'client', 'user'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export const LOG_LEVELS: readonly LogLevel[] = ['err', 'warn', 'notice', 'info', 'debug', 'none'];

/** A choice of sessions: all that match each field given. */
export interface Selection {
  readonly id: number | undefined;
  readonly user: string | undefined;
  readonly client: Cidr | undefined;
}

/** The subject of a ban: a user, a client by any of its addresses, or a block. */
type Unwanted =
  { readonly kind: 'client'; readonly block: Cidr } | { readonly kind: 'user'; readonly name: string };

export type ControlRequest =
  | { readonly command: 'status' | 'bans' | 'reload' }
  /** `announce`: seconds for which `ready` tells before that it will come. */
  | { readonly command: 'drain'; readonly announce?: number | undefined }
  | {
      readonly command: 'sessions';
      readonly of: Selection;
      readonly sort: SortKey;
      readonly limit: number;
    }
  /** At least one field of `of` is given. */
  | { readonly command: 'kick'; readonly of: Selection }
  | { readonly command: 'ban'; readonly client: Cidr; readonly seconds: number }
  | { readonly command: 'unban'; readonly who: Unwanted }
  /** auth-once forgets the client, by any of its addresses. */
  | { readonly command: 'forget'; readonly client: Ip }
  | { readonly command: 'loglevel'; readonly level: LogLevel };

export type ControlCommand = ControlRequest['command'];

/** Those that can be put to all members of a fleet; the others are about one host. */
export const FLEET_COMMANDS: readonly ControlCommand[] = [
  'status',
  'sessions',
  'kick',
  'ban',
  'unban',
  'forget',
];

/** A request as it came; `fleet`: to all members of the fleet. */
export type AskedRequest = ControlRequest & { readonly fleet?: true | undefined };

/** The request of one command. */
export type RequestFor<Command extends ControlCommand> = Extract<ControlRequest, { command: Command }>;

/** Longest time for which a drain is announced; a longer one is a typing mistake. */
export const MAX_ANNOUNCE_SECONDS = 86_400;

/** Length of a ban where none is given. */
const DEFAULT_BAN_SECONDS = 3600;

/** A request as one line with its end. */
export function encodeControlRequest(request: AskedRequest): string {
  const { command, fleet } = request;
  return `${JSON.stringify({ version: CONTROL_VERSION, command, fleet, ...detailsOf(request) })}\n`;
}

/** Reads a line without its end. `why` is for the author of the program that sent it. */
export function decodeControlRequest(line: string): Parsed<AskedRequest> {
  if (Buffer.byteLength(line) >= MAX_REQUEST_BYTES) return wrong(`message: over ${MAX_REQUEST_BYTES} bytes`);
  return readJson(line, (found, where) => {
    const { command, fleet = false } = HEAD(found, where);
    const request = REQUESTS[command](found, where);
    if (!fleet) return request;
    if (request.command === 'kick' && request.of.id !== undefined)
      throw new Misfit(`fleet: each member has ids of its own; name a user or a client`);
    if (FLEET_COMMANDS.includes(command)) return { ...request, fleet };
    throw new Misfit(`fleet: ${command} is about one host; ask each by itself`);
  });
}

function detailsOf(request: ControlRequest): Readonly<Record<string, unknown>> {
  switch (request.command) {
    case 'status':
    case 'bans':
    case 'reload':
      return {};
    case 'drain':
      return { announce: request.announce };
    case 'sessions':
      return { ...selectionFields(request.of), sort: request.sort, limit: request.limit };
    case 'kick':
      return selectionFields(request.of);
    case 'ban':
      return { client: formatClient(request.client), seconds: request.seconds };
    case 'forget':
      return { client: request.client };
    case 'unban':
      return request.who.kind === 'client'
        ? { client: formatClient(request.who.block) }
        : { user: request.who.name };
    case 'loglevel':
      return { level: request.level };
  }
}

/** One address without its length, as every version reads it. */
function formatClient(block: Cidr): string {
  if (block.zone !== undefined && isUnixZone(block.zone)) return block.zone;
  return block.bits === block.base.length * 8
    ? inZone(ipFromBytes(block.base), block.zone ?? '')
    : formatCidr(block);
}

function selectionFields({ id, user, client }: Selection): Readonly<Record<string, unknown>> {
  return { id, user, client: client && formatCidr(client) };
}

const version: ShapeReader<number> = (found) => {
  if (found === CONTROL_VERSION) return found;
  throw new Misfit(`version: this daemon speaks version ${CONTROL_VERSION} of the control protocol`);
};

const ip: ShapeReader<Ip> = (found, where) => {
  const read = parseClientIp(text()(found, where));
  if (read === undefined) throw new Misfit(`${where}: not an IP address`);
  return read;
};

const block: ShapeReader<Cidr> = (found, where) => {
  const read = parseZonedCidr(text()(found, where));
  if (read === undefined) throw new Misfit(`${where}: neither an IP address nor ADDRESS/BITS`);
  return read;
};

/** Refuses a ban of all addresses, which is a mistake; `drain` is for that. */
const bannable: ShapeReader<Cidr> = (found, where) => {
  const read = block(found, where);
  if (read.bits === 0) throw new Misfit(`${where}: every address of a family`);
  return read;
};

/** The fields of every request. */
const COMMON = { version, command: text(), fleet: maybe(flag) };
const SELECTION = { id: maybe(whole(1)), user: maybe(text()), client: maybe(block) };

const bareRequest =
  <Command extends ControlCommand>(command: Command): ShapeReader<{ command: Command }> =>
  (found, where) => {
    exactly(COMMON)(found, where);
    return { command };
  };

const sessions = exactly({
  ...COMMON,
  ...SELECTION,
  sort: maybe(oneWordOf(SORT_KEYS)),
  limit: maybe(whole(1, MAX_SESSIONS_LISTED)),
});
const kick = exactly({ ...COMMON, ...SELECTION });
const ban = exactly({
  ...COMMON,
  client: bannable,
  seconds: maybe(whole(1, Math.floor(MAX_DURATION_MS / 1000))),
});
const unban = exactly({ ...COMMON, client: maybe(block), user: maybe(text()) });
const drain = exactly({ ...COMMON, announce: maybe(whole(1, MAX_ANNOUNCE_SECONDS)) });
const forget = exactly({ ...COMMON, client: ip });
const loglevel = exactly({ ...COMMON, level: oneWordOf(LOG_LEVELS) });

const REQUESTS: { readonly [Command in ControlCommand]: ShapeReader<ControlRequest> } = {
  status: bareRequest('status'),
  bans: bareRequest('bans'),
  reload: bareRequest('reload'),
  drain: (found, where) => {
    const { announce } = drain(found, where);
    return announce === undefined ? { command: 'drain' } : { command: 'drain', announce };
  },
  sessions: (found, where) => {
    const { sort = 'id', limit = DEFAULT_SESSIONS_LISTED, id, user, client } = sessions(found, where);
    return { command: 'sessions', of: { id, user, client }, sort, limit };
  },
  kick: (found, where) => {
    const { id, user, client } = kick(found, where);
    if (id === undefined && user === undefined && client === undefined) {
      throw new Misfit(`${where}: kick needs an id, a user or a client`);
    }
    return { command: 'kick', of: { id, user, client } };
  },
  ban: (found, where) => {
    const { client, seconds = DEFAULT_BAN_SECONDS } = ban(found, where);
    return { command: 'ban', client, seconds };
  },
  unban: (found, where) => {
    const { client, user } = unban(found, where);
    if (client !== undefined && user === undefined)
      return { command: 'unban', who: { kind: 'client', block: client } };
    if (user !== undefined && client === undefined)
      return { command: 'unban', who: { kind: 'user', name: user } };
    throw new Misfit(`${where}: unban needs either a client or a user`);
  },
  forget: (found, where) => ({ command: 'forget', client: forget(found, where).client }),
  loglevel: (found, where) => ({ command: 'loglevel', level: loglevel(found, where).level }),
};

/** The commands, for "did you mean". */
export const CONTROL_COMMANDS = Object.keys(REQUESTS) as readonly ControlCommand[];

const HEAD = object({ version, command: oneWordOf(CONTROL_COMMANDS), fleet: maybe(flag) });
