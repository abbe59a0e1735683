// A sockd.conf of Dante 1.4 as a configuration of ours: statement by statement, each under a comment with its source, with all
// that could not be carried over. What comes out reads back, and lets nobody do what Dante stops; docs/migrating.md has the
// exceptions, all of which are reported.
import { buildConfig } from '../build.ts';
import { BY_KEY } from '../options.ts';
import { convertClientRule } from './clientrules.ts';
import { gatherFacts, isSocksRule, type Facts } from './facts.ts';
import { left, note, type Piece } from './piece.ts';
import type { Host } from './place.ts';
import { convertRequestRule } from './requestrules.ts';
import { convertRoute } from './routes.ts';
import { printConverted } from './print.ts';
import { settle, type Rule } from './rule.ts';
import { convertSetting } from './settings.ts';
import { parseStatements, type Field, type Statement } from './statements.ts';

export type { Host } from './place.ts';

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
export function convertDanted(text: string, host: Host): Converted {
  const statements = parseStatements(text);
  const facts = gatherFacts(statements, host);
  const listens = new Set<string>();
  const parts = statements.map((statement) => ({
    statement,
    pieces: convert(statement, facts).map((piece) => proven(piece, listens, host)),
  }));
  return {
    text: printConverted(parts, facts.methods.size > 0 ? 'served' : 'refused'),
    left: parts.flatMap(({ pieces }) => pieces.filter((piece) => piece.kind === 'left')),
  };
}

function convert(statement: Statement, facts: Facts): readonly Piece[] {
  switch (statement.kind) {
    case 'setting':
      return convertSetting(statement.field, facts);
    case 'stray':
      return [left(statement.line, 'this line', 'it begins with no keyword, or with a rule that has no end')];
    case 'block':
      return convertBlock(statement, facts);
  }
}

function convertBlock(
  { line, head, fields }: Extract<Statement, { kind: 'block' }>,
  facts: Facts,
): readonly Piece[] {
  const rule: Rule = { line, verdict: head.endsWith('pass') ? 'pass' : 'block', fields };
  if (head.startsWith('client ')) return convertRule(rule, facts, convertClientRule);
  if (isSocksRule(head)) return convertRule(rule, facts, convertRequestRule);
  if (head === 'route') return convertRoute(line, fields, facts);
  return [left(line, head, 'there is nothing like it here')];
}

const PLACES = ['from', 'to'];

/** Dante takes no rule with two places of one kind, and here nobody guesses which of them is meant. */
function convertRule(
  rule: Rule,
  facts: Facts,
  convertOne: (rule: Rule, facts: Facts) => readonly Piece[],
): readonly Piece[] {
  const second = rule.fields.find((field, at) => PLACES.includes(field.key) && isRepeated(rule, field, at));
  if (second === undefined) return convertOne(rule, facts);
  const everywhere = { ...rule, fields: rule.fields.filter(({ key }) => !PLACES.includes(key)) };
  const obstacle = left(second.line, second.key, 'it stands twice in one rule; write a rule for each');
  return settle(rule, [obstacle], convertOne(everywhere, facts));
}

function isRepeated({ fields }: Rule, { key }: Field, at: number): boolean {
  return fields.findIndex((field) => field.key === key) < at;
}

/** A setting that would not be read back is none; nor is an address to listen at that stands above. */
function proven(piece: Piece, listens: Set<string>, { portOf }: Host): Piece {
  if (piece.kind !== 'setting') return piece;
  const { line, keyword, text } = piece;
  const option = BY_KEY.get(keyword);
  if (option === undefined) throw new TypeError(`no option of that name: ${keyword}`);
  if (keyword === 'listen' && listens.has(text)) return note(line, `it listens at ${text} already`);
  const entry = {
    kind: 'setting',
    option,
    written: keyword,
    text,
    section: '',
    origin: {},
    folder: '/',
  } as const;
  const { problems } = buildConfig([entry], portOf);
  const wrong = problems.find(({ severity }) => severity === 'error');
  if (wrong !== undefined) return left(line, keyword, wrong.text);
  if (keyword === 'listen') listens.add(text);
  return piece;
}
