// The program of hashing threads is read once and kept: the file may be replaced, hidden by a chroot or unreadable for the service
// account when the next thread starts.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../base/packageroot.ts';
import { findNativeFiles, ownNatives } from './nativefiles.ts';
import type { NativeFiles } from './natives.ts';

export interface ThreadSource {
  /** A whole program as text, or the URL of a source file. */
  readonly script: string | URL;
  readonly natives: NativeFiles;
}

/**
 * Reads it. The native parts stay loaded in this process: with glibc and its like a thread that loads them by the same path
 * gets them from memory. Throws what the system says where a part is missing or unreadable.
 */
export function readThreadSource(): ThreadSource {
  const natives = findNativeFiles();
  // It also finds libcrypt, which is loaded with the first call.
  ownNatives().crypt?.(new Uint8Array(0), '*');
  return { script: readScript(), natives };
}

export function startThread({ script, natives }: ThreadSource): Worker {
  const options = { name: 'password check', env: {}, stdin: false, workerData: natives };
  return typeof script === 'string'
    ? new Worker(script, { ...options, eval: true })
    : new Worker(script, options);
}

/** The joined file of the build (scripts/bundle.js); from the sources their TypeScript, which a thread reads as its process does. */
function readScript(): string | URL {
  if (!import.meta.url.endsWith('.ts')) {
    return readFileSync(fileURLToPath(new URL('dist/program/worker.js', packageRoot())), 'utf8');
  }
  return new URL('./worker.ts', import.meta.url);
}
