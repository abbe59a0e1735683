// `socks pass` and `socks block` as items of `request`: who may ask for what.
import { value } from '../config/values/parsed.ts';
import { commandsOf, type DanteCommand } from './commands.ts';
import { readCondition } from './conditions.ts';
import type { DanteFacts } from './facts.ts';
import { left, note, type Piece } from './piece.ts';
import { clientsOf, type DantePlace, type DanteTarget, parseDanteTarget } from './place.ts';
import type { Region } from './regions.ts';
import { readReplyRule, type ReplyRule } from './replies.ts';
import { blockedItems, passedItems } from './requestitems.ts';
import { convertAction, fieldOf, isAction, settle, whyUnread, type DanteRule } from './rule.ts';

/** `replies` are all rules about answers. */
export function convertRequestRule(
  rule: DanteRule,
  facts: DanteFacts,
  replies: readonly ReplyRule[],
): readonly Piece[] {
  const commands = commandsOf(rule.fields);
  if (commands.size > 0 && [...commands].every(isReply)) return convertReplyRule(rule, facts);
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
  const { place, ports } = target.kind === 'wrong' ? EVERYTHING : target.value;
  const region = { clients: clients.kind === 'wrong' ? undefined : clients.value, place, ports };
  const words = readings.flatMap((reading) => reading.words);
  const items =
    region.clients?.length === 0
      ? [note(rule.line, NOBODY)]
      : ruleItems(rule, region, words, { facts, replies });
  return [...settle(rule, obstacles, items), ...actionsOf(rule, region, words)];
}

/** Also used for an unreadable place, which is among the obstacles. */
const EVERYTHING: DanteTarget = { place: { kind: 'everything' }, ports: undefined };

const NOBODY = 'no client of that family can come';

function isReply(command: DanteCommand): boolean {
  return command.endsWith('reply');
}

/** A rule about answers alone is looked at by those about requests. */
function convertReplyRule(rule: DanteRule, facts: DanteFacts): readonly Piece[] {
  const { obstacles } = readReplyRule(rule, facts);
  const remark = rule.verdict === 'pass' ? REPLY_PASSED : REPLY_BLOCKED;
  const actions = rule.fields.filter(isAction).flatMap((field) => convertAction(field, 'others'));
  return [...settle(rule, obstacles, [note(rule.line, remark)]), ...actions];
}

const REPLY_PASSED = 'answers come in with the request that asked for them: see the rules that pass it';
const REPLY_BLOCKED = 'the rules that pass requests do not pass those to whom this one lets nothing answer';

/** Only a rule about all requests of all clients becomes a limit for all. */
function actionsOf(
  { fields }: DanteRule,
  { place, ports, clients }: Region,
  words: readonly string[],
): readonly Piece[] {
  const isEverything = place.kind === 'everything' || place.kind === 'family';
  const isForAll = words.length === 0 && clients === undefined && isEverything && ports === undefined;
  return fields.filter(isAction).flatMap((field) => convertAction(field, isForAll ? 'all' : 'others'));
}

interface Bearings {
  readonly facts: DanteFacts;
  readonly replies: readonly ReplyRule[];
}

function ruleItems(
  rule: DanteRule,
  region: Region,
  words: readonly string[],
  { facts, replies }: Bearings,
): readonly Piece[] {
  const asked = { line: rule.line, commands: commandsOf(rule.fields), region, words };
  const items = rule.verdict === 'block' ? blockedItems(asked, facts) : passedItems(asked, facts, replies);
  return [...items, ...remarks(rule, region.place, facts)];
}

function remarks(rule: DanteRule, place: DantePlace, facts: DanteFacts): readonly Piece[] {
  const { line, verdict } = rule;
  const isMixed = place.kind === 'family' && facts.targetFamily === undefined;
  if (verdict === 'pass') return isMixed ? [left(line, 'to', MIXED)] : [];
  if (place.kind === 'name' || place.kind === 'suffix') return [left(line, 'to', NAME_BLOCKED)];
  return facts.firstFence === line ? [left(line, 'to', HALF_BLOCKED)] : [];
}

const NAME_BLOCKED =
  'a name here blocks those who ask for the name, not those who ask for its addresses; block these as well';
const MIXED = 'what it does not pass of the other family is denied here, whatever later rules say';
const HALF_BLOCKED =
  'a name that has other addresses beside those that this or a later rule blocks is reached at the others here; Dante ' +
  'blocks the name wholly. What is blocked stays out of reach';
