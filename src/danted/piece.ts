// The conversion of one part of a sockd.conf.

/** `line` is that of the sockd.conf. */
export type Piece =
  /** `keyword = text` of our configuration. */
  | { readonly kind: 'setting'; readonly line: number; readonly keyword: string; readonly text: string }
  /** Something to know; nothing is lost. */
  | { readonly kind: 'note'; readonly line: number; readonly text: string }
  /** `what` could not be carried over, or not wholly. */
  | { readonly kind: 'left'; readonly line: number; readonly what: string; readonly why: string }
  /** A line that no start accepts, for a statement without which the rest would allow more than Dante does. */
  | { readonly kind: 'stop'; readonly line: number; readonly text: string };

export function setting(line: number, keyword: string, text: string): Piece {
  return { kind: 'setting', line, keyword, text };
}

export function note(line: number, text: string): Piece {
  return { kind: 'note', line, text };
}

export function left(line: number, what: string, why: string): Piece {
  return { kind: 'left', line, what, why };
}

/** `what` could not be converted, and the daemon must not start before the operator has done what `mend` says. */
export function missing(line: number, what: string, why: string, mend: string): readonly Piece[] {
  return [left(line, what, why), { kind: 'stop', line, text: mend }];
}
