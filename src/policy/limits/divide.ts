// Max-min fair parts of a whole.

/**
 * Parts of `whole` in the order of `demands`, at least one. They use it up, and none is below its demand or an equal
 * part, whichever is less. The part that no demand takes is shared equally on top.
 */
export function divide(whole: number, demands: readonly number[]): number[] {
  const parts = new Array<number>(demands.length).fill(0);
  const modestFirst = [...demands.entries()].sort(([, one], [, other]) => one - other);
  let left = whole;
  for (const [rank, [at, demand]] of modestFirst.entries()) {
    const part = Math.min(demand, left / (demands.length - rank));
    parts[at] = part;
    left -= part;
  }
  const spare = Math.max(0, left) / demands.length;
  return parts.map((part) => part + spare);
}
