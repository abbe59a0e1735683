// "Did you mean": the known word that is nearest to a misspelt one.

/** ` did you mean "WORD"?` with its leading `;`, or nothing where no known word is near. */
export function didYouMean(word: string, known: readonly string[], prefix = ''): string {
  const nearest = suggest(word, known);
  return nearest === undefined ? '' : `; did you mean "${prefix}${nearest}"?`;
}

/**
 * The known word that `word` abbreviates without doubt, or else the one within a third of its length in edits, or else the one
 * with which it begins.
 */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const asked = word.toLowerCase().replaceAll('_', '-');
  const longer = known.filter((candidate) => asked.length > 1 && candidate.startsWith(asked));
  if (longer.length === 1) return longer[0];
  const shorter = known.filter((candidate) => candidate.length > 2 && asked.startsWith(candidate));
  const limit = Math.floor(asked.length / 3);
  const near = known
    .filter((candidate) => Math.abs(candidate.length - asked.length) <= limit)
    .map((candidate) => ({ candidate, edits: editDistance(asked, candidate) }))
    .sort((one, other) => one.edits - other.edits)[0];
  if (near !== undefined && near.edits <= limit) return near.candidate;
  return shorter.length === 1 ? shorter[0] : undefined;
}

/** Letters to insert, delete, replace, or swap with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const line = [row];
    for (let column = 1; column <= to.length; column++) {
      const changed = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      line[column] = Math.min(
        at(line, column - 1) + 1,
        at(last, column) + 1,
        at(last, column - 1) + changed,
        swapped ? at(beforeLast, column - 2) + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = line;
  }
  return at(last, to.length);
}

function at(line: readonly number[], column: number): number {
  return line[column] ?? Infinity;
}
