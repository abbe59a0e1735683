// What one association has sent without an answer to addresses that it no longer keeps in mind. Without it whoever sends
// to enough others in between could flood a silent address over and over.
import { randomBytes } from 'node:crypto';

/**
 * Addresses share a place, so that no number of them takes more room: one may then pay for another, which is nothing as
 * long as both were only asked a question.
 */
const PLACES = 1024;

/** Nobody shall know who shares a place with whom. Made for the first debt. */
let seed: number | undefined;

export class ReplyDebts {
  /** Bytes; made for the first debt. */
  #places: Float64Array | undefined;

  /** Remembers that `host` is forgotten with so many bytes unanswered. */
  keep(host: string, bytes: number): void {
    if (bytes === 0) return;
    this.#places ??= new Float64Array(PLACES);
    const place = placeOf(host);
    this.#places[place] = (this.#places[place] ?? 0) + bytes;
  }

  /** What `host` is remembered with; whoever takes it has to keep it again. */
  take(host: string): number {
    if (this.#places === undefined) return 0;
    const place = placeOf(host);
    const bytes = this.#places[place] ?? 0;
    this.#places[place] = 0;
    return bytes;
  }
}

/** FNV-1a over the text. */
function placeOf(host: string): number {
  seed ??= randomBytes(4).readInt32LE();
  let mixed = seed;
  for (let at = 0; at < host.length; at++) mixed = Math.imul(mixed ^ host.charCodeAt(at), 0x0100_0193);
  return (mixed >>> 16) % PLACES;
}
