// Converts a sockd.conf of Dante 1.4, statement by statement, each under a comment with its source and with everything that could
// not be converted. The result reads back, and allows nothing that Dante blocks; docs/migrating.md has the exceptions, all of
// which are reported.
import { BY_KEY } from '../config/options/options.ts';
import { buildConfig } from '../config/reading/build.ts';
import { convertClientRule } from './clientrules.ts';
import { gatherFacts, isSocksRule, ruleOf, type DanteFacts } from './facts.ts';
import { left, missing, note, type Piece } from './piece.ts';
import type { DanteHost } from './place.ts';
import { printConverted } from './print.ts';
import { readReplyRules, type ReplyRule } from './replies.ts';
import { convertRequestRule } from './requestrules.ts';
import { convertRoute, missingRoute } from './routes.ts';
import { settle, type DanteRule } from './rule.ts';
import { convertSetting, WRITE_LISTEN } from './settings.ts';
import { parseStatements, type DanteField, type Statement } from './statements.ts';

export type { DanteHost } from './place.ts';

/** A part of the sockd.conf that is not, or not wholly, in the configuration. */
export interface LeftOver {
  readonly line: number;
  readonly what: string;
  readonly why: string;
}

export interface Converted {
  /** A whole configuration file. */
  readonly text: string;
  readonly left: readonly LeftOver[];
}

/** Never throws, whatever `text` is. */
export function convertDanted(text: string, host: DanteHost): Converted {
  const statements = parseStatements(text);
  const facts = gatherFacts(statements, host);
  const replies = readReplyRules(facts);
  const listens = new Set<string>();
  const parts = statements.map((statement) => ({
    statement,
    pieces: convert(statement, facts, replies).flatMap((piece) => proven(piece, listens, host)),
  }));
  const pieces = parts.flatMap((part) => part.pieces);
  const rest = [
    ...(isDeaf(pieces) ? missing(1, 'internal', 'there is none', WRITE_LISTEN) : []),
    ...missingRoute(statements, facts),
  ];
  return {
    text: printConverted(parts, rest, facts.methods.size > 0 ? 'served' : 'refused'),
    left: [...pieces, ...rest].filter((piece) => piece.kind === 'left'),
  };
}

/** Whether clients may come although nothing says where. */
function isDeaf(pieces: readonly Piece[]): boolean {
  const settings = pieces.filter((piece) => piece.kind === 'setting');
  return (
    pieces.every(({ kind }) => kind !== 'stop') &&
    settings.every(({ keyword }) => keyword !== 'listen') &&
    settings.some(({ keyword, text }) => keyword === 'network' && !text.startsWith('!'))
  );
}

function convert(statement: Statement, facts: DanteFacts, replies: readonly ReplyRule[]): readonly Piece[] {
  switch (statement.kind) {
    case 'setting':
      return convertSetting(statement.field, facts);
    case 'stray':
      return missing(statement.line, 'this line', STRAY, WRITE_RULE);
    case 'block':
      return convertBlock(statement, facts, replies);
  }
}

const STRAY = 'it begins with no keyword, or with a rule that has no end';
const WRITE_RULE = 'write the rule that these words were to be, or remove this line';

function convertBlock(
  block: Extract<Statement, { kind: 'block' }>,
  facts: DanteFacts,
  replies: readonly ReplyRule[],
): readonly Piece[] {
  const { line, head, fields } = block;
  const rule = ruleOf(block);
  if (head.startsWith('client ')) return convertRule(rule, (each) => convertClientRule(each, facts));
  if (isSocksRule(head)) return convertRule(rule, (each) => convertRequestRule(each, facts, replies));
  if (head === 'route') return convertRoute(line, fields, facts);
  if (head.startsWith('hostid ')) return missing(line, head, NO_HOSTID, WRITE_INSTEAD);
  return [left(line, head, 'there is nothing like it here')];
}

const NO_HOSTID = 'no client is known by a hostid here';
const WRITE_INSTEAD =
  'look at whom hostid rules keep out in Dante, block them by address, and remove this line';

const PLACES = ['from', 'to'];

/** Dante accepts no rule with two places of one kind, and we do not guess which one is meant. */
function convertRule(rule: DanteRule, convertOne: (rule: DanteRule) => readonly Piece[]): readonly Piece[] {
  const second = rule.fields.find((field, at) => PLACES.includes(field.key) && isRepeated(rule, field, at));
  if (second === undefined) return convertOne(rule);
  const everywhere = { ...rule, fields: rule.fields.filter(({ key }) => !PLACES.includes(key)) };
  const obstacle = left(second.line, second.key, 'it stands twice in one rule; write a rule for each');
  return settle(rule, [obstacle], convertOne(everywhere));
}

function isRepeated({ fields }: DanteRule, { key }: DanteField, at: number): boolean {
  return fields.findIndex((field) => field.key === key) < at;
}

/** Settings without which more would be let in. */
const FENCES = ['listen', 'network', 'request', 'auth', 'tcp-wrappers', 'user'];

/** A setting that would not be read back is none; nor is an address to listen at that stands above. */
function proven(piece: Piece, listens: Set<string>, host: DanteHost): readonly Piece[] {
  if (piece.kind !== 'setting') return [piece];
  const { line, keyword, text } = piece;
  if (keyword === 'listen' && listens.has(text)) return [note(line, `it listens at ${text} already`)];
  const why = whyNotReadBack(piece, host);
  if (why === undefined) {
    if (keyword === 'listen') listens.add(text);
    return [piece];
  }
  return FENCES.includes(keyword)
    ? missing(line, keyword, why, `write ${keyword} = ... in the place of this line`)
    : [left(line, keyword, why)];
}

/** undefined when it reads back. */
function whyNotReadBack(
  { keyword, text }: Extract<Piece, { kind: 'setting' }>,
  { portOf }: DanteHost,
): string | undefined {
  const option = BY_KEY.get(keyword);
  if (option === undefined) throw new TypeError(`no option of that name: ${keyword}`);
  const entry = {
    kind: 'setting',
    option,
    written: keyword,
    text,
    section: '',
    origin: {},
    folder: '/',
  } as const;
  return buildConfig([entry], portOf).problems.find(({ severity }) => severity === 'error')?.text;
}
