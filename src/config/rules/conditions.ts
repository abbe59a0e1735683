// Conditions of `request` rules: `user=alice client=10.0.0.0/8 time=mon-fri@08:00-18:00`. All must hold; the same one
// written again is an alternative.
import { parseZonedCidr } from '../../base/zoned.ts';
import type { AddressSpan, Conditions, WordPattern } from '../model/config.ts';
import { oneOf, quote, value, wrong, type Parsed } from '../values/parsed.ts';
import { didYouMean } from '../values/suggest.ts';
import { parseTimeSpan } from '../values/timespan.ts';
import { isWholeFamily, parseSpan, spanOf } from './places.ts';

type ConditionKey = keyof Conditions;

/** How the value of each is read. */
const READERS: { readonly [K in ConditionKey]: (text: string) => Parsed<Conditions[K][number]> } = {
  user: parseWord,
  group: parseWord,
  userid: parseUserId,
  client: parseClient,
  time: parseTimeSpan,
};
const KEYS = Object.keys(READERS) as ConditionKey[];

/** Reads words of the form `KEY=VALUE`; the reason names the first one that is wrong. */
export function parseConditions(words: readonly string[]): Parsed<Conditions> {
  const lists: Record<ConditionKey, unknown[]> = { user: [], group: [], userid: [], client: [], time: [] };
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const key = KEYS.find((known) => known === name);
    if (equals < 0 || key === undefined) return wrong(unknownCondition(word, name));
    const parsed = READERS[key](word.slice(equals + 1));
    if (parsed.kind === 'wrong') return wrong(`${key}: ${parsed.why}`);
    lists[key].push(parsed.value);
  }
  // READERS has the type of each list.
  return value(lists as unknown as Conditions);
}

/** Reads a word in which one `*` may stand for any text. */
function parseWord(text: string): Parsed<WordPattern> {
  const [start = '', end, ...more] = text.split('*');
  if (text === '') return wrong('needs a value; * stands for all');
  if (more.length > 0) return wrong(`${quote(text)} has more than one *`);
  return value({ start, end });
}

/** A user id is cut at its first colon (session/dialects/socks4.ts), so only * can match after one. */
function parseUserId(text: string): Parsed<WordPattern> {
  const colon = text.indexOf(':');
  if (colon < 0 || text.slice(colon + 1) === '*') return parseWord(text);
  return wrong(
    `${quote(text)}: what follows the first colon of a user id may be a password and is not kept; write ${text.slice(0, colon + 1)}*`,
  );
}

function parseClient(text: string): Parsed<AddressSpan> {
  const block = parseZonedCidr(text.replace(/^\[(.*)\](?=$|\/)/, '$1'));
  const span = block === undefined ? parseSpan(text) : spanOf(block);
  if (span === undefined) return wrong(`${quote(text)} is not ADDRESS, ADDRESS/BITS or LOW-HIGH`);
  return isWholeFamily(span) ? wrong(`${quote(text)} is everybody; leave it out`) : value(span);
}

function unknownCondition(word: string, name: string): string {
  const forms = oneOf(KEYS.map((key) => `${key}=`));
  return `${quote(word)} is not a condition; write ${forms}${didYouMean(name, KEYS)}`;
}
