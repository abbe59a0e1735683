// The question of --explain: `user=alice client=10.1.2.3 connect example.org:25`.
import { cutName } from '../../base/bytes.ts';
import { isUnspecified, parseIp, unmapIp, type Ip } from '../../base/ip.ts';
import { parseClientIp } from '../../base/zoned.ts';
import { splitHostPort } from '../../config/values/hostport.ts';
import { oneOf, quote, value, wrong, type Parsed } from '../../config/values/parsed.ts';
import { didYouMean } from '../../config/values/suggest.ts';
import { DAYS } from '../../config/values/timespan.ts';
import type { Asking } from '../../policy/rules/rules.ts';
import { destinationOf, type Destination } from '../../protocol/address.ts';

export interface Query {
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly userId: string | undefined;
  readonly client: Ip;
  /** As `listen` names it; undefined: any. */
  readonly listener: string | undefined;
  readonly time: Date;
  /** The addresses of a name, or the peer of a BIND that waits for any; empty when the question has none. */
  readonly ip: 'lookup' | readonly Ip[];
  readonly command: Asking['command'];
  readonly destination: Destination;
}

const COMMANDS: readonly Asking['command'][] = ['connect', 'bind', 'assoc', 'resolve'];
const KEYS = ['user', 'group', 'userid', 'client', 'listener', 'time', 'ip'] as const;
const FORM = 'write client=ADDRESS COMMAND HOST:PORT';

type Words = Readonly<Partial<Record<(typeof KEYS)[number], string>>>;

/** Reads the question; `now` is its time unless it names one. */
export function parseQuery(text: string, now: Date): Parsed<Query> {
  const all = text.split(/\s+/).filter((word) => word !== '');
  const [commandWord, target, ...more] = all.filter((word) => !word.includes('='));
  const words = readWords(all.filter((word) => word.includes('=')));
  if (words.kind === 'wrong') return words;
  const why = whyIncomplete(words.value, commandWord, more);
  if (why !== undefined) return wrong(why);
  const command = COMMANDS.find((known) => known === commandWord);
  if (command === undefined) {
    return wrong(
      `${quote(commandWord ?? '')} is not ${oneOf(COMMANDS)}${didYouMean(commandWord ?? '', COMMANDS)}`,
    );
  }
  const destination = readDestination(target ?? '', command);
  return destination.kind === 'wrong' ? destination : finish(words.value, now, command, destination.value);
}

function readWords(words: readonly string[]): Parsed<Words> {
  const read: Partial<Record<keyof Words, string>> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    const key = KEYS.find((known) => known === word.slice(0, equals));
    const text = word.slice(equals + 1);
    if (key === undefined) {
      return wrong(
        `${quote(word)} is not ${oneOf(KEYS.map((each) => `${each}=`))}${didYouMean(word.slice(0, equals), KEYS)}`,
      );
    }
    if (text === '') return wrong(`${key}= needs a value`);
    read[key] = text;
  }
  return value(read);
}

function whyIncomplete(
  words: Words,
  command: string | undefined,
  more: readonly string[],
): string | undefined {
  if (command === undefined) return `it does not say what is asked for; ${FORM}`;
  if (more.length > 0) return `${quote(more.join(' '))} is too much; ${FORM}`;
  if (words.client === undefined) return `it does not say from where; ${FORM}`;
  const isUser = words.user !== undefined || words.group !== undefined;
  return isUser && words.userid !== undefined
    ? 'a client that has logged in has no userid=; leave that out, or user= and group='
    : undefined;
}

function readDestination(text: string, command: Asking['command']): Parsed<Destination> {
  const split = splitHostPort(text, () => undefined);
  if (split.kind === 'wrong') return split;
  const { host, port = command === 'resolve' ? 0 : undefined } = split.value;
  const destination = port === undefined ? undefined : destinationOf(host, port);
  return destination === undefined ? wrong(`${quote(text)} is not HOST:PORT; ${FORM}`) : value(destination);
}

function finish(
  words: Words,
  now: Date,
  command: Asking['command'],
  destination: Destination,
): Parsed<Query> {
  const client = parseClientIp(words.client ?? '');
  if (client === undefined) return wrong(`client=${words.client ?? ''} is not an address`);
  const time = words.time === undefined ? now : momentOf(words.time.toLowerCase(), now);
  if (time === undefined)
    return wrong(`time=${words.time ?? ''} is not HH:MM or DAY@HH:MM with a day such as mon`);
  const isSettled = destination.kind === 'ip' && !(command === 'bind' && isUnspecified(destination.ip));
  const ip = isSettled ? [destination.ip] : readAddresses(words.ip);
  if (ip === undefined) return wrong(`ip=${words.ip ?? ''} is not an address or lookup`);
  const { user, group, userid, listener } = words;
  // As sessions have it.
  const userId = userid && cutName(userid);
  return value({ user, group, userId, client: unmapIp(client), listener, time, ip, command, destination });
}

function readAddresses(text: string | undefined): Query['ip'] | undefined {
  if (text === undefined) return [];
  if (text === 'lookup') return 'lookup';
  const ip = parseIp(text);
  return ip === undefined ? undefined : [unmapIp(ip)];
}

/** The next such moment from the beginning of today on. */
function momentOf(text: string, now: Date): Date | undefined {
  const [, word, hour = '', minute = ''] = /^(?:([a-z]+)@)?([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  const day = word === undefined ? now.getDay() : DAYS.indexOf(word);
  if (hour === '' || day < 0) return undefined;
  const ahead = (day - now.getDay() + DAYS.length) % DAYS.length;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + ahead, Number(hour), Number(minute));
}
