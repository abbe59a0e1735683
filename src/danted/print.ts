// The text of a converted sockd.conf.
import { wrap } from '../config/documents/prose.ts';
import type { Piece } from './piece.ts';
import type { DanteField, Statement } from './statements.ts';

/** A statement of the sockd.conf and its conversion. */
interface ConvertedStatement {
  readonly statement: Statement;
  readonly pieces: readonly Piece[];
}

/** `rest` belongs to no statement; `requests` are refused where Dante has no method for them. */
export function printConverted(
  parts: readonly ConvertedStatement[],
  rest: readonly Piece[],
  requests: 'served' | 'refused',
): string {
  const bodies = parts.map(({ statement, pieces }) =>
    [...statementLines(statement).map((line) => `# ${line}`), ...pieces.flatMap(formatPiece)].join('\n'),
  );
  const opening = requests === 'served' ? [] : [NO_METHOD];
  const end = rest.length === 0 ? [] : [rest.flatMap(formatPiece).join('\n')];
  return [HEAD, ...opening, ...bodies, ...end, CLOSING].map((part) => `${part}\n`).join('\n');
}

const WIDTH = 100;

const HEAD = `# From a sockd.conf of Dante. Each part stands under the lines that it comes from; what could not be carried over is
# marked LEFT. A line "LEFT = ..." keeps the daemon from starting until you have put what it asks for in its place.
# Where the two programs differ without a word about it in the file:
#
# * Clients of other hosts do not reach this host or its own addresses, nor clients from outside private networks,
#   unless a rule names these addresses (the guard; docs/rules.md).
# * Time limits that are not set below have the defaults of picosocks5, not those of Dante: idle-timeout is 15m.`;

const NO_METHOD =
  '# No method of socksmethod is known here, so nobody may ask for anything.\nrequest = !all:*';

const CLOSING = '# As in Dante, what no rule passes is blocked.\nnetwork = !*\nrequest = !all:*';

function statementLines(statement: Statement): readonly string[] {
  switch (statement.kind) {
    case 'setting':
      return [formatField(statement.field)];
    case 'stray':
      return [`${statement.line}: ${statement.text}`];
    case 'block':
      return [
        `${statement.line}: ${statement.head} {`,
        ...statement.fields.map((field) => `  ${formatField(field)}`),
        '}',
      ];
  }
}

function formatField({ line, key, values }: DanteField): string {
  return `${line}: ${[`${key}:`, ...values].join(' ')}`;
}

function formatPiece(piece: Piece): readonly string[] {
  switch (piece.kind) {
    case 'setting':
      return [`${piece.keyword} = ${piece.text}`];
    case 'note':
      return commentLines(piece.text);
    case 'left':
      return commentLines(`LEFT: ${piece.what}: ${piece.why}`);
    case 'stop':
      return [`LEFT = ${piece.text}`];
  }
}

function commentLines(text: string): readonly string[] {
  return wrap(text, WIDTH).map((line) => `# ${line}`);
}
