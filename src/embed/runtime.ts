// Which JavaScript runtime this is. The engine is an addon over libuv's loop, which only Node.js has.

/** Bun and Deno take the place of Node.js, and name themselves. */
export function hasEngine(): boolean {
  const { versions } = process as { readonly versions: Readonly<Record<string, string | undefined>> };
  return versions['bun'] === undefined && versions['deno'] === undefined;
}
