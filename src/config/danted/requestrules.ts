// `socks pass` and `socks block` as items of `request`: who may ask for what.
import { formatCidr } from '../../base/ip.ts';
import type { PortRange } from '../config.ts';
import { value } from '../parsed.ts';
import { commandsOf, ourCommands } from './commands.ts';
import { readCondition } from './conditions.ts';
import type { Facts } from './facts.ts';
import { left, note, setting, type Piece } from './piece.ts';
import { formatPlaceBlock, halvesOf, parseDanteTarget, type DantePlace, type DanteTarget } from './place.ts';
import { convertAction, fieldOf, isAction, settle, whyUnread, type Rule } from './rule.ts';
import { clientsOf } from './sources.ts';

export function convertRequestRule(rule: Rule, facts: Facts): readonly Piece[] {
  const from = fieldOf(rule, 'from');
  const clients = clientsOf(from, facts);
  const to = fieldOf(rule, 'to');
  const target = to === undefined ? value(EVERYTHING) : parseDanteTarget(to.values, facts.host);
  const readings = rule.fields.map((field) => readCondition(field, facts));
  const obstacles = [
    ...whyUnread(from, clients),
    ...whyUnread(to, target),
    ...readings.flatMap(({ obstacle }) => obstacle ?? []),
  ];
  const blocks = clients.kind === 'wrong' ? undefined : clients.value;
  const where = target.kind === 'wrong' ? EVERYTHING : target.value;
  const words = [
    ...(blocks ?? []).map((block) => `client=${formatCidr(block)}`),
    ...readings.flatMap((reading) => reading.words),
  ];
  const isForNobody = blocks?.length === 0;
  const items = isForNobody ? [note(rule.line, NOBODY)] : itemsOf(rule, where, words, facts);
  return [...settle(rule, obstacles, items), ...actionsOf(rule, where, words)];
}

/** What stands for a place that cannot be read, too: it is among the obstacles. */
const EVERYTHING: DanteTarget = { place: { kind: 'everything' }, ports: undefined };

const NOBODY = 'no client of that family can come';

/** Only a rule about every request of everybody limits all. */
function actionsOf(
  { fields }: Rule,
  { place, ports }: DanteTarget,
  words: readonly string[],
): readonly Piece[] {
  const isEverything = place.kind === 'everything' || place.kind === 'family';
  const isForAll = words.length === 0 && isEverything && ports === undefined;
  return fields.filter(isAction).flatMap((field) => convertAction(field, isForAll));
}

function itemsOf(
  rule: Rule,
  { place, ports }: DanteTarget,
  conditions: readonly string[],
  facts: Facts,
): readonly Piece[] {
  const { line, verdict } = rule;
  const asked = commandsOf(rule.fields);
  const commands = ourCommands(asked, verdict === 'block' ? commandsOf([]) : facts.passed);
  const items = commands.flatMap((command) =>
    placesOf(place, verdict, facts).flatMap(({ mark, text }) =>
      portsOf(ports).map((range) => [`${mark}${command}:${text}${range}`, ...conditions].join(' ')),
    ),
  );
  return [...items.map((item) => setting(line, 'request', item)), ...remarks(rule, place, facts)];
}

/** A place of ours; `mark` is `!` where it is denied. */
interface Item {
  readonly mark: '' | '!';
  readonly text: string;
}

function placesOf(place: DantePlace, verdict: Rule['verdict'], facts: Facts): readonly Item[] {
  const mark = verdict === 'block' ? '!' : '';
  switch (place.kind) {
    case 'everything':
      return [{ mark, text: '*' }];
    case 'family':
      return placesOfFamily(place.family, mark, facts);
    case 'blocks':
      return place.blocks.map((block) => ({ mark, text: formatPlaceBlock(block) }));
    case 'name':
      return [{ mark, text: place.name }];
    case 'suffix':
      return [{ mark, text: place.suffix }];
  }
}

/**
 * Every address of one family. To let pass, `*` stands for both, with the other family denied before it: as blocks of
 * addresses they would stand above the guard, which is more than anybody means by 0.0.0.0/0.
 */
function placesOfFamily(family: 4 | 6, mark: Item['mark'], { targetFamily }: Facts): readonly Item[] {
  if (targetFamily !== undefined) return targetFamily === family ? [{ mark, text: '*' }] : [];
  const deny = (other: 4 | 6): readonly Item[] =>
    halvesOf(other).map((half) => ({ mark: '!', text: formatPlaceBlock(half) }));
  return mark === '!' ? deny(family) : [...deny(family === 4 ? 6 : 4), { mark, text: '*' }];
}

/** None is needed where every port is meant. */
function portsOf(ports: readonly PortRange[] | undefined): readonly string[] {
  return ports?.map(({ low, high }) => (low === high ? `:${low}` : `:${low}-${high}`)) ?? [''];
}

function remarks({ line, verdict, fields }: Rule, place: DantePlace, facts: Facts): readonly Piece[] {
  const asked = commandsOf(fields);
  const isNamed = place.kind === 'name' || place.kind === 'suffix';
  const isMixed = place.kind === 'family' && facts.targetFamily === undefined;
  const isReply = asked.size > 0 && [...asked].every((command) => command.endsWith('reply'));
  const [isBlock, isPass] = [verdict === 'block', verdict === 'pass'];
  return [
    ...(isBlock && isNamed ? [left(line, 'to', NAME_BLOCKED)] : []),
    ...(isPass && isMixed ? [left(line, 'to', MIXED)] : []),
    ...(isBlock && isReply ? [left(line, 'command', REPLY_BLOCKED)] : []),
    ...(isPass && isReply ? [note(line, REPLY_PASSED)] : []),
  ];
}

const NAME_BLOCKED =
  'a name here blocks those who ask for the name, not those who ask for its addresses; block these as well';
const MIXED = 'what it does not pass of the other family is denied here, whatever later rules say';
const REPLY_BLOCKED = 'answers come in with the request that asked for them; block bind or udpassociate';
const REPLY_PASSED = 'answers come in with the request that asked for them';
