// The bytes of files that a configuration is made of. A process that has its configuration from another one has the files from there
// as well: as they were when that one read them, and also those that only root may read.
import { readFileSync } from 'node:fs';

/** By absolute path. */
export type Contents = ReadonlyMap<string, Uint8Array>;

let given: Contents | undefined;
let noted: Map<string, Uint8Array> | undefined;

/** The content of `file`. Throws the system's error. */
export function readContent(file: string): Buffer {
  const known = given?.get(file);
  const content = known === undefined ? readFileSync(file) : Buffer.from(known);
  noted?.set(file, content);
  return content;
}

/** Whether `file` comes from another process, which has looked at its rights. */
export function isGiven(file: string): boolean {
  return given?.has(file) === true;
}

/** From now on these files have this content, whatever is on the disk. */
export function giveContents(contents: Contents): void {
  given = contents;
}

/** What has been read since the last call; the first call begins to take note. */
export function takeContents(): Contents {
  const before = noted ?? new Map<string, Uint8Array>();
  noted = new Map();
  return before;
}
