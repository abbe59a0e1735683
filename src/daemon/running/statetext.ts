// The text of the state file, made a little at a time: sessions go on between the pieces, of which full tables have hundreds.
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** The version of the format; a file of another version is set aside. */
export const STATE_VERSION = 1;

/** One list of like items, as JSON can hold them; they are asked for as they are written. */
export interface StateList {
  readonly name: string;
  readonly save: () => Iterable<unknown>;
}

export interface StateText {
  readonly pieces: readonly string[];
  /** Differs where the text does. */
  readonly digest: string;
}

/** Items in one piece: about a millisecond of work. */
const PIECE_ITEMS = 500;

/** Items that change meanwhile are as before or as after. */
export async function makeStateText(lists: readonly StateList[]): Promise<StateText> {
  const hash = createHash('sha256');
  const pieces: string[] = [];
  for (const piece of piecesOf(lists)) {
    pieces.push(piece);
    hash.update(piece);
    await nextTurn();
  }
  return { pieces, digest: hash.digest('hex') };
}

function* piecesOf(lists: readonly StateList[]): Generator<string> {
  yield `{"version": ${STATE_VERSION}, "parts": {`;
  for (const [at, { name, save }] of lists.entries()) {
    yield `${at === 0 ? '' : ','}\n${JSON.stringify(name)}: [`;
    yield* itemsOf(save());
    yield ']';
  }
  yield '\n}}\n';
}

/** One on each line. */
function* itemsOf(items: Iterable<unknown>): Generator<string> {
  let lines: string[] = [];
  let separator = '\n';
  for (const item of items) {
    lines.push(JSON.stringify(item));
    if (lines.length < PIECE_ITEMS) continue;
    yield separator + lines.join(',\n');
    separator = ',\n';
    lines = [];
  }
  if (lines.length > 0) yield separator + lines.join(',\n');
}
