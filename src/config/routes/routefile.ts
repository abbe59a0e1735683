// A file of routes in the format of srelay.conf: a route on each line.

export interface RouteLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** The lines that say something, without the comments, which begin at a word with `#` or `;`. */
export function splitRouteFile(text: string): readonly RouteLine[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((raw, at) => ({ line: at + 1, text: raw.replace(/(^|[\s,])[#;].*$/s, '').trim() }))
    .filter((line) => line.text !== '');
}
