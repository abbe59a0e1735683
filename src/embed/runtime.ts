// Detects the JavaScript runtime. The engine is an addon over libuv's loop, which only Node.js has: Bun panics at it, and Deno
// crashes.

type Versions = Readonly<Record<string, string | undefined>>;

/** Bun and Deno take the place of Node.js, whose version they name too, and name themselves. */
export function hasEngine(versions: Versions = process.versions): boolean {
  return versions['bun'] === undefined && versions['deno'] === undefined;
}
