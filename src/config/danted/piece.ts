// What becomes of a part of a sockd.conf.

/** `line` is that of the sockd.conf. */
export type Piece =
  /** `keyword = text` of our configuration. */
  | { readonly kind: 'setting'; readonly line: number; readonly keyword: string; readonly text: string }
  /** Something to know; nothing is lost. */
  | { readonly kind: 'note'; readonly line: number; readonly text: string }
  /** `what` could not be carried over, or not wholly. */
  | { readonly kind: 'left'; readonly line: number; readonly what: string; readonly why: string };

export function setting(line: number, keyword: string, text: string): Piece {
  return { kind: 'setting', line, keyword, text };
}

export function note(line: number, text: string): Piece {
  return { kind: 'note', line, text };
}

export function left(line: number, what: string, why: string): Piece {
  return { kind: 'left', line, what, why };
}
