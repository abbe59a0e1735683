// `client pass` and `client block` as items of `network`: who may talk to the server.
import { formatCidr } from '../base/ip.ts';
import { quote } from '../config/values/parsed.ts';
import { methodsIn, type DanteFacts } from './facts.ts';
import { left, note, setting, type Piece } from './piece.ts';
import { type ClientBlocks, clientsOf, halvesOf, parseDanteTarget, saysNothingOfPorts } from './place.ts';
import {
  convertAction,
  fieldOf,
  isAction,
  obstacleOf,
  obstacleOfClientMethod,
  settle,
  whyUnread,
  type DanteRule,
} from './rule.ts';
import type { DanteField } from './statements.ts';

export function convertClientRule(written: DanteRule, facts: DanteFacts): readonly Piece[] {
  const rule = isForSomeMethods(written, facts) ? { ...written, verdict: 'block' as const } : written;
  const from = fieldOf(rule, 'from');
  const clients = clientsOf(from, facts);
  const blocks = narrow(clients.kind === 'wrong' ? undefined : clients.value, fieldOf(rule, 'to'), facts);
  const obstacles = [
    ...whyUnread(from, clients),
    ...rule.fields.flatMap((field) => obstacle(field, facts) ?? []),
  ];
  const about = blocks === undefined ? 'all' : 'others';
  const actions = rule.fields.filter(isAction).flatMap((field) => convertAction(field, about));
  return [...settle(rule, obstacles, clientItems(rule, blocks)), ...actions];
}

function obstacle(field: DanteField, facts: DanteFacts): Piece | undefined {
  if (field.key === 'clientmethod' || field.key === 'method') return obstacleOfClientMethod(field);
  if (field.key === 'to') return obstacleOfTo(field, facts);
  return obstacleOf(field, isForSomeMethods({ fields: [field] }, facts) ? ['from'] : ['from', 'socksmethod']);
}

/** Dante later refuses clients of such a rule that offer another method, and asks no other rule. */
function isForSomeMethods({ fields }: Pick<DanteRule, 'fields'>, { methods }: DanteFacts): boolean {
  return fields.some(
    ({ key, values }) => key === 'socksmethod' && [...methods].some((each) => !methodsIn(values).has(each)),
  );
}

/** `to` is where the client has connected to; there is one list for all listen addresses here. */
function obstacleOfTo({ line, values }: DanteField, { host, internal }: DanteFacts): Piece | undefined {
  const [address = ''] = values;
  const target = parseDanteTarget(values, host);
  const isAll =
    target.kind === 'value' &&
    (target.value.place.kind === 'everything' || target.value.place.kind === 'family');
  const isOnly = internal.length === 1 && internal[0] === address.replace(/\/(?:32|128)$/, '');
  const isEveryPort = target.kind === 'value' && saysNothingOfPorts(target.value);
  return isEveryPort && (isAll || isOnly)
    ? undefined
    : left(line, 'to', `${quote(values.join(' '))}: one list holds for all listen addresses`);
}

/** A client has connected to an address of its own family. */
function narrow(
  blocks: ClientBlocks,
  to: DanteField | undefined,
  { host, clientFamily }: DanteFacts,
): ClientBlocks {
  const target = parseDanteTarget(to?.values ?? [], host);
  if (target.kind === 'wrong' || target.value.place.kind !== 'family') return blocks;
  const { family } = target.value.place;
  if (clientFamily !== undefined) return clientFamily === family ? blocks : [];
  return blocks === undefined ? halvesOf(family) : blocks.filter((block) => block.family === family);
}

function clientItems({ line, verdict }: DanteRule, blocks: ClientBlocks): readonly Piece[] {
  const texts = blocks === undefined ? ['*'] : blocks.map(formatCidr);
  if (texts.length === 0) return [note(line, 'no client of that family can come')];
  const mark = verdict === 'block' ? '!' : '';
  return [setting(line, 'network', texts.map((text) => `${mark}${text}`).join(','))];
}
